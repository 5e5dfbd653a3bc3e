package import Domain
package import JSON
package import Postgres
package import Store

/// Everything a message is written from.
package struct Subject: Sendable {
    package let kind: String
    package let data: JSONObject
    package let proposal: ProposalRecord?
    package let decisions: [DecisionRecord]
    /// When it is written, by the database's clock.
    package let now: Timestamp

    /// A subject.
    package init(
        kind: String, data: JSONObject = [:], proposal: ProposalRecord? = nil,
        decisions: [DecisionRecord] = [], now: Timestamp
    ) {
        self.kind = kind
        self.data = data
        self.proposal = proposal
        self.decisions = decisions
        self.now = now
    }

    /// The subject of a message in the outbox, as things stand; times are told as seen from `moment`, or from now.
    package static func load(
        of record: DeliveryRecord, at moment: Timestamp? = nil, in session: PostgresSession
    ) throws(PostgresError) -> Subject {
        let found = try ProposalQueries.find(record.proposalID.map { [$0] } ?? [], in: session)
        let now: Timestamp
        if let moment { now = moment } else { now = try DatabaseClock.now(in: session) }
        return Subject(
            kind: record.kind, data: record.data, proposal: found.first,
            decisions: try DecisionStore.list(for: record.proposalID.map { [$0] } ?? [], in: session),
            now: now)
    }

    /// Why there is no point in sending it any more; nil where there is.
    ///
    /// Only questions become pointless: an outcome is told however late.
    package var pointlessness: String? {
        guard Self.questions.contains(kind), let proposal else { return nil }
        if proposal.state != .pending {
            return "Not sent: the proposal was already \(proposal.state.rawValue)."
        }
        return proposal.expiresAt <= now ? "Not sent: the proposal had already expired." : nil
    }

    private static let questions: Set<String> = ["approval-requested", "approval-counted"]
}
