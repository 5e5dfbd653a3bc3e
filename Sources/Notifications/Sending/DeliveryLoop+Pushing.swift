import Store

// Releases go to the worker right after their commit, past the queue: the row in the outbox is taken by this process
// from the beginning, so nobody else sends it until the lease is over, and the number of attempts fences the rest.

extension DeliveryLoop {
    /// A release on its way out, and since when.
    struct Pushed: Sendable {
        let release: PushedRelease
        let at: ContinuousClock.Instant
    }

    /// What waited longer for its turn is left to whoever takes it when its lease is over: an attempt begun now might not
    /// end before.
    private static let patienceSeconds = 5.0

    /// Sends what was pushed, so many at a time, until the task is cancelled.
    func sendPushed() async {
        await withTaskGroup(of: Void.self) { group in
            var running = 0
            for await pushed in pushed {
                if running == limits.pushes {
                    await group.next()
                    running -= 1
                }
                guard pushed.at.duration(to: .now) < .seconds(Self.patienceSeconds) else { continue }
                running += 1
                group.addTask { await self.send(pushed.release) }
            }
        }
    }

    private func send(_ release: PushedRelease) async {
        let attempt = AttemptRun(context: context, attempt: Attempt(release))
        // A cancelled task would break off what is on its way.
        guard await Task.detached(operation: { await attempt.run() }).value else { return wake() }
    }
}
