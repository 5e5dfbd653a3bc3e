package import Domain
package import JSON

/// A stored proposal.
package struct ProposalRecord: Sendable {
    package let id: Identifier
    /// Its place among all proposals, for lists.
    package let sequence: Int
    package internal(set) var state: ProposalState
    package let mode: TradingMode
    package let proposerKeyID: Identifier
    /// The person whose own token proposed it, who may not decide on it.
    package let proposerUserID: Identifier?
    package let proposerName: String
    package let requestHash: [UInt8]
    package let terms: OrderTerms
    package let notes: ProposalNotes
    /// What it is worth in USD, valued when it came in.
    package let notional: ExactDecimal
    package let isReducing: Bool
    package let clientOrderID: String
    package let orderHash: String
    package let tier: String
    package let approvalsRequired: Int
    package let policyVersion: Int
    package let checks: JSONValue
    package let impact: JSONValue?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let validityMinutes: Int
    package internal(set) var approvedAt: Timestamp?
    package internal(set) var validUntil: Timestamp?
    package internal(set) var decidedAt: Timestamp?
    /// Who or what ended it, in the journal's words.
    package internal(set) var decidedBy: String?
    package internal(set) var reason: String?
    package internal(set) var orderID: Identifier?
    package internal(set) var orderState: OrderState?

    /// The six characters by which a person recognises the order in messages and pages.
    package var checkCode: String { String(orderHash.prefix(6)) }
}

/// What the bot said besides the order's terms.
package struct ProposalNotes: Sendable, Hashable {
    package let referencePrice: ExactDecimal?
    package let strategy: String
    package let rationale: String?
    package let confidence: ExactDecimal?
    package let catalystScore: ExactDecimal?
    package let signalID: String?
    package let patternID: String?
    package let newsID: String?
    package let externalRef: String?
    package let evidence: JSONValue?

    /// The notes of a draft.
    package init(_ draft: ProposalDraft) {
        referencePrice = draft.referencePrice
        strategy = draft.strategy
        rationale = draft.rationale
        confidence = draft.confidence
        catalystScore = draft.catalystScore
        signalID = draft.signalID
        patternID = draft.patternID
        newsID = draft.newsID
        externalRef = draft.externalRef
        evidence = draft.evidence.map(JSONValue.object)
    }

    /// Notes as given.
    package init(
        referencePrice: ExactDecimal?, strategy: String, rationale: String?, confidence: ExactDecimal?,
        catalystScore: ExactDecimal?, signalID: String?, patternID: String?, newsID: String?,
        externalRef: String?, evidence: JSONValue?
    ) {
        self.referencePrice = referencePrice
        self.strategy = strategy
        self.rationale = rationale
        self.confidence = confidence
        self.catalystScore = catalystScore
        self.signalID = signalID
        self.patternID = patternID
        self.newsID = newsID
        self.externalRef = externalRef
        self.evidence = evidence
    }
}

/// A proposal about to be stored, pending or blocked.
///
/// A class, because it is passed on a dozen times, and holds twenty references.
package final class NewProposal: Sendable {
    package let id: Identifier
    package let mode: TradingMode
    package let proposerKeyID: Identifier
    package let proposerUserID: Identifier?
    package let proposerName: String
    package let idempotencyKey: String?
    package let requestHash: [UInt8]
    package let terms: OrderTerms
    package let notes: ProposalNotes
    package let notional: ExactDecimal
    package let isReducing: Bool
    package let clientOrderID: String
    package let canonicalOrder: String
    package let orderHash: String
    package let tier: String
    package let approvalsRequired: Int
    package let policyVersion: Int
    package let checks: JSONValue
    package let impact: JSONValue?
    package let createdAt: Timestamp
    package let expiresAt: Timestamp
    package let validityMinutes: Int
    /// Why nothing will ever become of it; nil where it waits to be decided on.
    package let blockedReason: String?

    /// How it begins.
    package var state: ProposalState { blockedReason == nil ? .pending : .blocked }

    /// A proposal about to be stored.
    package init(
        id: Identifier, mode: TradingMode, proposerKeyID: Identifier,
        proposerUserID: Identifier?, proposerName: String, idempotencyKey: String?, requestHash: [UInt8],
        terms: OrderTerms, notes: ProposalNotes, notional: ExactDecimal, isReducing: Bool,
        clientOrderID: String,
        canonicalOrder: String, orderHash: String, tier: String, approvalsRequired: Int, policyVersion: Int,
        checks: JSONValue, impact: JSONValue?, createdAt: Timestamp, expiresAt: Timestamp,
        validityMinutes: Int, blockedReason: String?
    ) {
        self.id = id
        self.mode = mode
        self.proposerKeyID = proposerKeyID
        self.proposerUserID = proposerUserID
        self.proposerName = proposerName
        self.idempotencyKey = idempotencyKey
        self.requestHash = requestHash
        self.terms = terms
        self.notes = notes
        self.notional = notional
        self.isReducing = isReducing
        self.clientOrderID = clientOrderID
        self.canonicalOrder = canonicalOrder
        self.orderHash = orderHash
        self.tier = tier
        self.approvalsRequired = approvalsRequired
        self.policyVersion = policyVersion
        self.checks = checks
        self.impact = impact
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.validityMinutes = validityMinutes
        self.blockedReason = blockedReason
    }
}

