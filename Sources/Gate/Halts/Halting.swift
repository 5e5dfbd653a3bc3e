package import Domain
package import JSON
import Postgres
package import Store

/// What a stop is asked to do.
package struct HaltRequest: Sendable, Hashable {
    package var scope: OpenHalt.Scope
    /// The strategy, symbol or bot; empty for the account.
    package var target: String
    package var reason: String
    package var cause: String
    /// Whether orders that reduce a position may still go out.
    package var allowsReducing: Bool

    /// A stop.
    package init(
        scope: OpenHalt.Scope = .account, target: String = "", reason: String, cause: String = "manual",
        allowsReducing: Bool = false
    ) {
        self.scope = scope
        self.target = target
        self.reason = reason
        self.cause = cause
        self.allowsReducing = allowsReducing
    }
}

/// What a stop did, or would do.
package struct HaltOutcome: Sendable {
    /// The halt; nil in a dry run.
    package let halt: HaltRecord?
    package let cancelledProposals: [Identifier]
    package let cancelledOrders: [Identifier]
    package let tradingState: TradingState

    /// The outcome as the API shows it.
    package var json: JSONValue {
        [
            "halt": halt?.json ?? .null, "dry_run": .bool(halt == nil),
            "trading_state": .string(tradingState.rawValue),
            "cancelled": [
                "proposals": .array(cancelledProposals.map { .string($0.text) }),
                "orders": .array(cancelledOrders.map { .string($0.text) }),
            ],
        ]
    }
}

/// Stops trading and lets it go on.
package struct Halting: Sendable {
    let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Latches a halt and cancels everything pending, held and unclaimed that it reaches, at once.
    package func halt(_ request: HaltRequest, by actor: String, isDryRun: Bool = false) async throws
        -> HaltOutcome
    {
        try await context.pool.transaction { [context] session in
            try AccountLock.exclusive(in: session)
            if isDryRun { return try Self.foresee(request, in: session) }
            return try Self.open(request, by: actor, context, in: session)
        }
    }

    /// The halts that are open.
    package func listOpen() async throws -> [HaltRecord] {
        try await context.pool.withSession { session in try HaltStore.listOpen(in: session) }
    }

    /// Halts from the newest to the oldest, cleared ones too.
    package func list(limit: Int = 100) async throws -> [HaltRecord] {
        try await context.pool.withSession { session in try HaltStore.list(limit: limit, in: session) }
    }

    private static func foresee(_ request: HaltRequest, in session: PostgresSession) throws -> HaltOutcome {
        let open = try HaltStore.listOpen(in: session)
        return HaltOutcome(
            halt: nil,
            cancelledProposals: try ProposalTransitions.reached(
                scope: request.scope.rawValue, target: request.target, allowsReducing: request.allowsReducing,
                in: session),
            cancelledOrders: try OrderRelease.reached(
                scope: request.scope.rawValue, target: request.target, allowsReducing: request.allowsReducing,
                in: session),
            tradingState: TradingState(halts: open))
    }

    /// The halt itself and its entry come first and stay, whatever becomes of the rest: an open halt alone already
    /// keeps everything from going out.
    private static func open(
        _ request: HaltRequest, by actor: String, _ context: GateContext, in session: PostgresSession
    ) throws -> HaltOutcome {
        let halt = try HaltStore.open(
            id: context.newIdentifier(at: DatabaseClock.now(in: session)), scope: request.scope,
            target: request.target, cause: request.cause, reason: request.reason,
            allowsReducing: request.allowsReducing, by: actor, in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "halt.opened", actor: actor, subject: "halt:\(halt.id)",
                    data: halt.json.objectValue ?? [:])
            ], in: session)
        let reached = try? session.savepoint { try cancel(halt, request, by: actor, in: session) }
        return HaltOutcome(
            halt: halt, cancelledProposals: reached?.proposals ?? [], cancelledOrders: reached?.orders ?? [],
            tradingState: TradingState(halts: try HaltStore.listOpen(in: session)))
    }

    private static func cancel(
        _ halt: HaltRecord, _ request: HaltRequest, by actor: String, in session: PostgresSession
    ) throws -> (proposals: [Identifier], orders: [Identifier]) {
        let (scope, reason) = (request.scope.rawValue, "halted: \(request.reason)")
        let proposals = try ProposalTransitions.cancelHalted(
            scope: scope, target: request.target, allowsReducing: request.allowsReducing, by: actor,
            reason: reason, in: session)
        let orders = try OrderRelease.cancelHalted(
            scope: scope, target: request.target, allowsReducing: request.allowsReducing, reason: reason,
            in: session)
        try tell(halt, proposals, orders, by: actor, in: session)
        return (proposals, orders.map(\.orderID))
    }

    private static func tell(
        _ halt: HaltRecord, _ proposals: [Identifier],
        _ orders: [(orderID: Identifier, proposalID: Identifier)], by actor: String,
        in session: PostgresSession
    ) throws {
        let records = try ProposalQueries.find(proposals, in: session)
        let entries =
            records.map { $0.entry("cancelled", by: actor, ["halt_id": .string(halt.id.text)]) }
            + orders.map {
                JournalDraft(
                    kind: "order.cancelled", actor: actor, subject: "order:\($0.orderID)",
                    data: ["halt_id": .string(halt.id.text), "proposal_id": .string($0.proposalID.text)])
            }
        try JournalStore.append(entries, in: session)
        var messages = [DeliveryRequest(kind: "halt-opened", priority: 1, data: halt.json.objectValue ?? [:])]
        messages += records.map { $0.outcome(.cancelled) }
        messages += orders.map {
            DeliveryRequest(
                kind: "order-cancelled", proposalID: $0.proposalID, orderID: $0.orderID, priority: 3)
        }
        try DeliveryQueue.enqueue(messages, in: session)
        try ProposalNotice.send(in: session)
    }
}

extension TradingState {
    /// The state that follows from the open halts; only those on the whole account count.
    package init(halts: [HaltRecord]) {
        let account = halts.filter { $0.scope == .account && $0.clearedAt == nil }
        if account.isEmpty {
            self = .active
        } else {
            self = account.allSatisfy(\.allowsReducing) ? .reducing : .halted
        }
    }
}

extension HaltRecord {
    /// The halt as the API shows it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "scope": .string(scope.rawValue),
            "target": .text(target.isEmpty ? nil : target),
            "cause": .string(cause), "reason": .string(reason), "allows_reducing": .bool(allowsReducing),
            "opened_at": .string(openedAt.rfc3339), "opened_by": .string(openedBy),
            "cleared_at": .text(clearedAt?.rfc3339), "cleared_by": .text(clearedBy),
            "clear_reason": .text(clearReason),
        ]
    }
}
