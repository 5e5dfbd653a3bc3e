package import Domain
import Postgres
package import Store

/// Reads proposals for the API and the pages.
package struct ProposalReading: Sendable {
    private let context: GateContext

    /// A reader.
    package init(_ context: GateContext) { self.context = context }

    /// The proposal of that identity; a refusal where there is none or the caller may not see it.
    package func find(_ id: Identifier, for caller: Caller) async throws -> ProposalView {
        let view = try await context.pool.withSnapshot { session in
            try Self.views([id], in: session).first
        }
        guard let view, caller.maySee(view.record) else { throw Refusal.notFound("proposal") }
        return view
    }

    /// The proposal of that identity, for somebody whose right to see it was already judged.
    package func find(_ id: Identifier) async throws -> ProposalView? {
        try await context.pool.withSnapshot { session in try Self.views([id], in: session).first }
    }

    /// Proposals from the newest to the oldest, and the place where the next page begins.
    package func list(
        _ filter: ProposalFilter, before sequence: Int?, limit: Int, for caller: Caller
    ) async throws -> (items: [ProposalView], next: Int?) {
        var filter = filter
        if !caller.mayRead, case .key(let id, _, _) = caller { filter.proposerKeyID = id }
        let asked = filter
        return try await context.pool.withSnapshot { session in
            let records = try ProposalQueries.list(asked, before: sequence, limit: limit + 1, in: session)
            let items = try Self.views(of: Array(records.prefix(limit)), in: session)
            return (items, records.count > limit ? items.last?.record.sequence : nil)
        }
    }

    /// The database's time.
    package func now() async throws -> Timestamp {
        try await context.pool.withSession { session in try DatabaseClock.now(in: session) }
    }

    static func views(_ ids: [Identifier], in session: PostgresSession) throws -> [ProposalView] {
        guard !ids.isEmpty else { return [] }
        var batch = PostgresBatch()
        let found = batch.add(ProposalQueries.find(ids))
        let decisions = batch.add(DecisionStore.list(for: ids))
        let answers = try session.run(batch)
        let byProposal = Dictionary(grouping: try decisions(answers), by: \.proposalID)
        return try found(answers).map { ProposalView(record: $0, decisions: byProposal[$0.id] ?? []) }
    }

    static func views(of records: [ProposalRecord], in session: PostgresSession) throws -> [ProposalView] {
        let touched = records.filter { $0.state != .blocked }.map(\.id)
        let decisions = Dictionary(
            grouping: try DecisionStore.list(for: touched, in: session), by: \.proposalID)
        return records.map { ProposalView(record: $0, decisions: decisions[$0.id] ?? []) }
    }
}

extension Caller {
    /// Whether the caller may see a proposal: its own, or everybody's.
    func maySee(_ proposal: ProposalRecord) -> Bool {
        switch self {
        case .key(let id, _, _): mayRead || proposal.proposerKeyID == id
        case .person: true
        }
    }

    /// Whether the proposal is the caller's own.
    func owns(_ proposal: ProposalRecord) -> Bool {
        switch self {
        case .key(let id, _, _): proposal.proposerKeyID == id
        case .person(let person, _, _): proposal.proposerUserID == person.id
        }
    }
}
