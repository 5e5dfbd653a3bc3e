import Domain
import JSON
import Postgres
import Store

// Decision, expiry, withdrawal and halt compete for one row (invariant I4). Whoever comes second is told here who won,
// when, and what that means.

enum Contest {
    /// Why nothing can be decided any more; nil where the proposal, whose row is locked, still waits.
    ///
    /// A deadline that has passed is carried out on the spot, whether or not a sweep has run.
    static func loss(_ record: ProposalRecord, in session: PostgresSession) throws -> Refusal? {
        var batch = PostgresBatch()
        let now = batch.add(DatabaseClock.now)
        let decisions = batch.add(DecisionStore.list(for: [record.id]))
        let answers = try session.run(batch)
        return try loss(record, now: try now(answers), decisions: try decisions(answers), in: session)
    }

    /// The same, where the time and the decisions were read after the row was locked.
    static func loss(
        _ record: ProposalRecord, now: Timestamp, decisions: [DecisionRecord], in session: PostgresSession
    ) throws -> Refusal? {
        guard record.state == .pending else { return refusal(record, decisions) }
        guard now >= record.expiresAt else { return nil }
        try Expiry.expire(record, in: session)
        return expired(record, decisions)
    }

    private static func expired(_ record: ProposalRecord, _ decisions: [DecisionRecord]) -> Refusal {
        let why = ProposalState.expiryWords(
            approvals: decisions.count { $0.verdict == .approve }, of: record.approvalsRequired)
        return Refusal(
            .expired,
            "This proposal expired at \(record.expiresAt.rfc3339): \(why). Nothing was sent.",
            facts: facts(record, state: .expired, at: record.expiresAt, by: "system"))
    }

    private static func refusal(_ record: ProposalRecord, _ decisions: [DecisionRecord]) -> Refusal {
        let at = record.decidedAt ?? record.createdAt
        let known = facts(record, state: record.state, at: at, by: record.decidedBy)
        switch record.state {
        case .expired: return expired(record, decisions)
        case .cancelled:
            return Refusal(
                .halted,
                "Trading was halted at \(at.rfc3339) by \(by(record)); this proposal was cancelled with it. "
                    + "Nothing was sent.", facts: known)
        case .pending, .blocked, .approved, .rejected, .withdrawn, .released, .refused, .lapsed, .revoked:
            // An approval that was cast before did not end what the bot withdrew, or somebody took back.
            let isVoted = ![.withdrawn, .revoked].contains(record.state)
            let last =
                isVoted
                ? decisions.last { $0.verdict == (record.state == .rejected ? .reject : .approve) } : nil
            let who = last?.userName ?? by(record)
            let when = last?.decidedAt ?? at
            return Refusal(
                .alreadyDecided,
                "Already \(word(record.state)) by \(who) at \(when.rfc3339). \(record.state.sentence)",
                facts: known)
        }
    }

    private static func word(_ state: ProposalState) -> String {
        switch state {
        case .released, .refused, .lapsed: "approved"
        case .pending, .blocked, .approved, .rejected, .expired, .withdrawn, .cancelled, .revoked:
            state.rawValue
        }
    }

    private static func by(_ record: ProposalRecord) -> String {
        ActorText.words(record.decidedBy ?? "system") ?? ""
    }

    /// The bare name of an actor of the journal, as answers carry it: `alice` of `user:alice`.
    static func name(of actor: String) -> String {
        actor.split(separator: ":", maxSplits: 1).last.map(String.init) ?? actor
    }

    private static func facts(
        _ record: ProposalRecord, state: ProposalState, at: Timestamp, by actor: String?
    ) -> JSONObject {
        [
            "proposal_id": .string(record.id.text), "state": .string(state.rawValue),
            "decided_by": .string(actor.map(name) ?? "system"),
            "decided_at": .string(at.rfc3339),
        ]
    }
}
