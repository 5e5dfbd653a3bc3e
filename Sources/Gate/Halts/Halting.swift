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
    /// What the worker is told to do at the broker besides; nil for nothing.
    package var atBroker: CommandRecord.Kind?

    /// A stop.
    package init(
        scope: OpenHalt.Scope = .account, target: String = "", reason: String, cause: String = "manual",
        allowsReducing: Bool = false, atBroker: CommandRecord.Kind? = nil
    ) {
        self.scope = scope
        self.target = target
        self.reason = reason
        self.cause = cause
        self.allowsReducing = allowsReducing
        self.atBroker = atBroker
    }
}

/// What a stop did, or would do.
package struct HaltOutcome: Sendable {
    /// The halt; nil in a dry run.
    package let halt: HaltRecord?
    package let cancelledProposals: [Identifier]
    package let cancelledOrders: [Identifier]
    package let tradingState: TradingState
    /// What went wrong while it cancelled or told people, for the log; nil where nothing did.
    package var failure: String?
    /// What the worker was told to do at the broker.
    package var command: CommandRecord?
    /// What it would be told, in a dry run.
    package var foreseen: JSONValue?

    /// Whether everything that it reaches is cancelled; nil in a dry run.
    package var isComplete: Bool? { halt.map { $0.completedAt != nil } }

    /// What is still to be done, for people; nil where nothing is.
    package var unfinishedWords: String? { halt?.unfinishedWords }

    /// The outcome as the API shows it.
    package var json: JSONValue {
        [
            "halt": halt?.json ?? .null, "dry_run": .bool(halt == nil),
            "complete": isComplete.map(JSONValue.bool) ?? .null, "detail": .text(unfinishedWords),
            "trading_state": .string(tradingState.rawValue), "command": command?.json ?? .null,
            "at_broker": foreseen ?? .null,
            "cancelled": [
                "proposals": .array(cancelledProposals.map { .string($0.text) }),
                "orders": .array(cancelledOrders.map { .string($0.text) }),
            ],
        ]
    }
}

/// Stops trading and lets it go on.
package struct Halting: Sendable {
    /// Longer than this a stop waits for nobody: it latches, and what it could not cancel is cancelled later.
    static let maxWaitMilliseconds = 3000

    let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Latches a halt and cancels everything pending, held and unclaimed that it reaches, at once.
    package func halt(_ request: HaltRequest, by actor: String, isDryRun: Bool = false) async throws
        -> HaltOutcome
    {
        try await context.pool.transaction { [context] session in
            if isDryRun { return try Self.foresee(request, in: session) }
            try AccountLock.limitWaiting(milliseconds: Self.maxWaitMilliseconds, in: session)
            return try Self.open(request, by: actor, context, in: session)
        }
    }

    /// The halts that are open.
    package func listOpen() async throws -> [HaltRecord] {
        try await context.pool.withSession { session in try HaltStore.listOpen(in: session) }
    }

    /// Halts from the newest to the oldest, cleared ones too.
    package func list(
        limit: Int = 100, olderThan id: Identifier? = nil, isOpenOnly: Bool = false
    ) async throws -> [HaltRecord] {
        try await context.pool.withSession { session in
            try HaltStore.list(limit: limit, olderThan: id, isOpenOnly: isOpenOnly, in: session)
        }
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
            tradingState: TradingState(halts: open),
            foreseen: try foreseeAtBroker(request, in: session))
    }

    /// The halt itself and its entry come first and stay, whatever becomes of the rest.
    ///
    /// An open halt alone already keeps everything from going out. What fails is left to `finishOpen`.
    static func open(
        _ request: HaltRequest, by actor: String, _ context: GateContext, in session: PostgresSession
    ) throws -> HaltOutcome {
        var carrying = HaltCarrying()
        carrying.attempt { try session.savepoint { try AccountLock.exclusive(in: session) } }
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
        if carrying.failure == nil {
            carrying.attempt { reached in
                reached = try session.savepoint { try HaltCarrying.cancelAll(halt, in: session) }
            }
        }
        // Before people are told, so that one message tells both.
        let (command, failure) = Self.follow(request, halt, by: actor, context, in: session)
        var outcome = try carrying.conclude(halt, in: session)
        outcome.command = command
        outcome.failure = outcome.failure ?? failure
        return outcome
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
    /// What its messages are about: they hang together.
    var deliverySubject: String { "halt:\(id)" }

    /// Whether nobody stopped trading but Countersign itself, as a breaker or an overfill has it do: then it tells people by
    /// itself, in the same transaction, what it stopped and why.
    var isBySystem: Bool { openedBy.hasPrefix("system:") }

    /// The halt as the API shows it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "scope": .string(scope.rawValue),
            "target": .text(target.isEmpty ? nil : target),
            "cause": .string(cause), "reason": .string(reason), "allows_reducing": .bool(allowsReducing),
            "opened_at": .string(openedAt.rfc3339), "opened_by": .string(openedBy),
            "cleared_at": .text(clearedAt?.rfc3339), "cleared_by": .text(clearedBy),
            "clear_reason": .text(clearReason), "complete": .bool(completedAt != nil),
        ]
    }

    /// What an open halt has not done yet, for people; nil where nothing is missing.
    package var unfinishedWords: String? {
        guard clearedAt == nil else { return nil }
        if completedAt == nil {
            return
                "The stop holds and nothing goes out, but not everything it reaches is cancelled yet. The server"
                + " keeps trying until it is. Look again in a minute; if it stays so, look at the server's log."
        }
        return toldAt == nil
            ? "The stop holds and everything it reaches is cancelled, but nobody was told yet. The server"
                + " keeps trying." : nil
    }
}
