package import Domain
import JSON
import Postgres
package import Store

extension Halting {
    /// Clears one halt.
    package func clear(
        _ id: Identifier, reason: String, acknowledges: Bool = false, by caller: Caller
    ) async throws -> HaltRecord {
        let request = ResumeRequest(reason: reason, acknowledges: acknowledges)
        let cleared = try await clear(request, by: caller) { session in
            guard let halt = try HaltStore.lock(id, in: session) else { throw Refusal.notFound("halt") }
            guard halt.clearedAt == nil else {
                throw Refusal(
                    .conflict, "This halt was already cleared by \(halt.clearedBy ?? "somebody").",
                    facts: ["cleared_at": .text(halt.clearedAt?.rfc3339)])
            }
            return [halt]
        }
        return cleared[0]
    }

    /// Clears every halt on the account, so that trading goes on; the halts on strategies, symbols and bots stay.
    package func resume(_ request: ResumeRequest, by caller: Caller) async throws -> [HaltRecord] {
        try await clear(request, by: caller) { session in
            try HaltStore.listOpen(in: session).filter { $0.scope == .account }
        }
    }

    private func clear(
        _ request: ResumeRequest, by caller: Caller,
        _ choose: @escaping @Sendable (PostgresSession) throws -> [HaltRecord]
    ) async throws -> [HaltRecord] {
        guard caller.mayOperate else {
            throw Refusal(.notAllowed, "Only operators and admins may let trading go on.")
        }
        return try await context.pool.transaction { [context] session in
            try AccountLock.exclusive(in: session)
            let halts = try choose(session)
            for halt in halts { try Self.requireSecondPerson(halt, caller, in: session) }
            try Self.requireNoFlatten(halts, in: session)
            for halt in halts { try Self.requireComplete(halt, in: session) }
            for halt in halts { try Self.clear(halt, request, by: caller.journalActor, in: session) }
            try Self.withdrawCancellations(by: caller.journalActor, in: session)
            try Self.letBreakersGo(halts, request, by: caller.journalActor, in: session)
            if let factor = request.limitsFactor {
                try Self.setLimits(to: factor, request, by: caller.journalActor, context, in: session)
            }
            try Self.tellCleared(halts, request, by: caller.journalActor, in: session)
            return try halts.compactMap { try HaltStore.lock($0.id, in: session) }
        }
    }

    /// Each by itself, under the message that told of it.
    private static func tellCleared(
        _ halts: [HaltRecord], _ request: ResumeRequest, by actor: String, in session: PostgresSession
    ) throws {
        let requests = halts.map { halt in
            let data = (halt.json.objectValue ?? [:]).merging([
                "stopped_because": .string(halt.reason), "reason": .string(request.reason),
                "by": .string(actor),
            ])
            return DeliveryRequest(
                kind: "halt-cleared", subject: halt.deliverySubject, priority: 2, data: data)
        }
        try DeliveryQueue.enqueue(requests, in: session)
    }

    private static func clear(
        _ halt: HaltRecord, _ request: ResumeRequest, by actor: String, in session: PostgresSession
    ) throws {
        try HaltStore.clear(halt.id, by: actor, reason: request.reason, in: session)
        try AlertRaising.end(
            key: AlertDraft.key(ofHalt: halt.id), by: actor, reason: request.reason, told: .nobody,
            in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "halt.cleared", actor: actor, subject: "halt:\(halt.id)",
                    data: ["reason": .string(request.reason), "opened_by": .string(halt.openedBy)])
            ], in: session)
    }

    /// A cancellation that no open halt asks for any more would hit what is approved from now on.
    private static func withdrawCancellations(by actor: String, in session: PostgresSession) throws {
        for command in try CommandStore.orphaned(in: session) where command.kind == .cancelEntries {
            try CommandStore.withdraw(command.id, by: actor, in: session)
            try Commanding.record("command.withdrawn", command, by: actor, message: nil, in: session)
        }
    }

    /// What a halt should have cancelled must not live on because the halt went first.
    private static func requireComplete(_ halt: HaltRecord, in session: PostgresSession) throws {
        guard halt.completedAt == nil else { return }
        let outcome = try carryOn(halt, in: session)
        guard outcome.isComplete == true else {
            throw Refusal(
                .conflict,
                "This halt has not cancelled everything it reaches, so it is not cleared: what it should have"
                    + " cancelled could go out. The server keeps trying; its log says what is in the way.",
                facts: ["halt_id": .string(halt.id.text)])
        }
    }

    /// Who stopped trading does not alone let it go on, where there is somebody else to ask; and a key is nobody:
    /// whatever is stopped, a person lets go on.
    private static func requireSecondPerson(
        _ halt: HaltRecord, _ caller: Caller, in session: PostgresSession
    ) throws {
        let isByPerson = halt.openedBy.hasPrefix("user:")
        let isOwn = halt.openedBy == caller.journalActor
        if let person = caller.person, !isOwn {
            // Also where nobody in person stopped it: whoever made up this person's PIN may be the one at the keyboard.
            return try Identity.requireOwnPIN(of: person, unlessAlone: !isByPerson, in: session)
        }
        guard isByPerson else {
            guard try HaltStore.otherOperators(than: nil, in: session) > 0 else { return }
            let stopper =
                switch halt.openedBy {
                case BreakerWatch.actor: "A breaker"
                case _ where halt.isBySystem: "Countersign"
                default: "A key"
                }
            throw Refusal(
                .secondPersonRequired, "\(stopper) stopped trading; a person has to let it go on, not a key.",
                facts: ["halt_id": .string(halt.id.text)])
        }
        let opener = String(halt.openedBy.dropFirst("user:".count))
        guard try HaltStore.otherOperators(than: opener, in: session) > 0 else { return }
        throw Refusal(
            .secondPersonRequired,
            "\(opener) stopped trading; another operator has to let it go on, in person.",
            facts: ["halt_id": .string(halt.id.text)])
    }
}
