import Domain
import JSON
package import Postgres

// How a row of `proposals` becomes a record.

extension ProposalRecord {
    /// The columns a record is made of, with the order's where one exists.
    static let columns = """
        p.id, p.sequence, p.state, p.mode, p.proposer_key_id, p.proposer_user_id, p.proposer_name, p.request_hash,
        p.symbol, p.side, p.qty, p.type, p.limit_price, p.stop_price, p.time_in_force, p.stop_loss_stop_price,
        p.stop_loss_limit_price, p.take_profit_limit_price, p.reference_price, p.strategy, p.rationale,
        p.confidence, p.catalyst_score, p.signal_id, p.pattern_id, p.news_id, p.external_ref, p.evidence,
        p.notional, p.is_reducing, p.client_order_id, p.order_hash, p.tier, p.approvals_required,
        p.policy_version, p.checks, p.impact, p.created_at, p.expires_at, p.validity_minutes, p.approved_at,
        p.valid_until, p.decided_at, p.decided_by, p.reason, o.id AS order_id, o.state AS order_state
        """

    /// A record from a row of those columns.
    package init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        sequence = try row.int("sequence")
        state = try row.word("state")
        mode = try row.word("mode")
        proposerKeyID = try row.identifier("proposer_key_id")
        proposerUserID = try row.optionalIdentifier("proposer_user_id")
        proposerName = try row.text("proposer_name")
        requestHash = try row.bytes("request_hash")
        terms = try OrderTerms(row)
        notes = try ProposalNotes(row)
        notional = try row.decimal("notional")
        isReducing = try row.bool("is_reducing")
        clientOrderID = try row.text("client_order_id")
        orderHash = try row.text("order_hash")
        tier = try row.text("tier")
        approvalsRequired = try row.int("approvals_required")
        policyVersion = try row.int("policy_version")
        checks = try row.encodedJSON("checks")
        impact = try row.optionalJSON("impact")
        createdAt = try row.timestamp("created_at")
        expiresAt = try row.timestamp("expires_at")
        validityMinutes = try row.int("validity_minutes")
        approvedAt = try row.optionalTimestamp("approved_at")
        validUntil = try row.optionalTimestamp("valid_until")
        decidedAt = try row.optionalTimestamp("decided_at")
        decidedBy = try row.optionalText("decided_by")
        reason = try row.optionalText("reason")
        orderID = try row.optionalIdentifier("order_id")
        orderState = try row.optionalText("order_state").flatMap(OrderState.init(rawValue:))
    }
}

extension OrderTerms {
    /// An order's terms from the columns that hold them.
    init(_ row: PostgresRow) throws(PostgresError) {
        let stopLoss = try row.optionalDecimal("stop_loss_stop_price")
        self.init(
            symbol: try row.text("symbol"), side: try row.word("side"), qty: try row.decimal("qty"),
            type: try row.word("type"), limitPrice: try row.optionalDecimal("limit_price"),
            stopPrice: try row.optionalDecimal("stop_price"), timeInForce: try row.word("time_in_force"),
            stopLoss: try stopLoss.map { (stop) throws(PostgresError) in
                StopLoss(stopPrice: stop, limitPrice: try row.optionalDecimal("stop_loss_limit_price"))
            },
            takeProfitLimitPrice: try row.optionalDecimal("take_profit_limit_price"))
    }
}

extension ProposalNotes {
    init(_ row: PostgresRow) throws(PostgresError) {
        self.init(
            referencePrice: try row.optionalDecimal("reference_price"), strategy: try row.text("strategy"),
            rationale: try row.optionalText("rationale"), confidence: try row.optionalDecimal("confidence"),
            catalystScore: try row.optionalDecimal("catalyst_score"),
            signalID: try row.optionalText("signal_id"),
            patternID: try row.optionalText("pattern_id"), newsID: try row.optionalText("news_id"),
            externalRef: try row.optionalText("external_ref"), evidence: try row.optionalJSON("evidence"))
    }
}
