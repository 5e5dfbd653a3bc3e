import Domain
import JSON
import Postgres
import Store

/// Tells of executions that no order's own message tells: stops and targets, and what was not made here.
///
/// They are looked for among what is stored, because an execution may be known before it is known whose it is.
enum ExitAlerts {
    /// Raises what nobody was told of yet; tells the titles.
    static func raise(in session: PostgresSession) throws -> [String] {
        let executions = try AlertQueries.untoldExecutions(in: session)
        guard !executions.isEmpty else { return [] }
        let commands = try CommandStore.list(limit: 50, in: session)
        var titles: [String] = []
        var seen: Set<String> = []
        for execution in executions where seen.insert(execution.identity).inserted {
            guard let draft = try draft(execution, commands, in: session) else { continue }
            if try AlertRaising.raise(draft, counts: false, in: session).isNew { titles.append(draft.title) }
        }
        return titles
    }

    /// Nil where it was told otherwise: the closing of positions tells of itself.
    private static func draft(
        _ execution: UntoldExecution, _ commands: [CommandRecord], in session: PostgresSession
    ) throws -> AlertDraft? {
        switch execution.part {
        case .entry: return nil
        case .external:
            return commands.contains { $0.explains(execution) } ? nil : foreign(execution)
        case .exit:
            let key = BookKey(.account, "", execution.symbol)
            let left = try PositionStore.find([key], in: session)[key]?.qty ?? .zero
            return try isStop(execution, in: session) ? stopHit(execution, left) : target(execution, left)
        }
    }

    /// Whether a stop made the execution: by which of its order's stop and target the price is nearer to.
    private static func isStop(_ execution: UntoldExecution, in session: PostgresSession) throws -> Bool {
        let order = try execution.orderID.flatMap { try OrderQueries.find($0, in: session) }
        let terms = try order.flatMap { try ProposalQueries.find($0.proposalID, in: session) }?.terms
        guard let stop = terms?.stopLoss?.stopPrice else { return false }
        guard let target = terms?.takeProfitLimitPrice else { return true }
        return (stop - execution.price).magnitude < (target - execution.price).magnitude
    }

    private static func stopHit(_ execution: UntoldExecution, _ left: ExactDecimal) -> AlertDraft {
        AlertDraft(
            .stopLossHit, title: "Stop hit: \(words(execution))", detail: rest(left),
            evidence: evidence(execution), subject: "symbol:\(execution.symbol)", dedupKey: key(execution))
    }

    private static func target(_ execution: UntoldExecution, _ left: ExactDecimal) -> AlertDraft {
        AlertDraft(
            .positionClosed, title: "Target reached: \(words(execution))", detail: rest(left),
            evidence: evidence(execution), subject: "symbol:\(execution.symbol)", dedupKey: key(execution))
    }

    private static func foreign(_ execution: UntoldExecution) -> AlertDraft {
        AlertDraft(
            .foreignExecution, title: "Not made here: \(words(execution))",
            detail:
                "The account traded without an approval in Countersign. If none of you did it at the broker, treat the broker's"
                + " keys as stolen: revoke them there, and stop trading.",
            evidence: evidence(execution), subject: "symbol:\(execution.symbol)", dedupKey: key(execution))
    }

    private static func key(_ execution: UntoldExecution) -> String { "execution:\(execution.identity)" }

    private static func rest(_ left: ExactDecimal) -> String {
        left.isZero ? "The position is closed." : "\(left.magnitude.grouped()) are left."
    }

    private static func words(_ execution: UntoldExecution) -> String {
        let deed = execution.side == .buy ? "bought" : "sold"
        return
            "\(execution.symbol) \(deed) \(execution.qty.grouped()) at $\(execution.price.grouped(minimumPlaces: 2))"
    }

    private static func evidence(_ execution: UntoldExecution) -> JSONObject {
        [
            "symbol": .string(execution.symbol), "side": .string(execution.side.rawValue),
            "qty": .decimal(execution.qty), "price": .decimal(execution.price),
            "executed_at": .string(execution.executedAt.rfc3339), "strategy": .text(execution.strategy),
            "order_id": .text(execution.orderID?.text),
        ]
    }
}

extension CommandRecord {
    /// Whether an execution comes of closing positions, which the worker was told to do.
    fileprivate func explains(_ execution: UntoldExecution) -> Bool {
        guard kind == .flatten || kind == .closePosition && symbol == execution.symbol else { return false }
        guard execution.receivedAt >= issuedAt else { return false }
        return finishedAt.map { execution.receivedAt <= $0.adding(minutes: 15) } ?? true
    }
}
