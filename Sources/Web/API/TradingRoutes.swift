import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// How trading stands: state, account, positions and limits.
    mutating func addTrading() {
        reading("/trading/status", to: "read the trading status", orFor: { $0.mayOperate || $0.mayWork }) {
            call, session in
            try status(call.context.mode, in: session)
        }
        reading("/risk/limits", to: "read the limits") { _, session in try limits(in: session) }
    }

    /// A GET without parameters that reads in one session.
    mutating func reading(
        _ path: String, to deed: String,
        orFor mayBesides: @escaping @Sendable (Caller) -> Bool = { _ in false },
        _ body: @escaping @Sendable (APICall, PostgresSession) throws -> JSONValue
    ) {
        api(.get, path) { call in
            try call.require(call.caller.mayRead || mayBesides(call.caller), to: deed)
            var query = QueryReader(call.request)
            try query.finish()
            return .json(
                try await call.context.gate.pool.withSnapshot { session in try body(call, session) })
        }
    }
}

private func status(_ mode: TradingMode, in session: PostgresSession) throws -> JSONValue {
    let status = try StatusStore.read(in: session)
    let halts = try HaltStore.listOpen(in: session)
    let state = TradingState(halts: halts)
    let breakers = try BreakerReport.all(in: session).filter { $0.isWorthTelling }
    return [
        "mode": .string(mode.rawValue), "trading_state": .string(state.rawValue),
        "trading_enabled": .bool(state == .active && status.policyVersion != nil),
        "halts": .array(halts.map(\.json)), "account_number": .text(status.accountNumber),
        "policy_version": status.policyVersion.map { .integer($0) } ?? .null,
        "pending_proposals": .integer(status.pendingProposals),
        "open_orders": .integer(status.openOrders), "stage": .null,
        "breakers": .array(breakers.map(\.json)),
        "commands": .array(try CommandStore.open(in: session).map(\.json)),
        "limits_lowered": try LimitReductionStore.current(in: session)?.json ?? .null,
        "worker": status.worker.map { worker in
            [
                "id": .string(worker.id), "active": .bool(worker.isActive),
                "last_seen_at": .string(worker.lastSeenAt.rfc3339),
            ]
        } ?? .null,
        "account_received_at": .text(status.accountReceivedAt?.rfc3339),
        "time": .string(status.now.rfc3339),
    ]
}

private func reportedAccount(in session: PostgresSession) throws -> (AccountSnapshot, ageSeconds: Int) {
    guard let (report, receivedAt) = try CheckingStore.accountState(in: session) else {
        throw Refusal(
            .notFound, "No worker has reported the account yet. Start one with `countersign worker`.")
    }
    let snapshot = try AccountSnapshot.parse(report, receivedAt: receivedAt)
    return (snapshot, max(0, try DatabaseClock.now(in: session).seconds(since: receivedAt)))
}

private func limits(in session: PostgresSession) throws -> JSONValue {
    guard let (version, document) = try CheckingStore.newestPolicy(in: session) else {
        throw Refusal(
            .noPolicy,
            "No policy is applied, so nothing is allowed. Apply one with `countersign policy apply`.")
    }
    let opened = try CheckingStore.newPositions(in: session)
    let account = try? reportedAccount(in: session)
    let lowered = try LimitReductionStore.current(in: session)
    var effective = try PolicyDocument.parse(document)
    if let lowered { effective.limits = effective.limits.lowered(by: lowered.factor) }
    return [
        "policy_version": .integer(version), "limits": document["limits"] ?? [:],
        "effective_limits": effective.json["limits"] ?? [:], "limits_lowered": lowered?.json ?? .null,
        "breakers": .array(try BreakerReport.all(in: session).map(\.json)),
        "approval": document["approval"] ?? [:],
        "used": [
            "open_positions": account.map { .integer($0.0.positions.count) } ?? .null,
            "new_positions_today": .integer(opened.today),
            "new_positions_this_week": .integer(opened.thisWeek),
            "equity": .decimal(account?.0.equity), "cash": .decimal(account?.0.cash),
        ],
    ]
}
