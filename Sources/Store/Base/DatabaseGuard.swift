package import Postgres

/// What the guards in the database refuse, by the SQLSTATEs that migrations give them.
package enum DatabaseGuard: String, Sendable, Hashable, CaseIterable {
    case recordIsKept = "CS001"
    case otherDeployment = "CS002"
    case staleReads = "CS003"
    case notPending = "CS010"
    case tooLateOrTooEarly = "CS011"
    case otherOrder = "CS012"
    case mayNotDecide = "CS013"
    case ownProposal = "CS014"
    case wrongBeginning = "CS015"
    case quantityNotReduced = "CS016"
    case noSuchStep = "CS017"
    case notApproved = "CS018"
    case releasedWithoutOrder = "CS019"
    case notReleasable = "CS020"
    case halted = "CS021"
    case claimMalformed = "CS022"
    case breakerTripped = "CS030"
    case flattening = "CS031"
    case draftNotAcceptable = "CS041"
    case lastAdmin = "CS042"
    case reviewClosed = "CS050"
    case reviewNotReady = "CS051"
    case mayNotReview = "CS052"
    case answerOvertaken = "CS053"

    /// What was refused, for people.
    package var sentence: String {
        switch self {
        case .recordIsKept: "What was recorded is never changed."
        case .otherDeployment: "This database belongs to another account or mode."
        case .staleReads: "What guards look at has to be the newest: this is written in READ COMMITTED only."
        case .notPending: "The proposal is not pending any more."
        case .tooLateOrTooEarly: "A deadline has passed, or has not passed yet."
        case .otherOrder: "This is not the order that was proposed or approved."
        case .mayNotDecide: "This person may not decide."
        case .ownProposal: "The proposer never decides on the own proposal."
        case .wrongBeginning: "An order begins released."
        case .quantityNotReduced: "A quantity can only be reduced, before any decision."
        case .noSuchStep: "This state cannot be followed by that one."
        case .notApproved: "Not enough people approved exactly this order, or somebody rejected it."
        case .releasedWithoutOrder: "A released proposal has an order."
        case .notReleasable: "The proposal is in no state in which it may be released."
        case .halted: "Trading is halted."
        case .claimMalformed: "A claim names its worker and its generation, once."
        case .breakerTripped: "A breaker that tripped stays so until its halt is cleared."
        case .flattening: "Positions are being closed under this halt."
        case .draftNotAcceptable: "A draft of the policy is decided on once, and accepted by a second admin."
        case .lastAdmin: "This is the last admin in use."
        case .reviewClosed: "The review of this week is signed and closed."
        case .reviewNotReady:
            "A review is signed when its report is made, all questions are answered, and its stop is open."
        case .mayNotReview: "This person may not answer or sign reviews."
        case .answerOvertaken: "Somebody else answered this question meanwhile."
        }
    }
}

extension PostgresError {
    /// The guard of ours that refused the statement; nil where it was PostgreSQL itself.
    package var databaseGuard: DatabaseGuard? { sqlState.flatMap(DatabaseGuard.init) }
}
