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
    /// So many are worth a group of their own while another one is being written; fewer wait for its end.
    private static let worthAGroup = 7
    /// A group that is under way at two looks, so long apart, keeps nobody waiting: it may wait itself, for somebody's lock.
    private static let patience = Duration.milliseconds(50)
    private static let groupsAtOnce = 3

    private let context: GateContext
    private var waiting: [Waiter] = []
    private var begun = 0
    /// The groups under way, by number, and those among them that take long.
    private var running: Set<Int> = []
    private var slow: Set<Int> = []
    /// The group that looks and judges; none where the last one is only being written, or takes long.
    private var turn: Int?
    private var isWatched = false

    init(_ context: GateContext) { self.context = context }

    func decide(_ inquiry: DecisionInquiry) async throws -> Result<ProposalView, Refusal> {
        try await withCheckedThrowingContinuation { done in
            waiting.append((inquiry, done))
            startIfDue()
        }
    }

    private func startIfDue() {
        // Where nothing runs, or only what takes long, nobody waits for a group to be worth it.
        guard turn == nil, running.count < Self.groupsAtOnce,
            running == slow || waiting.count >= Self.worthAGroup, let group = next()
        else { return }
        begun += 1
        turn = begun
        running.insert(begun)
        Task { [begun] in await run(group, as: begun) }
        guard !isWatched else { return }
        isWatched = true
        Task { await watch() }
    }

    private func run(_ group: [Waiter], as number: Int) async {
        await decide(group, as: number)
        running.remove(number)
        slow.remove(number)
        pass(number)
        startIfDue()
    }

    /// Lets the others go on while a group waits; a timer for all of them, because one for each costs more than a group's share.
    private func watch() async {
        while !running.isEmpty {
            let before = running
            try? await Task.sleep(for: Self.patience)
            for number in running.intersection(before).subtracting(slow) {
                slow.insert(number)
                pass(number)
                startIfDue()
            }
        }
        isWatched = false
    }

    /// Lets the next group begin, where that one still had the turn.
    private func pass(_ number: Int) {
        guard turn == number else { return }
        turn = nil
        startIfDue()
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

    private func decide(_ group: [Waiter], as number: Int, isSecondLook: Bool = false) async {
        do {
            let inquiries = group.map(\.inquiry)
            let answers = try await context.pool.transaction { [context] session in
                try DecisionGroup(context, inquiries) { Task { await self.pass(number) } }.decide(in: session)
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
            for waiter in group { await decide([waiter], as: number) }
        } catch let error as PostgresError where !isSecondLook && error.isLostRace {
            // The deadline, or somebody else, came between looking and writing: the second look tells the truth.
            await decide(group, as: number, isSecondLook: true)
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
