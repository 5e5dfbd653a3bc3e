-- What the checks found is kept once. The journal's first entry of a proposal has it, sealed; until now the proposal's own row
-- had it too, and to read, compress and log it there was two fifths of what writing that row cost.

-- Rows from before keep theirs.
ALTER TABLE proposal_terms ALTER COLUMN checks DROP NOT NULL;

-- What the checks found of a proposal as it came in, from its first entry in the journal. Looked up whatever the planner makes of
-- a journal that was empty when it planned.
CREATE FUNCTION first_checks(a_proposal_id uuid) RETURNS json
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp SET enable_seqscan = off
AS $$
BEGIN
    RETURN (
        SELECT data::json -> 'checks'
        FROM journal
        WHERE subject = 'proposal:' || a_proposal_id AND kind IN ('proposal.created', 'proposal.blocked')
        ORDER BY id
        LIMIT 1);
END
$$;

CREATE OR REPLACE VIEW proposals AS
SELECT t.id, t.sequence, s.state, t.mode, t.proposer_key_id, t.proposer_user_id, t.proposer_name, t.idempotency_key,
    t.request_hash, t.symbol, t.side, t.qty, t.type, t.limit_price, t.stop_price, t.time_in_force, t.stop_loss_stop_price,
    t.stop_loss_limit_price, t.take_profit_limit_price, t.reference_price, t.strategy, t.rationale, t.confidence,
    t.catalyst_score, t.signal_id, t.pattern_id, t.news_id, t.external_ref, t.evidence, t.notional, t.is_reducing,
    t.client_order_id, t.canonical_order, t.order_hash, t.tier, t.approvals_required, t.policy_version,
    coalesce(t.checks, first_checks(t.id), '[]') AS checks, t.impact,
    t.created_at, s.expires_at, t.validity_minutes, s.approved_at, s.valid_until, s.decided_at, s.decided_by, s.reason,
    t.reserve, t.keenness, t.is_blocked, s.proposal_id
FROM proposal_terms t
JOIN proposal_states s ON s.proposal_id = t.id;

-- The first entry is the one with the least number, so nobody but the database gives numbers: with the right to name one, the
-- application's role could put an entry before those that are there.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        REVOKE INSERT ON journal FROM countersign_app;
        GRANT INSERT (kind, actor, subject, data) ON journal TO countersign_app;
    END IF;
END
$$;
