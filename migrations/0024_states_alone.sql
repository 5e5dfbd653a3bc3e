-- What becomes of a proposal stands in the narrow table alone, and what was proposed in one whose rows stay as they were written.
-- Until now both stood in one row of a kilobyte, of which every change wrote a new version, and the narrow table repeated
-- the state. `proposals` is what both are together, for reading (docs/decisions/states-beside-proposals.md).

LOCK TABLE proposals, proposal_states IN ACCESS EXCLUSIVE MODE;

DROP TRIGGER count_changed ON proposals;
DROP TRIGGER count_new ON proposals;
DROP TRIGGER guard ON proposals;
DROP TRIGGER guard_fixed ON proposals;
DROP TRIGGER guard_new ON proposals;
DROP TRIGGER note_changed ON proposals;
DROP TRIGGER note_new ON proposals;
DROP FUNCTION count_changed_proposals(), guard_new_proposal(), guard_proposal(), note_changed_states();
DROP INDEX proposals_by_intent;
DROP TABLE proposal_states;

-- What becomes of each proposal, and what proposals are sought by together with it.
CREATE TABLE proposal_states (
    proposal_id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('blocked', 'pending', 'approved', 'rejected', 'expired', 'withdrawn', 'cancelled',
        'released', 'refused', 'lapsed', 'revoked')),
    symbol text NOT NULL,
    side text NOT NULL,
    keenness numeric,
    expires_at timestamptz NOT NULL,
    approved_at timestamptz,
    valid_until timestamptz,
    decided_at timestamptz,
    decided_by text,
    reason text,
    CHECK ((state = 'pending') = (decided_at IS NULL)),
    CHECK ((approved_at IS NULL) = (valid_until IS NULL))
);
INSERT INTO proposal_states
SELECT id, sequence, state, symbol, side, keenness, expires_at, approved_at, valid_until, decided_at, decided_by, reason
FROM proposals
ORDER BY sequence;
CREATE INDEX proposal_states_by_state ON proposal_states (state, sequence DESC);
CREATE INDEX proposal_states_pending ON proposal_states (expires_at, sequence) WHERE state = 'pending';
CREATE INDEX proposal_states_watched ON proposal_states (symbol, side, keenness DESC NULLS LAST)
    WHERE state IN ('pending', 'approved');

-- What was proposed, with what was found about it. What failed its checks says why, and nothing ever becomes of it.
ALTER TABLE proposals RENAME TO proposal_terms;
ALTER TABLE proposal_terms ADD COLUMN blocked_reason text;
UPDATE proposal_terms SET blocked_reason = coalesce(reason, '') WHERE state = 'blocked';
ALTER TABLE proposal_terms
    DROP COLUMN is_blocked, DROP COLUMN state, DROP COLUMN approved_at, DROP COLUMN valid_until, DROP COLUMN decided_at,
    DROP COLUMN decided_by, DROP COLUMN reason;
ALTER TABLE proposal_terms RESET (fillfactor);
ALTER TABLE proposal_terms
    ADD COLUMN is_blocked boolean NOT NULL GENERATED ALWAYS AS (blocked_reason IS NOT NULL) STORED;
CREATE INDEX proposals_by_intent ON proposal_terms (symbol, side, proposer_name, qty, created_at DESC) WHERE NOT is_blocked;

-- The identity twice, so that whoever asks for several can name them on both sides, and a plan that is kept looks them up on both.
CREATE VIEW proposals AS
SELECT t.id, t.sequence, s.state, t.mode, t.proposer_key_id, t.proposer_user_id, t.proposer_name, t.idempotency_key,
    t.request_hash, t.symbol, t.side, t.qty, t.type, t.limit_price, t.stop_price, t.time_in_force, t.stop_loss_stop_price,
    t.stop_loss_limit_price, t.take_profit_limit_price, t.reference_price, t.strategy, t.rationale, t.confidence,
    t.catalyst_score, t.signal_id, t.pattern_id, t.news_id, t.external_ref, t.evidence, t.notional, t.is_reducing,
    t.client_order_id, t.canonical_order, t.order_hash, t.tier, t.approvals_required, t.policy_version, t.checks, t.impact,
    t.created_at, s.expires_at, t.validity_minutes, s.approved_at, s.valid_until, s.decided_at, s.decided_by, s.reason,
    t.reserve, t.keenness, t.is_blocked, s.proposal_id
