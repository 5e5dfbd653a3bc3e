// What the worker is told to do at the broker beside orders: cancel and close. Only the worker that holds the lease
// hears of it; what was done shows at the broker, so that a worker or a server that dies in the middle is carried on by
// the next from what is there.

package import Domain
package import JSON
import Postgres
package import Store

/// Issues commands, takes in how far they are, and takes them back.
package struct Commanding: Sendable {
    let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Commands from the newest to the oldest.
    package func list(limit: Int = 50) async throws -> [CommandRecord] {
        try await context.pool.withSession { session in try CommandStore.list(limit: limit, in: session) }
    }

    /// Has one position closed, whether anything is halted or not.
    package func close(symbol: String, reason: String, by actor: String) async throws -> CommandRecord {
        try await context.pool.transaction { [context] session in
            try AccountLock.exclusive(in: session)
            return try Self.issue(
                .closePosition, Reach(symbol: symbol), reason: reason, haltID: nil, by: actor, context,
                in: session)
        }
    }

    /// Takes a command back; what was done already stays done.
    package func withdraw(_ id: Identifier, reason: String, by caller: Caller) async throws -> CommandRecord {
        guard caller.mayOperate else {
            throw Refusal(.notAllowed, "Only operators and admins may take back a command.")
        }
        return try await context.pool.transaction { session in
            guard let command = try CommandStore.lock(id, in: session) else {
                throw Refusal.notFound("command")
            }
            guard command.finishedAt == nil else {
                throw Refusal(
                    .conflict, "This command has ended already: it is \(command.state.rawValue).",
                    facts: ["state": .string(command.state.rawValue)])
            }
            try CommandStore.withdraw(id, by: caller.journalActor, in: session)
            try Self.record(
                "command.withdrawn", command, by: caller.journalActor, ["reason": .string(reason)],
                message: "command-withdrawn", in: session)
            return try CommandStore.lock(id, in: session) ?? command
        }
    }

    /// Issues a command that reaches as far as a halt does; where one like it is open, that one goes on for both.
    @discardableResult
    static func issue(
        _ kind: CommandRecord.Kind, for halt: HaltRecord, by actor: String, _ context: GateContext,
        in session: PostgresSession
    ) throws -> CommandRecord {
        let command = try issue(
            kind, Reach(scope: halt.scope, target: halt.target), reason: halt.reason, haltID: halt.id,
            by: actor, context, in: session)
        try CommandStore.link(command.id, to: halt.id, in: session)
        return command
    }

    /// What of the account a command is about; all of it where neither is named.
    struct Reach: Sendable, Hashable {
        var symbol: String?
        var strategy: String?

        init(symbol: String) { self.symbol = symbol }

        /// As far as a halt reaches.
        init(scope: OpenHalt.Scope, target: String) throws {
            switch scope {
            case .account: break
            case .symbol: symbol = target
            case .strategy: strategy = target
            case .bot: throw Refusal(.conflict, "The broker's orders are not told apart by bot.")
            }
        }
    }

    private static func issue(
        _ kind: CommandRecord.Kind, _ reach: Reach, reason: String, haltID: Identifier?, by actor: String,
        _ context: GateContext, in session: PostgresSession
    ) throws -> CommandRecord {
        // One that is open may end between the two questions: then the second try issues a new one.
        for _ in 0..<2 {
            let issued = try CommandStore.issue(
                id: context.newIdentifier(at: DatabaseClock.now(in: session)), kind, symbol: reach.symbol,
                strategy: reach.strategy, reason: reason, haltID: haltID, by: actor, in: session)
            if let issued {
                // A breaker, or the message of the halt, tells what is done because of it.
                let message = haltID == nil && actor != BreakerWatch.actor ? "command-issued" : nil
                try record("command.issued", issued, by: actor, message: message, in: session)
                return issued
            }
            let same = try CommandStore.open(in: session).first {
                $0.kind == kind && $0.symbol == reach.symbol && $0.strategy == reach.strategy
            }
            if let same { return same }
        }
        throw Refusal(.conflict, "A command like this ended just now. Look, and ask again.")
    }

    static func record(
        _ kind: String, _ command: CommandRecord, by actor: String, _ data: JSONObject = [:],
        message: String?, in session: PostgresSession
    ) throws {
        let told = command.facts.merging(["by": .string(actor)]).merging(data)
        try JournalStore.append(
            [JournalDraft(kind: kind, actor: actor, subject: "command:\(command.id)", data: told)],
            in: session)
        guard let message else { return }
        let subject = command.haltID.map { "halt:\($0)" } ?? "command:\(command.id)"
        try DeliveryQueue.enqueue(
            [DeliveryRequest(kind: message, subject: subject, priority: 1, data: told)], in: session)
    }
}

extension CommandRecord {
    /// What it is, for the journal and messages.
    var facts: JSONObject {
        [
            "id": .string(id.text), "kind": .string(kind.rawValue), "symbol": .text(symbol),
            "strategy": .text(strategy), "reason": .string(reason), "halt_id": .text(haltID?.text),
        ]
    }

    /// The command as the API shows it.
    package var json: JSONValue {
        .object(
            facts.merging([
                "state": .string(state.rawValue), "progress": progress,
                "issued_at": .string(issuedAt.rfc3339), "issued_by": .string(issuedBy),
                "started_at": .text(startedAt?.rfc3339), "last_report_at": .text(lastReportAt?.rfc3339),
                "worker_id": .text(workerID), "finished_at": .text(finishedAt?.rfc3339),
                "finished_by": .text(finishedBy),
            ]))
    }

    /// What the worker gets with its sync.
    func order(in session: PostgresSession) throws -> JSONValue {
        let names = try strategy.map { try CommandStore.clientOrderIDs(ofStrategy: $0, in: session) }
        return [
            "id": .string(id.text), "kind": .string(kind.rawValue), "symbol": .text(symbol),
            "strategy": .text(strategy),
            "client_order_ids": names.map { .array($0.map(JSONValue.string)) } ?? .null,
            "issued_at": .string(issuedAt.rfc3339), "progress": progress,
        ]
    }
}
