import Domain
import JSON
package import Postgres

/// Stores new proposals, many with one statement.
package enum ProposalInsertion {
    /// Stores proposals in their order; the answer is for `records`.
    ///
    /// What the checks found is not among it: the first entry in the journal has that, and whoever reads proposals reads it there.
    package static func insert(_ proposals: [NewProposal]) -> PostgresReading<PostgresRows> {
        PostgresReading(sql, origin(proposals) + order(proposals) + notes(proposals) + judgement(proposals)) {
            (rows) throws(PostgresError) in rows
        }
    }

    private static let sql = """
        INSERT INTO proposal_terms (
            id, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key,
            request_hash, symbol, side, qty, type, limit_price, stop_price, time_in_force,
            stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price,
            strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id,
            external_ref, evidence, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, impact, created_at, expires_at,
            validity_minutes, blocked_reason)
        SELECT
            id::uuid, mode, proposer_key_id::uuid, proposer_user_id::uuid, proposer_name,
            idempotency_key, request_hash, symbol, side, qty::numeric, type, limit_price::numeric,
            stop_price::numeric, time_in_force, stop_loss_stop_price::numeric,
            stop_loss_limit_price::numeric, take_profit_limit_price::numeric, reference_price::numeric,
            strategy, rationale, confidence::numeric, catalyst_score::numeric, signal_id, pattern_id,
            news_id, external_ref, evidence::jsonb, notional::numeric, is_reducing, client_order_id,
            canonical_order, order_hash, tier, approvals_required, policy_version, impact::json,
            created_at::timestamptz, expires_at::timestamptz, validity_minutes, blocked_reason
        FROM unnest(
            $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bytea[], $8::text[],
            $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::text[],
            $16::text[], $17::text[], $18::text[], $19::text[], $20::text[], $21::text[], $22::text[],
            $23::text[], $24::text[], $25::text[], $26::text[], $27::text[], $28::text[], $29::boolean[],
            $30::text[], $31::text[], $32::text[], $33::text[], $34::smallint[], $35::integer[],
            $36::text[], $37::text[], $38::text[], $39::integer[], $40::text[])
            WITH ORDINALITY AS new (
            id, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key,
            request_hash, symbol, side, qty, type, limit_price, stop_price, time_in_force,
            stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price,
            strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id,
            external_ref, evidence, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, impact, created_at, expires_at,
            validity_minutes, blocked_reason, place)
        ORDER BY place
        RETURNING id, sequence
        """

    /// The records of proposals as `insert` stored them; `rows` is its answer.
    package static func records(
        _ proposals: [NewProposal], stored rows: PostgresRows
    ) throws(PostgresError) -> [ProposalRecord] {
        var sequences: [Identifier: Int] = [:]
        for row in rows { sequences[try row.identifier("id")] = try row.int("sequence") }
        var records: [ProposalRecord] = []
        for proposal in proposals {
            guard let sequence = sequences[proposal.id] else {
                throw PostgresError(.decoding, "A proposal was not among those stored.")
            }
            records.append(ProposalRecord(proposal, sequence: sequence))
        }
        return records
    }

    private static func origin(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .packed(proposals.map(\.id)),
            .packed(proposals.map(\.mode.rawValue)),
            .packed(proposals.map(\.proposerKeyID)),
            .packedTextArray(proposals.map { $0.proposerUserID?.text }),
            .packed(proposals.map(\.proposerName)),
            .packedTextArray(proposals.map(\.idempotencyKey)),
            .bytesArray(proposals.map(\.requestHash)),
        ]
    }

    private static func order(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .packed(proposals.map(\.terms.symbol)),
            .packed(proposals.map(\.terms.side.rawValue)),
            .packed(proposals.map(\.terms.qty)),
            .packed(proposals.map(\.terms.type.rawValue)),
            .packedDecimals(proposals.map(\.terms.limitPrice)),
            .packedDecimals(proposals.map(\.terms.stopPrice)),
            .packed(proposals.map(\.terms.timeInForce.rawValue)),
            .packedDecimals(proposals.map(\.terms.stopLoss?.stopPrice)),
            .packedDecimals(proposals.map(\.terms.stopLoss?.limitPrice)),
            .packedDecimals(proposals.map(\.terms.takeProfitLimitPrice)),
        ]
    }

    private static func notes(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .packedDecimals(proposals.map(\.notes.referencePrice)),
            .packed(proposals.map(\.notes.strategy)),
            .packedTextArray(proposals.map(\.notes.rationale)),
            .packedDecimals(proposals.map(\.notes.confidence)),
            .packedDecimals(proposals.map(\.notes.catalystScore)),
            .packedTextArray(proposals.map(\.notes.signalID)),
            .packedTextArray(proposals.map(\.notes.patternID)),
            .packedTextArray(proposals.map(\.notes.newsID)),
            .packedTextArray(proposals.map(\.notes.externalRef)),
            .packedTextArray(proposals.map { $0.notes.evidence?.serialized() }),
        ]
    }

    private static func judgement(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .packed(proposals.map(\.notional)),
            .boolArray(proposals.map(\.isReducing)),
            .packed(proposals.map(\.clientOrderID)),
            .packed(proposals.map(\.canonicalOrder)),
            .packed(proposals.map(\.orderHash)),
            .packed(proposals.map(\.tier)),
            .ints(proposals.map(\.approvalsRequired)),
            .ints(proposals.map(\.policyVersion)),
            .packedTextArray(proposals.map { $0.impact?.serialized() }),
            .packed(proposals.map(\.createdAt)),
            .packed(proposals.map(\.expiresAt)),
            .ints(proposals.map(\.validityMinutes)),
            .packedTextArray(proposals.map(\.blockedReason)),
        ]
    }
}

extension PostgresValue {
    /// An array of decimals of which some may be missing.
    static func decimals(_ values: [ExactDecimal?]) -> PostgresValue {
        .textArray(values.map { $0?.description })
    }

    /// As `decimals`, for parameters that the statement casts to `text[]`.
    static func packedDecimals(_ values: [ExactDecimal?]) -> PostgresValue {
        .packedTextArray(values.map { $0?.description })
    }
}
