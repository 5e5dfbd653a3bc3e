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

    /// Why there is no point in sending it any more to that person, or to nobody in particular; nil where there is.
    ///
    /// Only questions become pointless: an outcome is told however late.
    package func pointlessness(for userID: Identifier?) -> String? {
        guard Self.questions.contains(kind), let proposal else { return nil }
        if proposal.state != .pending {
            return "Not sent: the proposal was already \(proposal.state.rawValue)."
        }
        if proposal.expiresAt <= now { return "Not sent: the proposal had already expired." }
        guard Self.reminders.contains(kind), let userID, decisions.contains(where: { $0.userID == userID })
        else { return nil }
        return "Not sent: the person has already decided."
    }

    /// Whether it stands by itself, below what is already there, rather than changing it.
    package var isAnnouncement: Bool { Self.announcements.contains(kind) }

    /// Whether a change that makes no sound is not enough.
    package var isLoud: Bool { Self.loud.contains(kind) }

    /// Whether a message that shows how things stand tells all that this kind would.
    package static func isShownByChange(_ kind: String) -> Bool {
        !announcements.contains(kind) && !loud.contains(kind)
    }

    private static let reminders: Set<String> = ["approval-reminder", "approval-unheard"]
    private static let questions = reminders.union(["approval-requested", "approval-counted"])
    private static let announcements = reminders.union([
        "order-contradicted", "order-status-not-known", "order-found",
    ])
    private static let loud: Set<String> = ["order-unknown", "order-rejected"]
}
