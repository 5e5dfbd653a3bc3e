-- What writing a proposal, a decision or an order costs beside the row itself: look-ups that something else already makes,
-- one by one, and an index that nobody asks.

-- Foreign keys are looked up row by row. The guards of decisions and orders read the proposal, and the person, they point to
-- anyway and refuse where there is none. What proposals and orders point to besides is looked up once for each statement,
-- below. None of it can be deleted (`keep` refuses that), so what was there stays there.
ALTER TABLE decisions DROP CONSTRAINT decisions_proposal_id_fkey, DROP CONSTRAINT decisions_user_id_fkey;
ALTER TABLE orders DROP CONSTRAINT orders_proposal_id_fkey, DROP CONSTRAINT orders_key_id_fkey;
ALTER TABLE proposals DROP CONSTRAINT proposals_policy_version_fkey, DROP CONSTRAINT proposals_proposer_key_id_fkey,
    DROP CONSTRAINT proposals_proposer_user_id_fkey;
-- Messages are written with what they are about, in one transaction.
ALTER TABLE deliveries DROP CONSTRAINT deliveries_proposal_id_fkey, DROP CONSTRAINT deliveries_order_id_fkey;

CREATE FUNCTION guard_new_proposals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM (SELECT DISTINCT policy_version, proposer_key_id, proposer_user_id FROM written) AS origin
        WHERE NOT EXISTS (SELECT FROM policies WHERE version = origin.policy_version)
           OR NOT EXISTS (SELECT FROM api_keys WHERE id = origin.proposer_key_id)
           OR (origin.proposer_user_id IS NOT NULL AND NOT EXISTS (SELECT FROM users WHERE id = origin.proposer_user_id)))
    THEN
        RAISE EXCEPTION 'a proposal has a policy, and a key or person that it came by' USING ERRCODE = '23503';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_new_rows AFTER INSERT ON proposals REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION guard_new_proposals();

CREATE FUNCTION guard_new_orders() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT
        FROM (SELECT DISTINCT key_id FROM written) AS signed
        WHERE NOT EXISTS (SELECT FROM signing_keys WHERE key_id = signed.key_id))
    THEN
        RAISE EXCEPTION 'an order is signed by a key that is known' USING ERRCODE = '23503';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER guard_new_rows AFTER INSERT ON orders REFERENCING NEW TABLE AS written
    FOR EACH STATEMENT EXECUTE FUNCTION guard_new_orders();

-- No two orders have one client_order_id, and an order has that of its proposal; nobody looks a proposal up by it.
ALTER TABLE proposals DROP CONSTRAINT proposals_client_order_id_key;

-- Findings are written and read whole, as text; only reports look into them.
ALTER TABLE proposals ALTER COLUMN checks TYPE json USING checks::json, ALTER COLUMN impact TYPE json USING impact::json;
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE proposals ALTER COLUMN checks SET COMPRESSION lz4, ALTER COLUMN impact SET COMPRESSION lz4,
            ALTER COLUMN canonical_order SET COMPRESSION lz4, ALTER COLUMN evidence SET COMPRESSION lz4;
    END IF;
END
$$;

-- What cannot change is guarded where a statement names it, and not compared, two dozen columns of it, at every change of
-- the state. What the bot said and what the checks found belongs to it: people decide by what they see.
CREATE FUNCTION guard_what_was_proposed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (
        NEW.id, NEW.sequence, NEW.mode, NEW.proposer_key_id, NEW.proposer_user_id, NEW.proposer_name,
        NEW.idempotency_key, NEW.request_hash, NEW.symbol, NEW.side, NEW.type, NEW.limit_price, NEW.stop_price,
        NEW.time_in_force, NEW.stop_loss_stop_price, NEW.stop_loss_limit_price, NEW.take_profit_limit_price,
        NEW.reference_price, NEW.strategy, NEW.rationale, NEW.confidence, NEW.catalyst_score, NEW.signal_id,
        NEW.pattern_id, NEW.news_id, NEW.external_ref, NEW.evidence, NEW.is_reducing, NEW.client_order_id,
        NEW.tier, NEW.approvals_required, NEW.policy_version, NEW.checks::text, NEW.impact::text,
        NEW.created_at, NEW.expires_at, NEW.validity_minutes)
        IS DISTINCT FROM (
        OLD.id, OLD.sequence, OLD.mode, OLD.proposer_key_id, OLD.proposer_user_id, OLD.proposer_name,
        OLD.idempotency_key, OLD.request_hash, OLD.symbol, OLD.side, OLD.type, OLD.limit_price, OLD.stop_price,
        OLD.time_in_force, OLD.stop_loss_stop_price, OLD.stop_loss_limit_price, OLD.take_profit_limit_price,
        OLD.reference_price, OLD.strategy, OLD.rationale, OLD.confidence, OLD.catalyst_score, OLD.signal_id,
        OLD.pattern_id, OLD.news_id, OLD.external_ref, OLD.evidence, OLD.is_reducing, OLD.client_order_id,
        OLD.tier, OLD.approvals_required, OLD.policy_version, OLD.checks::text, OLD.impact::text,
        OLD.created_at, OLD.expires_at, OLD.validity_minutes)
    THEN
        RAISE EXCEPTION 'what was proposed cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER guard_fixed
    BEFORE UPDATE OF
        id, sequence, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key, request_hash,
        symbol, side, type, limit_price, stop_price, time_in_force, stop_loss_stop_price,
        stop_loss_limit_price, take_profit_limit_price, reference_price, strategy, rationale, confidence,
        catalyst_score, signal_id, pattern_id, news_id, external_ref, evidence, is_reducing,
        client_order_id, tier, approvals_required, policy_version, checks, impact, created_at, expires_at,
        validity_minutes
    ON proposals FOR EACH ROW EXECUTE FUNCTION guard_what_was_proposed();

CREATE OR REPLACE FUNCTION guard_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.qty, NEW.canonical_order) IS DISTINCT FROM (OLD.qty, OLD.canonical_order)
        AND (OLD.state <> 'pending' OR NEW.qty >= OLD.qty OR NEW.order_hash = OLD.order_hash
            OR EXISTS (SELECT 1 FROM decisions WHERE proposal_id = OLD.id))
    THEN
        RAISE EXCEPTION 'a quantity can only be reduced, before any decision' USING ERRCODE = 'CS016';
    END IF;
    IF NEW.notional <> OLD.notional AND (NEW.qty = OLD.qty OR NEW.notional > OLD.notional) THEN
        RAISE EXCEPTION 'what an order is worth changes only with its quantity' USING ERRCODE = 'CS016';
    END IF;
    IF NEW.state = OLD.state THEN
        IF OLD.state <> 'pending' THEN
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
    IF NEW.state IN ('approved', 'released', 'refused')
        AND valid_approvals(NEW.id, NEW.order_hash) < NEW.approvals_required
    THEN
        RAISE EXCEPTION 'not enough people approved this order' USING ERRCODE = 'CS018';
    END IF;
    IF NEW.state = 'released' AND NOT EXISTS (SELECT 1 FROM orders WHERE proposal_id = NEW.id) THEN
        RAISE EXCEPTION 'a released proposal has an order' USING ERRCODE = 'CS019';
    END IF;
    IF NEW.state = 'rejected'
        AND NOT EXISTS (SELECT 1 FROM decisions WHERE proposal_id = NEW.id AND verdict = 'reject')
    THEN
        RAISE EXCEPTION 'nobody rejected this proposal' USING ERRCODE = 'CS018';
    END IF;
    RETURN NEW;
END
$$;
