-- The same guards, reading less: what a row is guarded by is read in one look-up and not as whole rows of sixty columns, and
-- what only a few changes need is asked only for them. A condition with a question in it is a query of its own each
-- time, even where its first half already says no. And none of them can be shown a temporary table for a real one (below).

CREATE OR REPLACE FUNCTION guard_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.qty, NEW.canonical_order) IS DISTINCT FROM (OLD.qty, OLD.canonical_order) THEN
        IF OLD.state <> 'pending' OR NEW.qty >= OLD.qty OR NEW.order_hash = OLD.order_hash
            OR EXISTS (SELECT 1 FROM public.decisions WHERE proposal_id = OLD.id)
        THEN
            RAISE EXCEPTION 'a quantity can only be reduced, before any decision' USING ERRCODE = 'CS016';
        END IF;
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
    IF NEW.state = 'released' THEN
        IF NOT EXISTS (SELECT 1 FROM public.orders WHERE proposal_id = NEW.id) THEN
            RAISE EXCEPTION 'a released proposal has an order' USING ERRCODE = 'CS019';
        END IF;
    ELSIF NEW.state = 'rejected' THEN
        IF NOT EXISTS (SELECT 1 FROM public.decisions WHERE proposal_id = NEW.id AND verdict = 'reject') THEN
            RAISE EXCEPTION 'nobody rejected this proposal' USING ERRCODE = 'CS018';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

-- An expiry at its time that changes nothing else needs no look from it; twenty thousand may be due at once.
DROP TRIGGER guard ON proposals;
CREATE TRIGGER guard BEFORE UPDATE ON proposals FOR EACH ROW
    WHEN (NOT (OLD.state = 'pending' AND NEW.state = 'expired' AND clock_timestamp() >= OLD.expires_at
        AND NEW.qty = OLD.qty AND NEW.notional = OLD.notional AND NEW.canonical_order = OLD.canonical_order))
    EXECUTE FUNCTION guard_proposal();

-- It also notes at which price the order stands, for which another trigger read the proposal once more.
CREATE OR REPLACE FUNCTION guard_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal record;
BEGIN
    SELECT id, state, client_order_id, symbol, side, qty, is_reducing, order_hash, approvals_required, strategy,
        proposer_name, valid_until, validity_minutes, keenness
    INTO proposal
    FROM public.proposals
    WHERE id = NEW.proposal_id
    FOR UPDATE;
    IF proposal.id IS NULL OR proposal.state NOT IN ('pending', 'approved') THEN
        RAISE EXCEPTION 'no order without a proposal that may be released (it is %)', coalesce(proposal.state, 'unknown')
            USING ERRCODE = 'CS020';
    END IF;
    IF valid_approvals(proposal.id, proposal.order_hash) < proposal.approvals_required THEN
        RAISE EXCEPTION 'no order without the approvals that its tier asks for' USING ERRCODE = 'CS018';
    END IF;
    IF NEW.state <> 'released' OR NEW.claim_generation <> 0 OR NEW.filled_qty <> 0 THEN
        RAISE EXCEPTION 'an order begins released' USING ERRCODE = 'CS015';
    END IF;
    IF (NEW.client_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.is_reducing, NEW.order_hash) IS DISTINCT FROM
        (proposal.client_order_id, proposal.symbol, proposal.side, proposal.qty, proposal.is_reducing, proposal.order_hash)
    THEN
        RAISE EXCEPTION 'the order differs from what was approved' USING ERRCODE = 'CS012';
    END IF;
    IF is_halted(proposal.strategy, proposal.symbol, proposal.proposer_name, proposal.is_reducing) THEN
        RAISE EXCEPTION 'trading is halted' USING ERRCODE = 'CS021';
    END IF;
    NEW.released_at := clock_timestamp();
    NEW.keenness := proposal.keenness;
    IF proposal.state = 'approved'
        AND (NEW.released_at >= proposal.valid_until OR NEW.valid_until > proposal.valid_until)
    THEN
        RAISE EXCEPTION 'the approval ran out at %', proposal.valid_until USING ERRCODE = 'CS011';
    END IF;
    IF NEW.valid_until > NEW.released_at + make_interval(mins => proposal.validity_minutes) THEN
        RAISE EXCEPTION 'the order would be valid for longer than its approval' USING ERRCODE = 'CS011';
    END IF;
    RETURN NEW;
