import JSON
import Logging
import Postgres

/// A job that is done again and again until its task is cancelled, and never gives up.
struct BackgroundLoop: Sendable {
    /// After so many seconds at most a failed round is tried again.
    private static let maxBackoffSeconds = 30.0

    let name: String
    let logger: Logger
    /// Begins the next round now.
    let signal = WakeSignal()
    /// One round; returns for how many seconds there is nothing to do.
    let round: @Sendable () async throws -> Double

    init(_ name: String, logger: Logger, round: @escaping @Sendable () async throws -> Double) {
        self.name = name
        self.logger = logger
        self.round = round
    }

    /// Works until the task is cancelled.
    func run() async {
        await PostgresPool.$isInBackground.withValue(true) { await work() }
    }

    private func work() async {
        var failures = 0
        while !Task.isCancelled {
            do {
                let pause = try await round()
                if failures > 0 { logger.info("loop.recovered", ["loop": .string(name)]) }
                failures = 0
                await signal.wait(seconds: max(0.01, pause))
            } catch {
                if Task.isCancelled { return }
                failures += 1
                let pause = min(Self.maxBackoffSeconds, 0.5 * Double(1 << min(failures - 1, 6)))
                logger.warning(
                    "loop.failed",
                    [
                        "loop": .string(name), "error": .string("\(error)"), "failures": .integer(failures),
                        "retry_in_ms": .integer(Int(pause * 1000)),
                    ])
                // A notification says nothing about whether the fault is gone.
                try? await Task.sleep(for: .seconds(pause))
            }
        }
    }
}