FROM proposal_terms t
JOIN proposal_states s ON s.proposal_id = t.id;

-- The state begins with the proposal, by a trigger: whoever proposes cannot forget it, and cannot choose it.
CREATE OR REPLACE FUNCTION note_new_states() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO proposal_states (proposal_id, sequence, state, symbol, side, keenness, expires_at, decided_at, decided_by, reason)
    SELECT id, sequence, CASE WHEN is_blocked THEN 'blocked' ELSE 'pending' END, symbol, side, keenness, expires_at,
        CASE WHEN is_blocked THEN created_at END, CASE WHEN is_blocked THEN 'system' END, blocked_reason
    FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_new AFTER INSERT ON proposal_terms
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION note_new_states();

CREATE FUNCTION guard_proposal_state() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    terms record;
BEGIN
    IF (NEW.proposal_id, NEW.sequence, NEW.symbol, NEW.side, NEW.keenness, NEW.expires_at)
        IS DISTINCT FROM (OLD.proposal_id, OLD.sequence, OLD.symbol, OLD.side, OLD.keenness, OLD.expires_at)
    THEN
        RAISE EXCEPTION 'what was proposed cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    IF NEW.state = OLD.state THEN
        IF OLD.state <> 'pending' OR (NEW.approved_at, NEW.valid_until, NEW.decided_at, NEW.decided_by, NEW.reason)
            IS DISTINCT FROM (OLD.approved_at, OLD.valid_until, OLD.decided_at, OLD.decided_by, OLD.reason)
        THEN
            RAISE EXCEPTION 'a % proposal does not change', OLD.state USING ERRCODE = 'CS001';
        END IF;
        RETURN NEW;
    END IF;
    IF NEW.state = 'expired' AND OLD.state = 'pending' THEN
        IF clock_timestamp() < OLD.expires_at THEN
            RAISE EXCEPTION 'the deadline has not passed yet' USING ERRCODE = 'CS011';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT proposal_may_become(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a % proposal cannot become %', OLD.state, NEW.state USING ERRCODE = 'CS017';
    END IF;
    IF NEW.state IN ('approved', 'released', 'refused') THEN
        SELECT order_hash, approvals_required INTO terms FROM public.proposal_terms WHERE id = NEW.proposal_id;
        IF terms IS NULL OR valid_approvals(NEW.proposal_id, terms.order_hash) < terms.approvals_required THEN
            RAISE EXCEPTION 'not enough people approved this order' USING ERRCODE = 'CS018';
        END IF;
    END IF;
    IF NEW.state = 'released' THEN
        IF NOT EXISTS (SELECT 1 FROM public.orders WHERE proposal_id = NEW.proposal_id) THEN
            RAISE EXCEPTION 'a released proposal has an order' USING ERRCODE = 'CS019';
        END IF;
    ELSIF NEW.state = 'rejected' THEN
        IF NOT EXISTS (SELECT 1 FROM public.decisions WHERE proposal_id = NEW.proposal_id AND verdict = 'reject') THEN
            RAISE EXCEPTION 'nobody rejected this proposal' USING ERRCODE = 'CS018';
        END IF;
    END IF;
    RETURN NEW;
END
$$;
-- An expiry at its time that changes nothing else needs no look from it; twenty thousand may be due at once.
CREATE TRIGGER guard BEFORE UPDATE ON proposal_states FOR EACH ROW
    WHEN (NOT (OLD.state = 'pending' AND NEW.state = 'expired' AND clock_timestamp() >= OLD.expires_at
        AND (NEW.proposal_id, NEW.sequence, NEW.symbol, NEW.side, NEW.keenness, NEW.expires_at)
            IS NOT DISTINCT FROM (OLD.proposal_id, OLD.sequence, OLD.symbol, OLD.side, OLD.keenness, OLD.expires_at)))
    EXECUTE FUNCTION guard_proposal_state();
CREATE TRIGGER keep BEFORE DELETE ON proposal_states FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON proposal_states FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Who reduces a quantity writes the state anew, so that whoever is about to change it, or to expire it, by what stood there before
-- notices, and what two change at once is counted by one after the other.
CREATE FUNCTION guard_proposal_terms() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    a_state text;
BEGIN
    SELECT state INTO a_state FROM public.proposal_states WHERE proposal_id = OLD.id FOR UPDATE;
    IF (NEW.qty, NEW.canonical_order) IS DISTINCT FROM (OLD.qty, OLD.canonical_order) THEN
        IF a_state IS DISTINCT FROM 'pending' OR NEW.qty >= OLD.qty OR NEW.order_hash = OLD.order_hash
            OR EXISTS (SELECT 1 FROM public.decisions WHERE proposal_id = OLD.id)
        THEN
            RAISE EXCEPTION 'a quantity can only be reduced, before any decision' USING ERRCODE = 'CS016';
        END IF;
    END IF;
    IF NEW.notional <> OLD.notional AND (NEW.qty = OLD.qty OR NEW.notional > OLD.notional) THEN
        RAISE EXCEPTION 'what an order is worth changes only with its quantity' USING ERRCODE = 'CS016';
    END IF;
    IF a_state IS DISTINCT FROM 'pending' THEN
        RAISE EXCEPTION 'a % proposal does not change', coalesce(a_state, 'lost') USING ERRCODE = 'CS001';
    END IF;
    UPDATE public.proposal_states SET state = state WHERE proposal_id = OLD.id;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard BEFORE UPDATE ON proposal_terms FOR EACH ROW EXECUTE FUNCTION guard_proposal_terms();

CREATE OR REPLACE FUNCTION guard_what_was_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        NEW.id, NEW.sequence, NEW.mode, NEW.proposer_key_id, NEW.proposer_user_id, NEW.proposer_name,
        NEW.idempotency_key, NEW.request_hash, NEW.symbol, NEW.side, NEW.type, NEW.limit_price, NEW.stop_price,
        NEW.time_in_force, NEW.stop_loss_stop_price, NEW.stop_loss_limit_price, NEW.take_profit_limit_price,
        NEW.reference_price, NEW.strategy, NEW.rationale, NEW.confidence, NEW.catalyst_score, NEW.signal_id,
        NEW.pattern_id, NEW.news_id, NEW.external_ref, NEW.evidence, NEW.is_reducing, NEW.client_order_id,
        NEW.tier, NEW.approvals_required, NEW.policy_version, NEW.checks::text, NEW.impact::text,
        NEW.created_at, NEW.expires_at, NEW.validity_minutes, NEW.blocked_reason)
        IS DISTINCT FROM (
        OLD.id, OLD.sequence, OLD.mode, OLD.proposer_key_id, OLD.proposer_user_id, OLD.proposer_name,
        OLD.idempotency_key, OLD.request_hash, OLD.symbol, OLD.side, OLD.type, OLD.limit_price, OLD.stop_price,
        OLD.time_in_force, OLD.stop_loss_stop_price, OLD.stop_loss_limit_price, OLD.take_profit_limit_price,
        OLD.reference_price, OLD.strategy, OLD.rationale, OLD.confidence, OLD.catalyst_score, OLD.signal_id,
        OLD.pattern_id, OLD.news_id, OLD.external_ref, OLD.evidence, OLD.is_reducing, OLD.client_order_id,
        OLD.tier, OLD.approvals_required, OLD.policy_version, OLD.checks::text, OLD.impact::text,
        OLD.created_at, OLD.expires_at, OLD.validity_minutes, OLD.blocked_reason)
    THEN
        RAISE EXCEPTION 'what was proposed cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_fixed BEFORE UPDATE OF id, sequence, mode, proposer_key_id, proposer_user_id, proposer_name,
    idempotency_key, request_hash, symbol, side, type, limit_price, stop_price, time_in_force, stop_loss_stop_price,
    stop_loss_limit_price, take_profit_limit_price, reference_price, strategy, rationale, confidence, catalyst_score, signal_id,
    pattern_id, news_id, external_ref, evidence, is_reducing, client_order_id, tier, approvals_required, policy_version, checks,
    impact, created_at, expires_at, validity_minutes, blocked_reason
    ON proposal_terms FOR EACH ROW EXECUTE FUNCTION guard_what_was_proposed();

