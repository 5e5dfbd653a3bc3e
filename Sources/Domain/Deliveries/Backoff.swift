/// How long to wait after each failure before trying again, and when to give up.
package struct Backoff: Sendable, Hashable {
    /// Seconds to wait after the first failure, the second, …; the last repeats.
    package let delaysSeconds: [Double]
    /// The share of a delay by which it varies in either direction, so that many do not come back at once.
    package let jitter: Double
    /// After so many attempts there is no further one; nil for as long as the message is worth sending.
    package let maxAttempts: Int?

    /// A schedule.
    package init(delaysSeconds: [Double], jitter: Double, maxAttempts: Int?) {
        precondition(!delaysSeconds.isEmpty && (0..<1).contains(jitter))
        self.delaysSeconds = delaysSeconds
        self.jitter = jitter
        self.maxAttempts = maxAttempts
    }

    /// For messages to people: 2 seconds doubling up to 15 minutes, given up after about three hours.
    package static let message = Backoff(
        delaysSeconds: [2, 4, 8, 16, 32, 64, 128, 256, 512, 900], jitter: 0.2, maxAttempts: 20)

    /// For the worker's webhook: 0, 1, 2, 5, 10, 20, 20, … seconds, for as long as the approval is valid.
    package static let workerWebhook = Backoff(
        delaysSeconds: [1, 2, 5, 10, 20], jitter: 0, maxAttempts: nil)

    /// Seconds until the next attempt after so many have failed; nil to give up.
    ///
    /// `random` lies in 0 ..< 1.
    package func delaySeconds(afterAttempts attempts: Int, random: Double) -> Double? {
        if let maxAttempts, attempts >= maxAttempts { return nil }
        let delay = delaysSeconds[min(max(attempts, 1), delaysSeconds.count) - 1]
        return delay * (1 + jitter * (2 * random - 1))
    }
}
