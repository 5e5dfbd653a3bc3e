package import Domain
import Postgres
import Store

/// A bot takes its own proposal back while it waits.
package struct Withdrawal: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Withdraws a pending proposal of the caller's; tells the truth where somebody was faster.
    package func withdraw(_ id: Identifier, by caller: Caller) async throws -> ProposalView {
        let result: Result<ProposalView, Refusal> = try await context.pool.transaction { session in
            guard let record = try ProposalQueries.lock(id, in: session), caller.maySee(record) else {
                return .failure(.notFound("proposal"))
            }
            guard caller.owns(record) else { return .failure(Self.notOwn(record)) }
            if let refusal = try Contest.loss(record, in: session) { return .failure(refusal) }
            let actor = caller.journalActor
            try ProposalTransitions.end(
                id, as: .withdrawn, by: actor, reason: "withdrawn by the bot", in: session)
            try JournalStore.append([record.entry("withdrawn", by: actor)], in: session)
            try DeliveryQueue.enqueue([record.outcome(.withdrawn)], in: session)
            return .success(try ProposalReading.views([id], in: session)[0])
        }
        return try result.get()
    }

    /// For somebody who may see it: whose it is, and what is left to those who decide.
    private static func notOwn(_ record: ProposalRecord) -> Refusal {
        Refusal(
            .notAllowed,
            "Only \(record.proposerName), who proposed it, may withdraw this proposal. Whoever may decide on it can "
                + "reject it instead.")
    }
}