-- The sums of what is at stake (docs/decisions/exposure-is-summed-as-it-changes.md).
CREATE OR REPLACE FUNCTION count_new_proposals() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO exposure AS total
    SELECT symbol, side, coalesce(sum(qty) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(notional) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(reserve) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(qty) FILTER (WHERE is_reducing), 0),
        count(*) FILTER (WHERE NOT is_reducing), 0
    FROM written
    WHERE NOT is_blocked
    GROUP BY symbol, side
    ORDER BY symbol, side
    ON CONFLICT (symbol, side) DO UPDATE
    SET opening_qty = total.opening_qty + excluded.opening_qty,
        opening_notional = total.opening_notional + excluded.opening_notional,
        opening_reserve = total.opening_reserve + excluded.opening_reserve,
        reducing_qty = total.reducing_qty + excluded.reducing_qty,
        proposed_openings = total.proposed_openings + excluded.proposed_openings;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_new AFTER INSERT ON proposal_terms
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_new_proposals();

-- The plan is made once for a session, perhaps when there are few, and has to look each proposal up by itself.
CREATE FUNCTION count_changed_states() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT t.symbol, t.side, coalesce(sum(sign * t.qty) FILTER (WHERE NOT t.is_reducing), 0),
        coalesce(sum(sign * t.notional) FILTER (WHERE NOT t.is_reducing), 0),
        coalesce(sum(sign * t.reserve) FILTER (WHERE NOT t.is_reducing), 0),
        coalesce(sum(sign * t.qty) FILTER (WHERE t.is_reducing), 0),
        coalesce(sum(sign) FILTER (WHERE NOT t.is_reducing), 0), 0
    FROM (
        SELECT -1 AS sign, proposal_id
        FROM before
        WHERE state IN ('pending', 'approved')
        UNION ALL
        SELECT 1, proposal_id
        FROM after
        WHERE state IN ('pending', 'approved')
        ) AS change
    CROSS JOIN LATERAL (
        SELECT symbol, side, qty, notional, reserve, is_reducing
        FROM proposal_terms
        WHERE id = change.proposal_id
        LIMIT 1) AS t
    GROUP BY t.symbol, t.side
    HAVING sum(sign) <> 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_changed AFTER UPDATE ON proposal_states
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_states();

