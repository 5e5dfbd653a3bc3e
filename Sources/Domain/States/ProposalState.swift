/// The life of a proposal.
///
/// The database repeats `mayBecome` (`proposal_may_become`).
package enum ProposalState: String, Sendable, Hashable, CaseIterable {
    case blocked, pending, approved, rejected, expired, withdrawn, cancelled, released, refused, lapsed,
        revoked

    /// Whether nothing can happen to the proposal any more; a released one lives on as an order.
    package var isFinal: Bool {
        switch self {
        case .pending, .approved: false
        case .blocked, .rejected, .expired, .withdrawn, .cancelled, .released, .refused, .lapsed, .revoked:
            true
        }
    }

    /// Whether a proposal may go from this state to that one.
    package func mayBecome(_ next: ProposalState) -> Bool {
        switch self {
        case .pending:
            [.approved, .released, .refused, .rejected, .expired, .withdrawn, .cancelled].contains(next)
        case .approved: [.released, .refused, .lapsed, .revoked, .cancelled].contains(next)
        case .blocked, .rejected, .expired, .withdrawn, .cancelled, .released, .refused, .lapsed, .revoked:
            false
        }
    }

    /// What the state means, in a sentence for people.
    package var sentence: String {
        switch self {
        case .blocked: "Blocked: a check failed when it came in. Nothing was sent."
        case .pending: "Waiting for a decision."
        case .approved: "Approved, and held until it may be released."
        case .rejected: "Rejected. Nothing was sent."
        case .expired: "Expired: nobody answered in time. Nothing was sent."
        case .withdrawn: "Withdrawn by the bot. Nothing was sent."
        case .cancelled: "Cancelled because trading was halted. Nothing was sent."
        case .released: "Approved and released to the execution worker."
        case .refused: "Approved, but a check failed at release. Nothing was sent."
        case .lapsed: "Approved, but the approval ran out before it could be released. Nothing was sent."
        case .revoked: "Approved, then revoked. Nothing was sent."
        }
    }

    /// Why a proposal expired: some may have approved, where several must.
    package static func expiryWords(approvals: Int, of required: Int) -> String {
        approvals == 0 ? "nobody answered in time" : "\(approvals) of \(required) approvals came in time"
    }
}

/// What a person says to a proposal.
package enum Verdict: String, Sendable, Hashable, CaseIterable {
    case approve, reject

    /// The past tense: `approved`.
    package var past: String { self == .approve ? "approved" : "rejected" }
}