extension ProposalRecord {
    /// A record as it would be read back of a proposal that had come so far: for what is shown without a database.
    package init(
        _ new: NewProposal, state: ProposalState, approvedAt: Timestamp? = nil, validUntil: Timestamp? = nil,
        decidedAt: Timestamp? = nil, decidedBy: String? = nil, reason: String? = nil,
        orderID: Identifier? = nil, orderState: OrderState? = nil
    ) {
        self.init(
            id: new.id, sequence: 1, state: state, mode: new.mode, proposerKeyID: new.proposerKeyID,
            proposerUserID: new.proposerUserID, proposerName: new.proposerName, requestHash: new.requestHash,
            terms: new.terms, notes: new.notes, notional: new.notional, isReducing: new.isReducing,
            clientOrderID: new.clientOrderID, orderHash: new.orderHash, tier: new.tier,
            approvalsRequired: new.approvalsRequired, policyVersion: new.policyVersion, checks: new.checks,
            impact: new.impact, createdAt: new.createdAt, expiresAt: new.expiresAt,
            validityMinutes: new.validityMinutes, approvedAt: approvedAt, validUntil: validUntil,
            decidedAt: decidedAt, decidedBy: decidedBy, reason: reason, orderID: orderID,
            orderState: orderState)
    }

    /// The record as it stands after a transition that this process has just made.
    package func ended(
        as state: ProposalState, at decidedAt: Timestamp, by decidedBy: String, reason: String?,
        approval: (at: Timestamp, validUntil: Timestamp)? = nil, orderID: Identifier? = nil
    ) -> ProposalRecord {
        var record = self
        record.state = state
        record.decidedAt = decidedAt
        record.decidedBy = decidedBy
        record.reason = reason
        if let approval { (record.approvedAt, record.validUntil) = (approval.at, approval.validUntil) }
        if let orderID { (record.orderID, record.orderState) = (orderID, .released) }
        return record
    }

    /// A proposal as it stands the moment it was stored.
    init(_ new: NewProposal, sequence: Int) {
        let isBlocked = new.state == .blocked
        self.init(
            id: new.id, sequence: sequence, state: new.state, mode: new.mode,
            proposerKeyID: new.proposerKeyID, proposerUserID: new.proposerUserID,
            proposerName: new.proposerName, requestHash: new.requestHash, terms: new.terms, notes: new.notes,
            notional: new.notional, isReducing: new.isReducing, clientOrderID: new.clientOrderID,
            orderHash: new.orderHash, tier: new.tier, approvalsRequired: new.approvalsRequired,
            policyVersion: new.policyVersion, checks: new.checks, impact: new.impact,
            createdAt: new.createdAt, expiresAt: new.expiresAt, validityMinutes: new.validityMinutes,
            approvedAt: nil, validUntil: nil, decidedAt: isBlocked ? new.createdAt : nil,
            decidedBy: isBlocked ? "system" : nil, reason: new.blockedReason, orderID: nil, orderState: nil)
    }
}
