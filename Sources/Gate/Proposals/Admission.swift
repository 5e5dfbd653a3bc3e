// Admission in groups: proposals that arrive while one admission transaction is in flight are admitted by the next,
// which locks the account once, loads limits and exposure once, judges each in turn (each sees the ones before it)
// and commits once. One bad proposal never fails its neighbours.

package import Domain
import Postgres
import Store

/// A proposal that asks to be let in.
package struct AdmissionRequest: Sendable {
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
package actor Admission {
    private typealias Waiter = (request: AdmissionRequest, done: CheckedContinuation<Admitted, any Error>)

    private let context: GateContext
    private let groupLimit: Int
    private var waiting: [Waiter] = []
    private var isRunning = false

    /// An admission whose groups have at most so many proposals.
    package init(_ context: GateContext, groupLimit: Int = 256) {
        self.context = context
        self.groupLimit = groupLimit
    }

    /// Judges and stores a proposal; it comes back pending or blocked.
    ///
    /// Throws a `Refusal` where it cannot be stored, and `PostgresError` where the database fails.
    package func propose(_ request: AdmissionRequest) async throws -> Admitted {
        try await withCheckedThrowingContinuation { done in
            waiting.append((request, done))
            startIfIdle()
        }
    }

    private func startIfIdle() {
        guard !isRunning, !waiting.isEmpty else { return }
        isRunning = true
        Task { await run() }
    }

    private func run() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(groupLimit))
            waiting.removeFirst(group.count)
            await admit(group)
        }
        isRunning = false
    }

    private func admit(_ group: [Waiter]) async {
        let requests = group.map(\.request)
        do {
            let results = try await context.pool.transaction { [context] session in
                try AdmissionGroup(context, requests).admit(in: session)
            }
            for (waiter, result) in zip(group, results) { waiter.done.resume(with: result) }
        } catch let error as PostgresError where error.mayBeOfOneRequest && group.count > 1 {
            for waiter in group { await admit([waiter]) }
        } catch {
            for waiter in group { waiter.done.resume(throwing: error) }
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
