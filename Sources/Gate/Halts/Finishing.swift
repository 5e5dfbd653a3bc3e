package import Domain
import JSON
import Postgres
import Store

extension Halting {
    /// What was tried again for one halt.
    package struct Finish: Sendable {
        package let haltID: Identifier
        /// What still went wrong, for the log; nil where the halt is carried out wholly now.
        package let failure: String?
        /// How many proposals and orders were cancelled this time.
        package let cancelled: Int
    }

    private static let maxRowsAtOnce = 1000

    /// Carries on with the open halts that did not cancel all they reach, or of which nobody was told yet.
    package func finishOpen() async throws -> [Finish] {
        let halts = try await context.pool.withSession { session in
            try HaltStore.listUnfinished(in: session)
        }
        var finishes: [Finish] = []
        for halt in halts {
            do {
                if let finish = try await finish(halt.id) { finishes.append(finish) }
            } catch {
                finishes.append(Finish(haltID: halt.id, failure: "\(error)", cancelled: 0))
            }
        }
        return finishes
    }

    /// Nil where another server was quicker.
    private func finish(_ id: Identifier) async throws -> Finish? {
        try await context.pool.transaction { session in
            try AccountLock.limitWaiting(milliseconds: Self.maxWaitMilliseconds, in: session)
            try AccountLock.exclusive(in: session)
            guard let halt = try HaltStore.lock(id, in: session), halt.clearedAt == nil,
                halt.toldAt == nil || halt.completedAt == nil
            else { return nil }
            let outcome = try Self.carryOn(halt, in: session)
            return Finish(
                haltID: id, failure: outcome.failure,
                cancelled: outcome.cancelledProposals.count + outcome.cancelledOrders.count)
        }
    }

    /// Cancels what an unfinished halt reaches, all at once or, where that fails, each by itself.
    static func carryOn(_ halt: HaltRecord, in session: PostgresSession) throws -> HaltOutcome {
        var carrying = HaltCarrying()
        if halt.completedAt == nil {
            carrying.attempt { reached in
                reached = try session.savepoint { try HaltCarrying.cancelAll(halt, in: session) }
            }
            if carrying.failure != nil {
                try carrying.cancelEach(halt, limit: Self.maxRowsAtOnce, in: session)
            }
        }
        let outcome = try carrying.conclude(halt, in: session)
        if halt.completedAt == nil, outcome.isComplete == true {
            try JournalStore.append(
                [
                    JournalDraft(
                        kind: "halt.completed", actor: "system", subject: "halt:\(halt.id)",
                        data: [
                            "proposals": .integer(outcome.cancelledProposals.count),
                            "orders": .integer(outcome.cancelledOrders.count),
                        ])
                ], in: session)
        }
        return outcome
    }
}
