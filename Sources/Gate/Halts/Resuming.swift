package import Domain
import JSON
import Postgres
package import Store

extension Halting {
    /// Clears one halt.
    package func clear(_ id: Identifier, reason: String, by caller: Caller) async throws -> HaltRecord {
        let cleared = try await clear(reason: reason, by: caller) { session in
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
    package func resume(reason: String, by caller: Caller) async throws -> [HaltRecord] {
        try await clear(reason: reason, by: caller) { session in
            try HaltStore.listOpen(in: session).filter { $0.scope == .account }
        }
    }

    private func clear(
        reason: String, by caller: Caller,
        _ choose: @escaping @Sendable (PostgresSession) throws -> [HaltRecord]
    ) async throws -> [HaltRecord] {
        guard caller.mayOperate else {
            throw Refusal(.notAllowed, "Only operators and admins may let trading go on.")
        }
        return try await context.pool.transaction { session in
            try AccountLock.exclusive(in: session)
            let halts = try choose(session)
            for halt in halts { try Self.requireSecondPerson(halt, caller, in: session) }
            for halt in halts { try Self.requireComplete(halt, in: session) }
            for halt in halts {
                try HaltStore.clear(halt.id, by: caller.journalActor, reason: reason, in: session)
                try JournalStore.append(
                    [
                        JournalDraft(
                            kind: "halt.cleared", actor: caller.journalActor, subject: "halt:\(halt.id)",
                            data: ["reason": .string(reason), "opened_by": .string(halt.openedBy)])
                    ], in: session)
            }
            if !halts.isEmpty {
                try DeliveryQueue.enqueue(
                    [
                        DeliveryRequest(
                            kind: "halt-cleared", priority: 2,
                            data: ["reason": .string(reason), "by": .string(caller.journalActor)])
                    ], in: session)
            }
            return try halts.compactMap { try HaltStore.lock($0.id, in: session) }
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
    /// what a person stopped, a person lets go on.
    private static func requireSecondPerson(
        _ halt: HaltRecord, _ caller: Caller, in session: PostgresSession
    ) throws {
        let isByPerson = halt.openedBy.hasPrefix("user:")
        let isOwn = halt.openedBy == caller.journalActor
        guard isByPerson, isOwn || caller.person == nil else { return }
        let opener = String(halt.openedBy.dropFirst("user:".count))
        guard try HaltStore.otherOperators(than: opener, in: session) > 0 else { return }
        throw Refusal(
            .secondPersonRequired,
            "\(opener) stopped trading; another operator has to let it go on, in person.",
            facts: ["halt_id": .string(halt.id.text)])
    }
}
