package import JSON

/// Why something was not done, for the one who asked.
///
/// It becomes a problem document (RFC 9457).
package struct Refusal: Error, Sendable, Hashable {
    package let code: RefusalCode
    /// What happened, what it means and what to do.
    package let detail: String
    /// Further members of the problem document: who decided, when, what.
    package let facts: JSONObject
    /// The fields that are wrong.
    package let faults: [JSONFault]

    /// A refusal.
    package init(_ code: RefusalCode, _ detail: String, facts: JSONObject = [:], faults: [JSONFault] = []) {
        self.code = code
        self.detail = detail
        self.facts = facts
        self.faults = faults
    }

    /// The refusal of input that is wrong in one or more fields.
    package static func invalid(_ faults: [JSONFault]) -> Refusal {
        let fields = faults.count == 1 ? "One field is wrong" : "\(faults.count) fields are wrong"
        return Refusal(.validation, "\(fields); nothing was stored. See errors.", faults: faults)
    }

    /// The refusal of a question whose parameters are wrong: nothing would have been stored anyway.
    package static func invalidQuery(_ faults: [JSONFault]) -> Refusal {
        let parameters = faults.count == 1 ? "One parameter is wrong" : "\(faults.count) parameters are wrong"
        return Refusal(.validation, "\(parameters). See errors.", faults: faults)
    }

    /// The refusal where the thing asked for does not exist, or not for the one who asks.
    package static func notFound(_ what: String) -> Refusal {
        Refusal(.notFound, "There is no such \(what), or you may not see it.")
    }
}

/// The kinds of refusal: the last part of the problem's type.
package enum RefusalCode: String, Sendable, Hashable, CaseIterable {
    case validation
    case malformed
    case idempotencyMismatch = "idempotency-mismatch"
    case notFound = "not-found"
    case alreadyDecided = "already-decided"
    case expired
    case orderChanged = "order-changed"
    case halted
    case selfApproval = "self-approval"
    case notAllowed = "not-allowed"
    case wrongPIN = "wrong-pin"
    case locked
    case unauthenticated
    case claimed
    case refused
    case lapsed
    case notActiveWorker = "not-active-worker"
    case accountMismatch = "account-mismatch"
    case secondPersonRequired = "second-person-required"
    case noPolicy = "no-policy"
    case tooManyAlerts = "too-many-alerts"
    case conflict

    /// The HTTP status that tells it.
    package var status: Int {
        switch self {
        case .malformed: 400
        case .unauthenticated: 401
        case .selfApproval, .notAllowed, .wrongPIN, .secondPersonRequired: 403
        case .notFound: 404
        case .alreadyDecided, .expired, .orderChanged, .halted, .claimed, .refused, .lapsed, .notActiveWorker,
            .accountMismatch, .noPolicy, .conflict:
            409
        case .validation, .idempotencyMismatch: 422
        case .locked, .tooManyAlerts: 429
        }
    }

    /// A short title for people.
    package var title: String {
        switch self {
        case .validation: "The request is not valid"
        case .malformed: "The request cannot be read"
        case .idempotencyMismatch: "This Idempotency-Key was used for another request"
        case .notFound: "Not found"
        case .alreadyDecided: "Already decided"
        case .expired: "Expired"
        case .orderChanged: "The order changed"
        case .halted: "Trading is halted"
        case .selfApproval: "You cannot decide on your own proposal"
        case .notAllowed: "Not allowed"
        case .wrongPIN: "Wrong PIN"
        case .locked: "Locked after too many wrong attempts"
        case .unauthenticated: "Who are you?"
        case .claimed: "Already claimed"
        case .refused: "A check failed"
        case .lapsed: "The approval ran out"
        case .notActiveWorker: "Another worker is active"
        case .accountMismatch: "Another account"
        case .secondPersonRequired: "A second person is needed"
        case .noPolicy: "No policy is applied"
        case .tooManyAlerts: "Too many alerts wait"
        case .conflict: "Conflict"
        }
    }
}