END
$$;
DROP TRIGGER note_keenness ON orders;
DROP FUNCTION note_keenness();

CREATE OR REPLACE FUNCTION guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal record;
    person record;
BEGIN
    SELECT state, expires_at, order_hash, proposer_user_id INTO proposal
    FROM public.proposals
    WHERE id = NEW.proposal_id
    FOR UPDATE;
    SELECT id, disabled_at, role INTO person FROM public.users WHERE id = NEW.user_id;
    NEW.decided_at := clock_timestamp();
    IF proposal.state IS DISTINCT FROM 'pending' THEN
        RAISE EXCEPTION 'the proposal is %, not pending', coalesce(proposal.state, 'unknown') USING ERRCODE = 'CS010';
    END IF;
    IF NEW.decided_at >= proposal.expires_at THEN
        RAISE EXCEPTION 'the proposal expired at %', proposal.expires_at USING ERRCODE = 'CS011';
    END IF;
    IF NEW.order_hash IS DISTINCT FROM proposal.order_hash THEN
        RAISE EXCEPTION 'the decision is on another order than the one proposed' USING ERRCODE = 'CS012';
    END IF;
    IF person.id IS NULL OR person.disabled_at IS NOT NULL OR person.role NOT IN ('approver', 'operator', 'admin') THEN
        RAISE EXCEPTION 'this person may not decide' USING ERRCODE = 'CS013';
    END IF;
    IF proposal.proposer_user_id = NEW.user_id THEN
        RAISE EXCEPTION 'the proposer never decides on the own proposal' USING ERRCODE = 'CS014';
    END IF;
    RETURN NEW;
END
$$;

-- A temporary table hides one of the same name from every statement of its session, also from the guards: who may make one
-- could show them decisions that nobody made. So the rules that are asked for each row name the schema of what they read, and
-- all others look into temporary tables last.
CREATE OR REPLACE FUNCTION valid_approvals(a_proposal_id uuid, an_order_hash text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN bool_or(verdict = 'reject') THEN 0
            ELSE count(*) FILTER (WHERE verdict = 'approve' AND order_hash = an_order_hash) END
        FROM public.decisions
        WHERE proposal_id = a_proposal_id);
END
$$;

CREATE OR REPLACE FUNCTION is_halted(a_strategy text, a_symbol text, a_bot text, is_reducing boolean) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        FROM public.halts
        WHERE cleared_at IS NULL
          AND NOT (allows_reducing AND is_reducing)
          AND (scope = 'account'
            OR (scope = 'strategy' AND target = a_strategy)
            OR (scope = 'symbol' AND target = a_symbol)
            OR (scope = 'bot' AND target = a_bot)));
END
$$;

CREATE OR REPLACE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal public.proposals%ROWTYPE;
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
        SELECT * INTO proposal FROM public.proposals WHERE id = OLD.proposal_id;
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

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT oid::regprocedure::text
        FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
          AND proname IN ('count_changed_orders', 'count_changed_proposals', 'count_new_orders', 'count_new_proposals',
            'count_opened', 'fold_exposure', 'guard_alert', 'guard_breaker', 'guard_command', 'guard_deployment',
            'guard_execution', 'guard_flattening', 'guard_halt', 'guard_last_admin', 'guard_mismatch', 'guard_new_orders',
            'guard_new_proposals', 'guard_policy_draft', 'guard_review_answer', 'guard_review_signature',
            'note_changed_states', 'note_new_states', 'queue_for_sealing')
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_temp', name);
    END LOOP;
    -- The application needs no temporary table. Where the owner of the tables is not that of the database, this only warns.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
END
$$;
