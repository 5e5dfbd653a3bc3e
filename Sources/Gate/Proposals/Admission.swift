// Admission in groups: proposals that arrive while others are being written are judged meanwhile and written by the next
// transaction, which keeps the account's lock. Each sees the ones before it. One bad proposal never fails its neighbours.

package import Domain
import Postgres
import Store

/// A proposal that asks to be let in.
///
/// A class, because it is passed on a dozen times, and holds twenty references.
package final class AdmissionRequest: Sendable {
    package let draft: ProposalDraft
    /// SHA-256 of the canonical body, to tell a repetition from another request.
    package let requestHash: [UInt8]
    package let idempotencyKey: String?
    package let proposer: Proposer

    /// A request.
    package init(draft: ProposalDraft, requestHash: [UInt8], idempotencyKey: String?, proposer: Proposer) {
        self.draft = draft
        self.requestHash = requestHash
        self.idempotencyKey = idempotencyKey
        self.proposer = proposer
    }
}

/// Who proposes: a bot's key, or a person by a personal token.
package struct Proposer: Sendable, Hashable {
    package let keyID: Identifier
    package let userID: Identifier?
    package let name: String
    package let actor: String

    /// The proposer that a caller is; nil where the caller may not propose.
    package init?(_ caller: Caller) {
        switch caller {
        case .key(let id, let name, .propose):
            self.init(keyID: id, userID: nil, name: name, actor: caller.journalActor)
        case .person(let person, _, let keyID?) where person.role.canDecide:
            self.init(keyID: keyID, userID: person.id, name: person.name, actor: caller.journalActor)
        case .key, .person:
            return nil
        }
    }

    init(keyID: Identifier, userID: Identifier?, name: String, actor: String) {
        self.keyID = keyID
        self.userID = userID
        self.name = name
        self.actor = actor
    }
}

/// What became of a request.
package struct Admitted: Sendable {
    package let view: ProposalView
    /// Whether it had been admitted before, under the same idempotency key.
    package let isReplay: Bool
}

/// Lets proposals in, in groups.
package final class Admission: Sendable {
    private let context: GateContext
    private let line: AdmissionLine

    /// An admission that holds the account's lock for at most so many proposals.
    package init(_ context: GateContext, groupLimit: Int = 256) {
        self.context = context
        line = AdmissionLine(groupLimit: groupLimit)
    }

    /// Judges and stores a proposal; it comes back pending or blocked.
    ///
    /// Throws a `Refusal` where it cannot be stored, and `PostgresError` where the database fails.
    package func propose(_ request: AdmissionRequest) async throws -> Admitted {
        try await withCheckedThrowingContinuation { done in
            if line.append((request, done)) { Task { await run() } }
        }
    }

    private func run() async {
        while let boarding = line.board() { await admit(boarding) }
    }

    private func admit(_ boarding: AdmissionBoarding) async {
        do {
            let results = try await context.pool.transaction { [context] session in
                try AdmissionGroup(context, boarding).admit(in: session)
            }
            boarding.answer(results)
        } catch let error as PostgresError where error.mayBeOfOneRequest && boarding.waiters.count > 1 {
            for waiter in boarding.waiters { await admit(AdmissionBoarding(of: waiter)) }
        } catch {
            for waiter in boarding.waiters { waiter.done.resume(throwing: error) }
        }
    }
}

extension PostgresError {
    /// Whether a failure of a group may come from one request in it, so that its neighbours are worth another try.
    var mayBeOfOneRequest: Bool {
        switch kind {
        case .server, .parameter, .decoding: true
        case .connection, .poolExhausted, .misuse, .closed: false
        }
    }
}
