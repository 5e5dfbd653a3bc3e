import JSON
import Logging
package import Postgres
package import Store
import Synchronization

/// Sends what is in the outbox, until its task is cancelled.
///
/// Every server runs one; each message is sent by one of them.
///
/// It is woken by notifications, by the moment when something falls due and by every message that is done;
/// without all that it looks every two seconds.
package final class DeliveryLoop: Sendable {
    /// How much one server sends at once.
    package struct Limits: Sendable, Hashable {
        package var lanes: Int
        package var worker: Int
        /// How many releases it sends at once right after their commit.
        package var pushes: Int
        package var pollSeconds: Double
        /// For how long a message is ours before somebody else may send it.
        package var laneLeaseSeconds: Int
        package var workerLeaseSeconds: Int

        package init(
            lanes: Int = 48, worker: Int = 8, pushes: Int = 16, pollSeconds: Double = 2,
            laneLeaseSeconds: Int = 60,
            workerLeaseSeconds: Int = 15
        ) {
            self.lanes = lanes
            self.worker = worker
            self.pushes = pushes
            self.pollSeconds = pollSeconds
            self.laneLeaseSeconds = laneLeaseSeconds
            self.workerLeaseSeconds = workerLeaseSeconds
        }
    }

    private struct Busy {
        var lanes = 0
        var failing = 0
        var worker = 0
        var isUnavailable = false
    }

    /// Every so many seconds, what nobody will send any more is given up, and what got stuck is freed.
    private static let secondsBetweenSweeps = 30

    let context: DeliveryContext
    let limits: Limits
    private let busy = Mutex(Busy())
    private let wakeup = Wake()
    let (pushed, pushing) = AsyncStream.makeStream(
        of: Pushed.self, bufferingPolicy: .bufferingOldest(1000))

    package init(_ context: DeliveryContext, limits: Limits = Limits()) {
        self.context = context
        self.limits = limits
    }

    /// Looks at the outbox now: something was queued.
    package func wake() { wakeup.signal() }

    /// Sends a release that this process took when it was queued, now that it is committed.
    ///
    /// What finds no room here is found in the outbox when its lease is over.
    package func push(_ release: PushedRelease) { pushing.yield(Pushed(release: release, at: .now)) }

    /// Sends until the task is cancelled; then waits for what is on its way.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sweepRepeatedly() }
            group.addTask { await self.sendPushed() }
            while !Task.isCancelled {
                let pause = await round { work in group.addTask { await work() } }
                await wakeup.sleep(seconds: pause)
            }
        }
    }

    /// Sends, woken by a listener's notifications.
    package func run(wokenBy listener: PostgresListener) async {
        let events = listener.events(on: [DeliveryQueue.notificationChannel])
        await withTaskGroup { group in
            group.addTask { await self.run() }
            group.addTask { for await _ in events { self.wake() } }
            await group.next()
            group.cancelAll()
        }
    }

    /// Takes what is due and starts sending it; tells for how long there may be nothing to do.
    private func round(_ start: (@escaping @Sendable () async -> Void) -> Void) async -> Double {
        do {
            let attempts = try await take()
            for attempt in attempts {
                count(attempt, 1)
                // What is on its way when the server stops is finished and written down.
                start { [context] in
                    let run = AttemptRun(context: context, attempt: attempt)
                    _ = await Task.detached { await run.run() }.value
                    self.count(attempt, -1)
                    self.wake()
                }
            }
            busy.withLock { $0.isUnavailable = false }
            let next = try await context.pool.withSession { session in
                try DeliveryClaims.secondsToNext(in: session)
            }
            return min(limits.pollSeconds, max(next ?? limits.pollSeconds, 0.005))
        } catch {
            tell(error)
            return limits.pollSeconds
        }
    }

    private func take() async throws -> [Attempt] {
        let (lanes, failing, worker) = busy.withLock {
            (limits.lanes - $0.lanes, max(0, limits.lanes / 2 - $0.failing), limits.worker - $0.worker)
        }
        let hasWorker = context.worker != nil
        return try await context.pool.transaction { [limits] session in
            var claimed: [ClaimedDelivery] = []
            if hasWorker, worker > 0 {
                claimed += try DeliveryClaims.takeForWorker(
                    limit: worker, leaseSeconds: limits.workerLeaseSeconds, in: session)
            }
            if lanes > 0 {
                claimed += try DeliveryClaims.takeFromLanes(
                    limit: lanes, limitOfFailing: failing, leaseSeconds: limits.laneLeaseSeconds, in: session)
            }
            return try claimed.map { try Attempt.prepare($0, in: session) }
        }
    }

    /// Once an outage, not every two seconds of it.
    private func tell(_ error: any Error) {
        guard !Task.isCancelled else { return }
        let isNews = busy.withLock { busy in
            defer { busy.isUnavailable = true }
            return !busy.isUnavailable
        }
        if isNews { context.logger.warning("deliveries.unavailable", ["error": .string("\(error)")]) }
    }

    private func sweepRepeatedly() async {
        while !Task.isCancelled {
            do {
                try await sweep()
            } catch {
                tell(error)
            }
            try? await Task.sleep(for: .seconds(Self.secondsBetweenSweeps))
        }
    }

    private func sweep() async throws {
        let (stale, stuck) = try await context.pool.transaction { session in
            (
                try DeliveryResults.giveUpStale(limit: 1000, in: session),
                try DeliveryResults.freeStuck(in: session)
            )
        }
        if stale > 0 { context.logger.warning("deliveries.stale", ["count": .integer(stale)]) }
        if stuck > 0 {
            context.logger.warning("deliveries.stuck", ["count": .integer(stuck)])
            wake()
        }
    }

    /// Destinations that fail may hold half of what is sent at once, so that the others always find room.
    private func count(_ attempt: Attempt, _ change: Int) {
        busy.withLock { busy in
            if attempt.record.channelID == nil {
                busy.worker += change
            } else {
                busy.lanes += change
                if attempt.isFailing { busy.failing += change }
            }
        }
    }
}
