import Domain
import JSON
package import Postgres

/// Stores new proposals, many with one statement.
package enum ProposalInsertion {
    /// Stores proposals in their order; the answer is for `records`.
    package static func insert(_ proposals: [NewProposal]) -> PostgresReading<PostgresRows> {
        PostgresReading(sql, origin(proposals) + order(proposals) + notes(proposals) + judgement(proposals)) {
            (rows) throws(PostgresError) in rows
        }
    }

    private static let sql = """
        INSERT INTO proposals (
            id, state, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key,
            request_hash, symbol, side, qty, type, limit_price, stop_price, time_in_force,
            stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price,
            strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id,
            external_ref, evidence, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, checks, impact, created_at, expires_at,
            validity_minutes, decided_at, decided_by, reason)
        SELECT
            id, state, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key,
            request_hash, symbol, side, qty, type, limit_price, stop_price, time_in_force,
            stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price,
            strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id,
            external_ref, evidence, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, checks, impact, created_at, expires_at,
            validity_minutes, decided_at, decided_by, reason
        FROM unnest(
            $1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::text[], $7::text[],
            $8::bytea[], $9::text[], $10::text[], $11::numeric[], $12::text[], $13::numeric[],
            $14::numeric[], $15::text[], $16::numeric[], $17::numeric[], $18::numeric[], $19::numeric[],
            $20::text[], $21::text[], $22::numeric[], $23::numeric[], $24::text[], $25::text[],
            $26::text[], $27::text[], $28::jsonb[], $29::numeric[], $30::boolean[], $31::text[],
            $32::text[], $33::text[], $34::text[], $35::smallint[], $36::integer[], $37::jsonb[],
            $38::jsonb[], $39::timestamptz[], $40::timestamptz[], $41::integer[], $42::timestamptz[],
            $43::text[], $44::text[])
            WITH ORDINALITY AS new (
            id, state, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key,
            request_hash, symbol, side, qty, type, limit_price, stop_price, time_in_force,
            stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price,
            strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id,
            external_ref, evidence, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, checks, impact, created_at, expires_at,
            validity_minutes, decided_at, decided_by, reason, place)
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
            .texts(proposals.map(\.id)),
            .texts(proposals.map(\.state.rawValue)),
            .texts(proposals.map(\.mode.rawValue)),
            .texts(proposals.map(\.proposerKeyID)),
            .textArray(proposals.map { $0.proposerUserID?.text }),
            .texts(proposals.map(\.proposerName)),
            .textArray(proposals.map(\.idempotencyKey)),
            .bytesArray(proposals.map(\.requestHash)),
        ]
    }

    private static func order(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .texts(proposals.map(\.terms.symbol)),
            .texts(proposals.map(\.terms.side.rawValue)),
            .texts(proposals.map(\.terms.qty)),
            .texts(proposals.map(\.terms.type.rawValue)),
            .decimals(proposals.map(\.terms.limitPrice)),
            .decimals(proposals.map(\.terms.stopPrice)),
            .texts(proposals.map(\.terms.timeInForce.rawValue)),
            .decimals(proposals.map(\.terms.stopLoss?.stopPrice)),
            .decimals(proposals.map(\.terms.stopLoss?.limitPrice)),
            .decimals(proposals.map(\.terms.takeProfitLimitPrice)),
        ]
    }

    private static func notes(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .decimals(proposals.map(\.notes.referencePrice)),
            .texts(proposals.map(\.notes.strategy)),
            .textArray(proposals.map(\.notes.rationale)),
            .decimals(proposals.map(\.notes.confidence)),
            .decimals(proposals.map(\.notes.catalystScore)),
            .textArray(proposals.map(\.notes.signalID)),
            .textArray(proposals.map(\.notes.patternID)),
            .textArray(proposals.map(\.notes.newsID)),
            .textArray(proposals.map(\.notes.externalRef)),
            .textArray(proposals.map { $0.notes.evidence?.serialized() }),
        ]
    }

    private static func judgement(_ proposals: [NewProposal]) -> [PostgresValue] {
        [
            .texts(proposals.map(\.notional)),
            .boolArray(proposals.map(\.isReducing)),
            .texts(proposals.map(\.clientOrderID)),
            .texts(proposals.map(\.canonicalOrder)),
            .texts(proposals.map(\.orderHash)),
            .texts(proposals.map(\.tier)),
            .ints(proposals.map(\.approvalsRequired)),
            .ints(proposals.map(\.policyVersion)),
            .texts(proposals.map { $0.checks.serialized() }),
            .textArray(proposals.map { $0.impact?.serialized() }),
            .texts(proposals.map(\.createdAt)),
            .texts(proposals.map(\.expiresAt)),
            .ints(proposals.map(\.validityMinutes)),
            .textArray(proposals.map { $0.decidedAt?.rfc3339 }),
            .textArray(proposals.map(\.decidedBy)),
            .textArray(proposals.map(\.reason)),
        ]
    }
}

extension PostgresValue {
    /// An array of decimals of which some may be missing.
    static func decimals(_ values: [ExactDecimal?]) -> PostgresValue {
        .textArray(values.map { $0?.description })
    }
}
