import Domain
import Gate
import JSON
import Logging
import Notifications
import Postgres
import Reports
import Store

/// What the server does without being asked.
struct ServerLoops: Sendable {
    private static let housekeepingSeconds = 3600.0

    let gate: GateContext
    let identity: Identity
    let logger: Logger
    /// The private database, where the server has one.
    let cluster: PrivateCluster?
    let sending: DeliveryLoop
    /// Hears of what other servers, or this one, changed.
    let listener: PostgresListener

    /// Runs everything until the task is cancelled.
    func run() async {
        let expiry = expiry
        var loops = [
            expiry, heldApprovals, halts, breakers, alerts, lapsing, sealing, reminding, reporting,
            hindsight, housekeeping,
        ]
        if let cluster { loops.append(databaseWatch(cluster)) }
        await withDiscardingTaskGroup { group in
            for loop in loops { group.addTask { await loop.run() } }
            group.addTask { await wake(expiry) }
            group.addTask {
                await sending.run(wokenBy: listener)
            }
        }
    }

    /// A new proposal may have the nearest deadline.
    ///
    /// Deadlines are a minute away at least, so not every change is worth a look, and the next look is five seconds
    /// away at most.
    private func wake(_ loop: BackgroundLoop) async {
        var last: ContinuousClock.Instant?
        for await _ in listener.events(on: [ProposalNotice.channel]) {
            if let last, last.duration(to: .now) < .milliseconds(250) { continue }
            last = .now
            loop.signal.wake()
        }
    }

    /// Sleeps to the nearest deadline; looks every five seconds all the same.
    private var expiry: BackgroundLoop {
        let expiry = Expiry(gate)
        return BackgroundLoop("expiry", logger: logger) {
            let count = try await expiry.sweep()
            if count > 0 { logger.info("proposals.expired", ["count": .integer(count)]) }
            return min(5, try await expiry.secondsToNextDeadline() ?? 5)
        }
    }

    private var heldApprovals: BackgroundLoop {
        let releasing = Releasing(gate)
        return BackgroundLoop("held-approvals", logger: logger) {
            _ = try await releasing.releaseHeld()
            return 1
        }
    }

    /// Finishes what halts could not do when they were opened.
    private var halts: BackgroundLoop {
        let halting = Halting(gate)
        return BackgroundLoop("halts", logger: logger) {
            var pause = 1.0
            for finish in try await halting.finishOpen() {
                var fields: JSONObject = [
                    "halt_id": .string(finish.haltID.text), "cancelled": .integer(finish.cancelled),
                ]
                if let failure = finish.failure {
                    fields["error"] = .string(failure)
                    logger.error("halt.incomplete", fields)
                    pause = 5
                } else {
                    logger.info("halt.completed", fields)
                }
            }
            return pause
        }
    }

    /// Trips what only time trips: a worker that fell silent reports no losses.
    private var breakers: BackgroundLoop {
        let watch = BreakerWatch(gate)
        let begun = ContinuousClock.now
        return BackgroundLoop("breakers", logger: logger) {
            let up = Int((ContinuousClock.now - begun).components.seconds)
            let tripped = try await watch.tick(upSeconds: up)
            if tripped > 0 { logger.error("breakers.tripped", ["count": .integer(tripped)]) }
            return 10
        }
    }

    /// Raises what stands, ends what is over, and tells again what nobody took note of.
    private var alerts: BackgroundLoop {
        let watch = AlertWatch(gate)
        let begun = ContinuousClock.now
        return BackgroundLoop("alerts", logger: logger) {
            let up = Int((ContinuousClock.now - begun).components.seconds)
            let look = try await watch.look(upSeconds: up)
            for title in look.raised { logger.warning("alert.raised", ["title": .string(title)]) }
            if look.told > 0 { logger.info("alerts.told", ["count": .integer(look.told)]) }
            return 5
        }
    }

    private var lapsing: BackgroundLoop {
        let lapsing = Lapsing(gate)
        return BackgroundLoop("lapsing", logger: logger) {
            let (count, next) = try await lapsing.lapseOnce()
            if count > 0 { logger.info("orders.lapsed", ["count": .integer(count)]) }
            let now = SystemClock.now()
            return next.map { min(2, max(0.05, Double($0.microseconds - now.microseconds) / 1_000_000)) } ?? 2
        }
    }

    private var sealing: BackgroundLoop {
        let sealing = Sealing(gate)
        let limit = 1000
        let pace = SealingPace()
        return BackgroundLoop("sealing", logger: logger) {
            pace.pause(afterFullLot: try await sealing.sealOnce(limit: limit) == limit)
        }
    }

    /// Reminds before time runs out, and notices when a request reached nobody.
    private var reminding: BackgroundLoop {
        let reminding = Reminding(gate)
        return BackgroundLoop("reminding", logger: logger) {
            let found = try await reminding.look()
            if !found.reminded.isEmpty {
                logger.info("approvals.reminded", ["count": .integer(found.reminded.count)])
            }
            if !found.unheard.isEmpty {
                logger.error(
                    "approvals.unheard",
                    [
                        "proposals": .array(found.unheard.map { .string($0.text) }),
                        "detail": "No channel has taken these requests a minute after they were stored.",
                    ])
            }
            return 5
        }
    }

    /// Makes the reports that are due; looks every half minute, so that one that was missed is made soon after.
    private var reporting: BackgroundLoop {
        let making = ReportMaking(pool: gate.pool)
        return BackgroundLoop("reporting", logger: logger) {
            for made in try await making.makeDue() {
                logger.info("report.made", ["report": .string(made)])
            }
            return 30
        }
    }

    /// Looks what untraded proposals would have made: soon again while bars are to come, else now and then.
    private var hindsight: BackgroundLoop {
        let making = HindsightMaking(pool: gate.pool)
        return BackgroundLoop("hindsight", logger: logger) {
            let (settled, isWaiting) = try await making.run()
            if settled > 0 { logger.info("hindsight.settled", ["count": .integer(settled)]) }
            return isWaiting ? 20 : 600
        }
    }

    private var housekeeping: BackgroundLoop {
        BackgroundLoop("housekeeping", logger: logger) {
            try await identity.pruneAttempts()
            return Self.housekeepingSeconds
        }
    }

    /// Starts the private database again where it went away.
    private func databaseWatch(_ cluster: PrivateCluster) -> BackgroundLoop {
        BackgroundLoop("private-database", logger: logger) {
            guard case .running = try await cluster.status() else {
                logger.warning("database.starting", ["directory": .string(cluster.directory)])
                _ = try await cluster.start()
                return 1
            }
            return 2
        }
    }
}