CREATE FUNCTION count_changed_terms() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT change.symbol, change.side, coalesce(sum(sign * qty) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * notional) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * reserve) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * qty) FILTER (WHERE is_reducing), 0), 0, 0
    FROM (
        SELECT -1 AS sign, id, symbol, side, qty, notional, reserve, is_reducing
        FROM before
        UNION ALL
        SELECT 1, id, symbol, side, qty, notional, reserve, is_reducing
        FROM after
        ) AS change
    CROSS JOIN LATERAL (SELECT state FROM proposal_states WHERE proposal_id = change.id LIMIT 1) AS s
    WHERE s.state IN ('pending', 'approved')
    GROUP BY change.symbol, change.side
    HAVING sum(sign * qty) <> 0 OR sum(sign * notional) <> 0;
    RETURN NULL;
END
$$;
CREATE TRIGGER count_changed AFTER UPDATE ON proposal_terms
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_terms();

-- What never changes is read where it stands.
CREATE OR REPLACE FUNCTION count_changed_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT p.symbol, p.side, coalesce(-sum(p.qty) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.notional) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.reserve) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.qty) FILTER (WHERE p.is_reducing), 0),
        0, -count(*) FILTER (WHERE NOT p.is_reducing)
    FROM before
    JOIN after ON after.id = before.id AND after.state <> 'released'
    JOIN proposal_terms p ON p.id = before.proposal_id
    WHERE before.state = 'released'
    GROUP BY p.symbol, p.side;
    PERFORM count_opened(day, sum(sign))
    FROM (
        SELECT trading_day(released_at) AS day, -1 AS sign
        FROM before
        WHERE counts_as_opened(is_reducing, finished_at, filled_qty)
        UNION ALL
        SELECT trading_day(released_at), 1
        FROM after
        WHERE counts_as_opened(is_reducing, finished_at, filled_qty)
        ) AS change
    GROUP BY day
    HAVING sum(sign) <> 0
    ORDER BY day;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION count_new_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT p.symbol, p.side, coalesce(sum(p.qty) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.notional) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.reserve) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.qty) FILTER (WHERE p.is_reducing), 0),
        0, count(*) FILTER (WHERE NOT p.is_reducing)
    FROM written
    JOIN proposal_terms p ON p.id = written.proposal_id
    WHERE written.state = 'released'
    GROUP BY p.symbol, p.side;
    PERFORM count_opened(trading_day(released_at), count(*))
    FROM written
    WHERE counts_as_opened(is_reducing, finished_at, filled_qty)
    GROUP BY trading_day(released_at)
    ORDER BY trading_day(released_at);
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal record;
BEGIN
    IF (NEW.id, NEW.sequence, NEW.proposal_id, NEW.client_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.is_reducing,
        NEW.order_hash, NEW.document, NEW.signature, NEW.released_at, NEW.valid_until, NEW.notional, NEW.key_id,
        NEW.approved_price)
        IS DISTINCT FROM
       (OLD.id, OLD.sequence, OLD.proposal_id, OLD.client_order_id, OLD.symbol, OLD.side, OLD.qty, OLD.is_reducing,
        OLD.order_hash, OLD.document, OLD.signature, OLD.released_at, OLD.valid_until, OLD.notional, OLD.key_id,
        OLD.approved_price)
    THEN
        RAISE EXCEPTION 'a released order cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    IF NEW.filled_qty < OLD.filled_qty OR NEW.claim_generation < OLD.claim_generation
        OR (OLD.broker_order_id IS NOT NULL AND NEW.broker_order_id IS DISTINCT FROM OLD.broker_order_id)
    THEN
        RAISE EXCEPTION 'what the broker did cannot be undone' USING ERRCODE = 'CS001';
    END IF;
    IF NEW.state <> 'submitting' OR OLD.state <> 'released' THEN
        IF (NEW.claimed_by, NEW.claimed_at, NEW.claim_generation)
            IS DISTINCT FROM (OLD.claimed_by, OLD.claimed_at, OLD.claim_generation)
        THEN
            RAISE EXCEPTION 'a claim changes only when an order is claimed' USING ERRCODE = 'CS022';
        END IF;
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT order_may_become(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a % order cannot become %', OLD.state, NEW.state USING ERRCODE = 'CS017';
    END IF;
    IF NEW.state = 'submitting' THEN
        IF NEW.claim_generation <> OLD.claim_generation + 1 OR NEW.claimed_by IS NULL THEN
            RAISE EXCEPTION 'a claim names its worker and its generation' USING ERRCODE = 'CS022';
        END IF;
        IF clock_timestamp() >= OLD.valid_until THEN
            RAISE EXCEPTION 'the approval of this order ran out at %', OLD.valid_until USING ERRCODE = 'CS011';
        END IF;
        SELECT strategy, symbol, proposer_name, is_reducing INTO proposal
        FROM public.proposal_terms
        WHERE id = OLD.proposal_id;
        IF is_halted(proposal.strategy, proposal.symbol, proposal.proposer_name, proposal.is_reducing) THEN
            RAISE EXCEPTION 'trading is halted' USING ERRCODE = 'CS021';
        END IF;
    END IF;
    IF NEW.state = 'lapsed' AND clock_timestamp() < OLD.valid_until THEN
        RAISE EXCEPTION 'the approval of this order has not run out yet' USING ERRCODE = 'CS011';
    END IF;
    RETURN NEW;
END
$$;

-- In a transaction that keeps to one moment, the guards would look at that moment: a halt, a vote or a reduction since then would
-- not be there for them. So what they guard is only written where each statement sees the newest.
CREATE FUNCTION guard_isolation() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION '% is written in READ COMMITTED only', TG_TABLE_NAME USING ERRCODE = 'CS003';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_isolation BEFORE INSERT OR UPDATE ON proposal_terms FOR EACH STATEMENT EXECUTE FUNCTION guard_isolation();
CREATE TRIGGER guard_isolation BEFORE UPDATE ON proposal_states FOR EACH STATEMENT EXECUTE FUNCTION guard_isolation();
CREATE TRIGGER guard_isolation BEFORE INSERT ON decisions FOR EACH STATEMENT EXECUTE FUNCTION guard_isolation();
CREATE TRIGGER guard_isolation BEFORE INSERT OR UPDATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION guard_isolation();

-- The application's role changes states past their guard, and has them begun by the trigger alone.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        GRANT SELECT, UPDATE ON proposal_states, proposals TO countersign_app;
    END IF;
END
$$;
