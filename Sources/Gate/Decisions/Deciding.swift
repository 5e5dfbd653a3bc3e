// The one place where decisions are made. Every page, link, API call, chat button and command comes through here.
//
// Decisions that arrive while others are under way are made by the next transaction, together (docs/decisions/decisions-in-groups.md).

package import Domain
import JSON
import Postgres
import Store

/// A person's verdict on its way in.
package struct DecisionRequest: Sendable {
    package let proposalID: Identifier
    package let verdict: Verdict
    /// The hash of the order that the person saw.
    package let orderHash: String
    package let comment: String?
    /// A smaller quantity than proposed.
    package let qty: ExactDecimal?

    /// A verdict.
    package init(
        proposalID: Identifier, verdict: Verdict, orderHash: String, comment: String? = nil,
        qty: ExactDecimal? = nil
    ) {
        self.proposalID = proposalID
        self.verdict = verdict
        self.orderHash = orderHash
        self.comment = comment
        self.qty = qty
    }
}

/// Lets people decide.
package struct Deciding: Sendable {
    private let queue: DecisionQueue

    /// The use case.
    package init(_ context: GateContext) { queue = DecisionQueue(context) }

    /// Records a verdict and, on quorum, releases the order in the same transaction.
    ///
    /// The loser of a race learns by a `Refusal` who won, when, and what.
    package func decide(
        _ request: DecisionRequest, by person: Person, method: ProofMethod
    ) async throws -> ProposalView {
        try await queue.decide(DecisionInquiry(request: request, person: person, method: method)).get()
    }
}

/// A person who wants to decide, who has proved to be that person.
struct DecisionInquiry: Sendable {
    let request: DecisionRequest
    let person: Person
    let method: ProofMethod
}

/// Makes decisions in groups: those that arrive while others are under way are made by the next transaction.
///
/// One that cannot be made never keeps its neighbours from being made.
private actor DecisionQueue {
    private typealias Waiter = (
        inquiry: DecisionInquiry, done: CheckedContinuation<Result<ProposalView, Refusal>, any Error>
    )

    private static let groupLimit = 64
    /// A second group is begun beside the first where that takes longer than this: it may wait for somebody's lock.
    private static let patience = Duration.milliseconds(100)
    private static let groupsAtOnce = 2

    private let context: GateContext
    private var waiting: [Waiter] = []
    private var running = 0
    private var groupsEnded = 0
    private var isSlow = false

    init(_ context: GateContext) { self.context = context }

    func decide(_ inquiry: DecisionInquiry) async throws -> Result<ProposalView, Refusal> {
        try await withCheckedThrowingContinuation { done in
            waiting.append((inquiry, done))
            startIfDue()
        }
    }

    private func startIfDue() {
        guard !waiting.isEmpty, running == 0 || (isSlow && running < Self.groupsAtOnce) else { return }
        running += 1
        Task { await run() }
    }

    private func run() async {
        while let group = next() {
            noticeSlowness(ended: groupsEnded)
            await decide(group)
            groupsEnded += 1
            isSlow = false
        }
        running -= 1
    }

    /// Lets a second group begin where none has ended for so long.
    private func noticeSlowness(ended: Int) {
        Task {
            try? await Task.sleep(for: Self.patience)
            guard groupsEnded == ended else { return }
            isSlow = true
            startIfDue()
        }
    }

    /// The oldest that wait, of each proposal one; nil where nothing waits.
    private func next() -> [Waiter]? {
        var group: [Waiter] = []
        var left: [Waiter] = []
        var proposals: Set<Identifier> = []
        for waiter in waiting {
            if group.count < Self.groupLimit, proposals.insert(waiter.inquiry.request.proposalID).inserted {
                group.append(waiter)
            } else {
                left.append(waiter)
            }
        }
        waiting = left
        return group.isEmpty ? nil : group
    }

    private func decide(_ group: [Waiter], isSecondLook: Bool = false) async {
        do {
            let inquiries = group.map(\.inquiry)
            let answers = try await context.pool.transaction { [context] session in
                try DecisionGroup(context, inquiries).decide(in: session)
            }
            for (waiter, answer) in zip(group, answers) {
                switch answer {
                case .refused(let refusal): waiter.done.resume(returning: .failure(refusal))
                case .decided(let view, let push):
                    if let push { context.push?(push) }
                    waiter.done.resume(returning: .success(view))
                }
            }
        } catch let error as PostgresError where group.count > 1 && error.mayBeOfOneRequest {
            for waiter in group { await decide([waiter]) }
        } catch let error as PostgresError where !isSecondLook && error.isLostRace {
            // The deadline, or somebody else, came between looking and writing: the second look tells the truth.
            await decide(group, isSecondLook: true)
        } catch {
            for waiter in group { waiter.done.resume(throwing: error) }
        }
    }
}

extension PostgresError {
    fileprivate var isLostRace: Bool {
        databaseGuard == .notPending || databaseGuard == .tooLateOrTooEarly
    }
}
