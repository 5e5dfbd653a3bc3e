
CREATE FUNCTION public.count_changed_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
        WHERE opens_position AND counts_as_opened(is_reducing, finished_at, filled_qty)
        UNION ALL
        SELECT trading_day(released_at), 1
        FROM after
        WHERE opens_position AND counts_as_opened(is_reducing, finished_at, filled_qty)
        ) AS change
    GROUP BY day
    HAVING sum(sign) <> 0
    ORDER BY day;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.count_changed_states() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

CREATE FUNCTION public.count_changed_terms() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
    AS $$
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

CREATE FUNCTION public.count_new_orders() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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
    WHERE opens_position AND counts_as_opened(is_reducing, finished_at, filled_qty)
    GROUP BY trading_day(released_at)
    ORDER BY trading_day(released_at);
    RETURN NULL;
END
$$;

CREATE FUNCTION public.count_new_proposals() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.count_opened(a_day date, change bigint) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO opened_positions AS known
    VALUES (a_day, pg_backend_pid(), change)
    ON CONFLICT (day, shard) DO UPDATE
    SET orders = known.orders + excluded.orders;
END
$$;

CREATE FUNCTION public.counts_as_opened(is_reducing boolean, finished_at timestamp with time zone, filled_qty numeric) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT NOT is_reducing AND (finished_at IS NULL OR filled_qty > 0)
$$;

CREATE FUNCTION public.first_checks(a_proposal_id uuid) RETURNS json
    LANGUAGE plpgsql STABLE
    SET search_path TO 'public', 'pg_temp'
    SET enable_seqscan TO 'off'
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

CREATE FUNCTION public.fold_exposure() RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('countersign.fold_exposure', 0)) THEN
        RETURN;
    END IF;
    WITH taken AS (
        DELETE FROM exposure_changes
        RETURNING symbol, side, opening_qty, opening_notional, opening_reserve, reducing_qty, proposed_openings,
            released_openings
    )
    INSERT INTO exposure AS total
    SELECT symbol, side, sum(opening_qty), sum(opening_notional), sum(opening_reserve), sum(reducing_qty),
        sum(proposed_openings), sum(released_openings)
    FROM taken
    GROUP BY symbol, side
    ORDER BY symbol, side
    ON CONFLICT (symbol, side) DO UPDATE
    SET opening_qty = total.opening_qty + excluded.opening_qty,
        opening_notional = total.opening_notional + excluded.opening_notional,
        opening_reserve = total.opening_reserve + excluded.opening_reserve,
        reducing_qty = total.reducing_qty + excluded.reducing_qty,
        proposed_openings = total.proposed_openings + excluded.proposed_openings,
        released_openings = total.released_openings + excluded.released_openings;
END
$$;

CREATE FUNCTION public.guard_alert() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.state = 'resolved'
        OR (NEW.id, NEW.sequence, NEW.type, NEW.priority, NEW.title, NEW.subject, NEW.source, NEW.dedup_key, NEW.raised_at)
            IS DISTINCT FROM
           (OLD.id, OLD.sequence, OLD.type, OLD.priority, OLD.title, OLD.subject, OLD.source, OLD.dedup_key, OLD.raised_at)
        OR (OLD.state = 'acknowledged' AND NEW.state = 'raised')
        OR (OLD.acknowledged_at IS NOT NULL
            AND (NEW.acknowledged_at, NEW.acknowledged_by) IS DISTINCT FROM (OLD.acknowledged_at, OLD.acknowledged_by))
    THEN
        RAISE EXCEPTION 'an alert only goes on, and ends once' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_breaker() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.state = 'tripped' AND NEW.state <> 'tripped'
        AND EXISTS (SELECT 1 FROM halts WHERE id = OLD.halt_id AND cleared_at IS NULL)
    THEN
        RAISE EXCEPTION 'the breaker % stays tripped until its halt is cleared', OLD.kind USING ERRCODE = 'CS030';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_command() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.finished_at IS NOT NULL
        OR (NEW.id, NEW.sequence, NEW.kind, NEW.symbol, NEW.strategy, NEW.reason, NEW.halt_id, NEW.issued_at, NEW.issued_by)
            IS DISTINCT FROM
           (OLD.id, OLD.sequence, OLD.kind, OLD.symbol, OLD.strategy, OLD.reason, OLD.halt_id, OLD.issued_at, OLD.issued_by)
        OR (NEW.state = 'issued' AND OLD.state <> 'issued')
    THEN
        RAISE EXCEPTION 'a command only goes on, and ends once' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_decision() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_deployment() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF NEW.mode <> OLD.mode
        OR (OLD.account_number IS NOT NULL AND NEW.account_number IS DISTINCT FROM OLD.account_number)
    THEN
        RAISE EXCEPTION 'this database belongs to the % account %', OLD.mode, coalesce(OLD.account_number, '(none yet)')
            USING ERRCODE = 'CS002', HINT = 'Use another database for another account or mode.';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_execution() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.order_id IS NOT NULL OR NEW.order_id IS NULL
        OR (NEW.execution_id, NEW.kind, NEW.broker_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.price, NEW.commission,
            NEW.executed_at, NEW.received_at)
            IS DISTINCT FROM
           (OLD.execution_id, OLD.kind, OLD.broker_order_id, OLD.symbol, OLD.side, OLD.qty, OLD.price, OLD.commission,
            OLD.executed_at, OLD.received_at)
    THEN
        RAISE EXCEPTION 'of an execution only its order can be learnt, once' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_flattening() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.cleared_at IS NULL AND NEW.cleared_at IS NOT NULL
        AND EXISTS (SELECT 1 FROM command_halts ch JOIN commands c ON c.id = ch.command_id
            WHERE ch.halt_id = OLD.id AND c.kind = 'flatten' AND c.finished_at IS NULL)
    THEN
        RAISE EXCEPTION 'positions are being closed under this halt' USING ERRCODE = 'CS031';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_halt() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.cleared_at IS NOT NULL
        OR (NEW.id, NEW.scope, NEW.target, NEW.cause, NEW.reason, NEW.allows_reducing, NEW.opened_at, NEW.opened_by)
            IS DISTINCT FROM
           (OLD.id, OLD.scope, OLD.target, OLD.cause, OLD.reason, OLD.allows_reducing, OLD.opened_at, OLD.opened_by)
        OR (OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at)
        OR (OLD.completed_at IS NOT NULL AND NEW.completed_at IS DISTINCT FROM OLD.completed_at)
        OR (NEW.cleared_at IS NULL AND (NEW.told_at, NEW.completed_at) IS NOT DISTINCT FROM (OLD.told_at, OLD.completed_at))
    THEN
        RAISE EXCEPTION 'a halt can only be carried out and cleared, once' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_isolation() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION '% is written in READ COMMITTED only', TG_TABLE_NAME USING ERRCODE = 'CS003';
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.guard_last_admin() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.role = 'admin' AND OLD.disabled_at IS NULL AND (NEW.role <> 'admin' OR NEW.disabled_at IS NOT NULL) THEN
        PERFORM pg_advisory_xact_lock(hashtext('countersign_last_admin'));
        IF NOT EXISTS (
            SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL AND pin_hash IS NOT NULL AND id <> OLD.id)
        THEN
            RAISE EXCEPTION 'this is the last admin in use; make somebody else an admin first' USING ERRCODE = 'CS042';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_mismatch() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.cleared_at IS NOT NULL OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
        OR (NEW.id, NEW.symbol, NEW.suspected_at) IS DISTINCT FROM (OLD.id, OLD.symbol, OLD.suspected_at)
    THEN
        RAISE EXCEPTION 'a mismatch can only be confirmed and cleared, once each' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_new_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_new_orders() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.guard_new_proposals() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
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

CREATE FUNCTION public.guard_order() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
DECLARE
    proposal record;
BEGIN
    IF (NEW.id, NEW.sequence, NEW.proposal_id, NEW.client_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.is_reducing,
        NEW.order_hash, NEW.document, NEW.signature, NEW.released_at, NEW.valid_until, NEW.notional, NEW.key_id,
        NEW.approved_price, NEW.opens_position)
        IS DISTINCT FROM
       (OLD.id, OLD.sequence, OLD.proposal_id, OLD.client_order_id, OLD.symbol, OLD.side, OLD.qty, OLD.is_reducing,
        OLD.order_hash, OLD.document, OLD.signature, OLD.released_at, OLD.valid_until, OLD.notional, OLD.key_id,
        OLD.approved_price, OLD.opens_position)
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

CREATE FUNCTION public.guard_policy_draft() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    IF OLD.state <> 'open' OR NEW.document <> OLD.document OR NEW.base_version <> OLD.base_version
        OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    THEN
        RAISE EXCEPTION 'a draft of the policy cannot be rewritten, and is decided on once' USING ERRCODE = 'CS041';
    END IF;
    IF NEW.state = 'accepted' AND NEW.decided_by_user = NEW.proposed_by THEN
        RAISE EXCEPTION 'a draft of the policy is accepted by another person than the one who wrote it'
            USING ERRCODE = 'CS041';
    END IF;
    IF NEW.state = 'accepted' AND NOT EXISTS (
        SELECT FROM users
        WHERE id = NEW.decided_by_user AND role = 'admin' AND disabled_at IS NULL
            AND (pin_given_at IS NULL OR pin_given_at <= clock_timestamp() - interval '24 hours'))
    THEN
        RAISE EXCEPTION 'a draft of the policy is accepted by an admin in use, whose PIN nobody else set within a day'
            USING ERRCODE = 'CS041';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_proposal_state() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_proposal_terms() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.guard_review_answer() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
DECLARE
    newest integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review:' || NEW.week, 0));
    NEW.answered_at := clock_timestamp();
    IF EXISTS (SELECT FROM review_signatures WHERE week = NEW.week) THEN
        RAISE EXCEPTION 'the review of % is closed', NEW.week USING ERRCODE = 'CS050';
    END IF;
    IF NOT EXISTS (
        SELECT FROM users
        WHERE id = NEW.user_id AND disabled_at IS NULL AND role IN ('approver', 'operator', 'admin'))
    THEN
        RAISE EXCEPTION 'this person may not answer a review' USING ERRCODE = 'CS052';
    END IF;
    SELECT coalesce(max(version), 0) INTO newest
    FROM review_answers
    WHERE week = NEW.week AND question = NEW.question;
    IF NEW.version <> newest + 1 THEN
        RAISE EXCEPTION 'question % of % stands at version %', NEW.question, NEW.week, newest
            USING ERRCODE = 'CS053';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_review_signature() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review:' || NEW.week, 0));
    NEW.signed_at := clock_timestamp();
    IF EXISTS (SELECT FROM review_signatures WHERE week = NEW.week) THEN
        RAISE EXCEPTION 'the review of % is closed', NEW.week USING ERRCODE = 'CS050';
    END IF;
    IF NOT EXISTS (
        SELECT FROM users WHERE id = NEW.user_id AND disabled_at IS NULL AND role IN ('operator', 'admin'))
    THEN
        RAISE EXCEPTION 'this person may not sign a review' USING ERRCODE = 'CS052';
    END IF;
    IF NOT EXISTS (SELECT FROM reports WHERE kind = 'weekly' AND period = NEW.week) THEN
        RAISE EXCEPTION 'the weekly report of % is not made yet', NEW.week USING ERRCODE = 'CS051';
    END IF;
    IF (SELECT count(DISTINCT question) FROM review_answers WHERE week = NEW.week) < 4 THEN
        RAISE EXCEPTION 'the review of % is not answered yet', NEW.week USING ERRCODE = 'CS051';
    END IF;
    -- A decision to pause or stop is nothing without the halt that carries it out.
    IF NEW.decision IN ('pause', 'stop') AND NOT EXISTS (
        SELECT FROM halts
        WHERE id = NEW.halt_id AND scope = 'account' AND cleared_at IS NULL
            AND allows_reducing = (NEW.decision = 'pause'))
    THEN
        RAISE EXCEPTION 'the decision % takes its halt', NEW.decision USING ERRCODE = 'CS051';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION public.guard_what_was_proposed() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.is_halted(a_strategy text, a_symbol text, a_bot text, is_reducing boolean) RETURNS boolean
    LANGUAGE plpgsql STABLE
    AS $$
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

CREATE FUNCTION public.note_new_states() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO proposal_states (proposal_id, sequence, state, symbol, side, keenness, expires_at, decided_at, decided_by, reason)
    SELECT id, sequence, CASE WHEN is_blocked THEN 'blocked' ELSE 'pending' END, symbol, side, keenness, expires_at,
        CASE WHEN is_blocked THEN created_at END, CASE WHEN is_blocked THEN 'system' END, blocked_reason
    FROM written;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.opening_reserve(a_side text, a_limit_price numeric, a_qty numeric, a_notional numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT round(CASE
        WHEN a_side = 'sell' THEN a_notional * 1.03
        WHEN a_limit_price IS NOT NULL THEN a_notional
        WHEN a_notional < 50 * a_qty THEN a_notional * 1.04
        ELSE a_notional * 1.025
    END, 18)
$$;

CREATE FUNCTION public.order_keenness(a_side text, a_limit_price numeric, a_stop_loss numeric, a_take_profit numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE
        WHEN a_stop_loss IS NOT NULL AND a_take_profit IS NOT NULL THEN NULL
        WHEN a_limit_price IS NULL THEN 'Infinity'::numeric
        WHEN a_side = 'buy' THEN a_limit_price
        ELSE -a_limit_price
    END
$$;

CREATE FUNCTION public.order_may_become(old_state text, new_state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE old_state
        WHEN 'released' THEN new_state IN ('submitting', 'refused', 'lapsed', 'revoked', 'cancelled')
        WHEN 'submitting' THEN new_state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected', 'unknown')
        WHEN 'unknown' THEN new_state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected')
        WHEN 'accepted' THEN new_state IN ('partially_filled', 'filled', 'canceled', 'expired', 'rejected')
        WHEN 'partially_filled' THEN new_state IN ('filled', 'canceled', 'expired', 'rejected')
        ELSE false
    END
$$;

CREATE FUNCTION public.proposal_may_become(old_state text, new_state text) RETURNS boolean
    LANGUAGE sql IMMUTABLE
    AS $$
    SELECT CASE old_state
        WHEN 'pending' THEN new_state IN ('approved', 'released', 'refused', 'rejected', 'expired', 'withdrawn', 'cancelled')
        WHEN 'approved' THEN new_state IN ('released', 'refused', 'lapsed', 'revoked', 'cancelled')
        ELSE false
    END
$$;

CREATE FUNCTION public.queue_for_sealing() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'public', 'pg_temp'
    AS $$
BEGIN
    INSERT INTO journal_unsealed (entry_id) SELECT id FROM written;
    RETURN NULL;
END
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'CS001', HINT = 'Nothing that was recorded is ever rewritten. Record a new fact instead.';
END
$$;

CREATE FUNCTION public.trading_day(an_instant timestamp with time zone) RETURNS date
    LANGUAGE sql STABLE
    AS $$
    SELECT (an_instant AT TIME ZONE 'America/New_York')::date
$$;

CREATE FUNCTION public.valid_approvals(a_proposal_id uuid, an_order_hash text) RETURNS bigint
    LANGUAGE plpgsql STABLE
    AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN bool_or(verdict = 'reject') THEN 0
            ELSE count(*) FILTER (WHERE verdict = 'approve' AND order_hash = an_order_hash) END
        FROM public.decisions
        WHERE proposal_id = a_proposal_id);
END
$$;

CREATE TABLE public.account_days (
    day date NOT NULL,
    start_equity numeric NOT NULL,
    end_equity numeric NOT NULL,
    capital_flows numeric NOT NULL,
    income numeric NOT NULL,
    fees numeric NOT NULL,
    unrealized_pnl numeric,
    high_water_mark numeric NOT NULL,
    high_water_at timestamp with time zone NOT NULL,
    drawdown numeric NOT NULL,
    max_drawdown numeric NOT NULL,
    low_equity numeric NOT NULL,
    high_equity numeric NOT NULL,
    snapshots integer NOT NULL,
    first_at timestamp with time zone NOT NULL,
    last_at timestamp with time zone NOT NULL,
    CONSTRAINT account_days_drawdown_check CHECK ((drawdown >= (0)::numeric)),
    CONSTRAINT account_days_max_drawdown_check CHECK ((max_drawdown >= (0)::numeric)),
    CONSTRAINT account_days_snapshots_check CHECK ((snapshots > 0))
);

CREATE TABLE public.account_snapshots (
    id bigint NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    equity numeric NOT NULL,
    cash numeric NOT NULL,
    buying_power numeric NOT NULL,
    account jsonb NOT NULL,
    positions jsonb NOT NULL,
    last_equity numeric,
    unrealized_pnl numeric
);

ALTER TABLE public.account_snapshots ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_snapshots_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.account_state (
    only_one boolean DEFAULT true NOT NULL,
    worker_id text NOT NULL,
    account jsonb NOT NULL,
    positions jsonb NOT NULL,
    open_orders jsonb NOT NULL,
    clock jsonb,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT account_state_only_one_check CHECK (only_one)
);

CREATE TABLE public.alerts (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    priority text NOT NULL,
    title text NOT NULL,
    detail text NOT NULL,
    evidence jsonb NOT NULL,
    subject text,
    source text NOT NULL,
    dedup_key text NOT NULL,
    message_kind text NOT NULL,
    state text NOT NULL,
    repeats integer DEFAULT 0 NOT NULL,
    raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_raised_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    acknowledged_at timestamp with time zone,
    acknowledged_by text,
    comment text,
    resolved_at timestamp with time zone,
    resolved_by text,
    resolve_reason text,
    tellings integer DEFAULT 0 NOT NULL,
    told_at timestamp with time zone,
    tell_at timestamp with time zone,
    CONSTRAINT alerts_check CHECK (((acknowledged_at IS NULL) = (acknowledged_by IS NULL))),
    CONSTRAINT alerts_check1 CHECK (((resolved_at IS NULL) = (resolved_by IS NULL))),
    CONSTRAINT alerts_check2 CHECK (
CASE state
    WHEN 'raised'::text THEN ((acknowledged_at IS NULL) AND (resolved_at IS NULL))
    WHEN 'acknowledged'::text THEN ((acknowledged_at IS NOT NULL) AND (resolved_at IS NULL) AND (tell_at IS NULL))
    ELSE ((resolved_at IS NOT NULL) AND (tell_at IS NULL))
END),
    CONSTRAINT alerts_dedup_key_check CHECK ((dedup_key <> ''::text)),
    CONSTRAINT alerts_evidence_check CHECK ((jsonb_typeof(evidence) = 'object'::text)),
    CONSTRAINT alerts_message_kind_check CHECK ((message_kind <> ''::text)),
    CONSTRAINT alerts_priority_check CHECK ((priority = ANY (ARRAY['info'::text, 'high'::text, 'critical'::text, 'emergency'::text]))),
    CONSTRAINT alerts_repeats_check CHECK ((repeats >= 0)),
    CONSTRAINT alerts_source_check CHECK ((source <> ''::text)),
    CONSTRAINT alerts_state_check CHECK ((state = ANY (ARRAY['raised'::text, 'acknowledged'::text, 'resolved'::text]))),
    CONSTRAINT alerts_subject_check CHECK ((subject <> ''::text)),
    CONSTRAINT alerts_tellings_check CHECK ((tellings >= 0)),
    CONSTRAINT alerts_title_check CHECK ((title <> ''::text)),
    CONSTRAINT alerts_type_check CHECK ((type ~ '^[a-z][a-z0-9_]{0,63}$'::text))
);

ALTER TABLE public.alerts ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.alerts_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.api_keys (
    id uuid NOT NULL,
    name text NOT NULL,
    scope text NOT NULL,
    user_id uuid,
    secret_hash bytea NOT NULL,
    hint text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_keys_check CHECK (((scope = 'personal'::text) = (user_id IS NOT NULL))),
    CONSTRAINT api_keys_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'::text)),
    CONSTRAINT api_keys_scope_check CHECK ((scope = ANY (ARRAY['propose'::text, 'work'::text, 'read'::text, 'alert'::text, 'operate'::text, 'personal'::text]))),
    CONSTRAINT api_keys_secret_hash_check CHECK ((octet_length(secret_hash) = 32))
);

CREATE TABLE public.approval_notices (
    proposal_id uuid NOT NULL,
    notice text NOT NULL,
    given_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT approval_notices_notice_check CHECK ((notice = ANY (ARRAY['ten-minutes'::text, 'two-minutes'::text, 'unheard'::text])))
);

CREATE TABLE public.bar_series (
    symbol text NOT NULL,
    wanted_from date NOT NULL,
    wanted_until date NOT NULL,
    covered_from date,
    covered_until date,
    received_at timestamp with time zone,
    CONSTRAINT bar_series_check CHECK ((wanted_from <= wanted_until)),
    CONSTRAINT bar_series_check1 CHECK (((covered_from IS NULL) = (covered_until IS NULL))),
    CONSTRAINT bar_series_symbol_check CHECK ((symbol <> ''::text))
);

CREATE TABLE public.bookings (
    scope text NOT NULL,
    target text NOT NULL,
    symbol text NOT NULL,
    execution_id text NOT NULL COLLATE pg_catalog."C",
    executed_at timestamp with time zone NOT NULL,
    trading_day date NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    qty_after numeric NOT NULL,
    cost_after numeric NOT NULL,
    CONSTRAINT bookings_scope_check CHECK ((scope = ANY (ARRAY['account'::text, 'strategy'::text, 'external'::text])))
);

CREATE TABLE public.books (
    only_one boolean DEFAULT true NOT NULL,
    started_at timestamp with time zone NOT NULL,
    CONSTRAINT books_only_one_check CHECK (only_one)
);

CREATE TABLE public.breakers (
    kind text NOT NULL,
    target text NOT NULL,
    state text NOT NULL,
    trading_day date,
    unit text,
    value numeric,
    trip_limit numeric,
    known numeric,
    acknowledged jsonb,
    halt_id uuid,
    tripped_at timestamp with time zone,
    counted_since timestamp with time zone,
    updated_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT breakers_check CHECK (((state = 'armed'::text) OR ((unit IS NOT NULL) AND (value IS NOT NULL) AND (trip_limit IS NOT NULL) AND (trading_day IS NOT NULL) AND (tripped_at IS NOT NULL) AND (halt_id IS NOT NULL)))),
    CONSTRAINT breakers_kind_check CHECK ((kind <> ''::text)),
    CONSTRAINT breakers_state_check CHECK ((state = ANY (ARRAY['armed'::text, 'tripped'::text, 'cleared'::text])))
);

CREATE TABLE public.cash_flows (
    activity_id text NOT NULL,
    activity_type text NOT NULL,
    class text NOT NULL,
    amount numeric NOT NULL,
    symbol text,
    description text,
    activity_date text,
    effective_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT cash_flows_activity_id_check CHECK ((activity_id <> ''::text)),
    CONSTRAINT cash_flows_activity_type_check CHECK ((activity_type <> ''::text)),
    CONSTRAINT cash_flows_class_check CHECK ((class = ANY (ARRAY['capital'::text, 'income'::text, 'fee'::text, 'other'::text])))
);

CREATE TABLE public.channels (
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    user_id uuid,
    settings jsonb NOT NULL,
    sealed_secret bytea,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    disabled_at timestamp with time zone,
    disabled_reason text,
    lane_free_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    failures integer DEFAULT 0 NOT NULL,
    failing_since timestamp with time zone,
    paced_until timestamp with time zone,
    CONSTRAINT channels_check CHECK (((disabled_at IS NULL) = (disabled_reason IS NULL))),
    CONSTRAINT channels_check1 CHECK (((failures = 0) = (failing_since IS NULL))),
    CONSTRAINT channels_failures_check CHECK ((failures >= 0)),
    CONSTRAINT channels_kind_check CHECK ((kind = ANY (ARRAY['slack'::text, 'discord'::text, 'email'::text]))),
    CONSTRAINT channels_name_check CHECK ((name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'::text))
);

CREATE TABLE public.command_halts (
    command_id uuid NOT NULL,
    halt_id uuid NOT NULL
);

CREATE TABLE public.commands (
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    symbol text,
    strategy text,
    reason text NOT NULL,
    halt_id uuid,
    state text NOT NULL,
    progress jsonb DEFAULT '{}'::jsonb NOT NULL,
    issued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    issued_by text NOT NULL,
    started_at timestamp with time zone,
    last_report_at timestamp with time zone,
    worker_id text,
    finished_at timestamp with time zone,
    finished_by text,
    CONSTRAINT commands_check CHECK (
CASE kind
    WHEN 'close_position'::text THEN ((symbol IS NOT NULL) AND (strategy IS NULL))
    WHEN 'flatten'::text THEN ((symbol IS NULL) AND (strategy IS NULL))
    ELSE ((symbol IS NULL) OR (strategy IS NULL))
END),
    CONSTRAINT commands_check1 CHECK (((kind <> 'flatten'::text) OR (halt_id IS NOT NULL))),
    CONSTRAINT commands_check2 CHECK (((state = ANY (ARRAY['done'::text, 'withdrawn'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT commands_check3 CHECK (((finished_at IS NULL) = (finished_by IS NULL))),
    CONSTRAINT commands_kind_check CHECK ((kind = ANY (ARRAY['cancel_entries'::text, 'flatten'::text, 'close_position'::text]))),
    CONSTRAINT commands_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT commands_state_check CHECK ((state = ANY (ARRAY['issued'::text, 'running'::text, 'waiting'::text, 'done'::text, 'withdrawn'::text])))
);

ALTER TABLE public.commands ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.commands_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.daily_bars (
    symbol text NOT NULL,
    day date NOT NULL,
    open numeric NOT NULL,
    high numeric NOT NULL,
    low numeric NOT NULL,
    close numeric NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT daily_bars_check CHECK ((high >= open)),
    CONSTRAINT daily_bars_check1 CHECK (((low > (0)::numeric) AND (low <= open))),
    CONSTRAINT daily_bars_check2 CHECK (((close >= low) AND (close <= high))),
    CONSTRAINT daily_bars_open_check CHECK ((open > (0)::numeric)),
    CONSTRAINT daily_bars_symbol_check CHECK ((symbol <> ''::text))
);

CREATE TABLE public.decisions (
    id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    user_id uuid NOT NULL,
    verdict text NOT NULL,
    order_hash text NOT NULL,
    comment text,
    method text NOT NULL,
    decided_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT decisions_method_check CHECK ((method = ANY (ARRAY['session'::text, 'pin'::text, 'token'::text]))),
    CONSTRAINT decisions_verdict_check CHECK ((verdict = ANY (ARRAY['approve'::text, 'reject'::text])))
);

CREATE TABLE public.deliveries (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    sequence bigint NOT NULL,
    channel_id uuid,
    destination text NOT NULL,
    kind text NOT NULL,
    proposal_id uuid,
    order_id uuid,
    data jsonb DEFAULT '{}'::jsonb NOT NULL,
    priority smallint DEFAULT 5 NOT NULL,
    state text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    next_attempt_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    not_after timestamp with time zone,
    finished_at timestamp with time zone,
    last_error text,
    receipt jsonb,
    subject text,
    CONSTRAINT deliveries_check CHECK (((state = ANY (ARRAY['queued'::text, 'kept'::text])) = (finished_at IS NULL))),
    CONSTRAINT deliveries_check1 CHECK (((destination = ANY (ARRAY['worker'::text, 'kept'::text])) = (channel_id IS NULL))),
    CONSTRAINT deliveries_kind_check CHECK ((kind <> ''::text)),
    CONSTRAINT deliveries_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'dead'::text, 'dropped'::text, 'kept'::text]))),
    CONSTRAINT deliveries_subject_check CHECK ((subject <> ''::text))
);

ALTER TABLE public.deliveries ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.deliveries_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.deployment (
    only_one boolean DEFAULT true NOT NULL,
    mode text NOT NULL,
    account_number text,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT deployment_mode_check CHECK ((mode = ANY (ARRAY['paper'::text, 'live'::text]))),
    CONSTRAINT deployment_only_one_check CHECK (only_one)
);

CREATE TABLE public.executions (
    execution_id text NOT NULL COLLATE pg_catalog."C",
    kind text NOT NULL,
    broker_order_id text,
    order_id uuid,
    strategy text,
    part text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    qty numeric NOT NULL,
    price numeric NOT NULL,
    commission numeric DEFAULT 0 NOT NULL,
    executed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT executions_check CHECK ((((order_id IS NULL) = (strategy IS NULL)) AND ((order_id IS NULL) = (part = 'external'::text)))),
    CONSTRAINT executions_check1 CHECK (((kind = 'fill'::text) OR (order_id IS NULL))),
    CONSTRAINT executions_commission_check CHECK ((commission >= (0)::numeric)),
    CONSTRAINT executions_execution_id_check CHECK ((execution_id <> ''::text)),
    CONSTRAINT executions_kind_check CHECK ((kind = ANY (ARRAY['fill'::text, 'opening'::text, 'adjustment'::text]))),
    CONSTRAINT executions_part_check CHECK ((part = ANY (ARRAY['entry'::text, 'exit'::text, 'external'::text]))),
    CONSTRAINT executions_price_check CHECK ((price >= (0)::numeric)),
    CONSTRAINT executions_qty_check CHECK ((qty > (0)::numeric)),
    CONSTRAINT executions_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
);

CREATE TABLE public.exposure (
    symbol text NOT NULL,
    side text NOT NULL,
    opening_qty numeric NOT NULL,
    opening_notional numeric NOT NULL,
    opening_reserve numeric NOT NULL,
    reducing_qty numeric NOT NULL,
    proposed_openings bigint NOT NULL,
    released_openings bigint NOT NULL,
    CONSTRAINT exposure_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.exposure_changes (
    symbol text NOT NULL,
    side text NOT NULL,
    opening_qty numeric NOT NULL,
    opening_notional numeric NOT NULL,
    opening_reserve numeric NOT NULL,
    reducing_qty numeric NOT NULL,
    proposed_openings bigint NOT NULL,
    released_openings bigint NOT NULL,
    CONSTRAINT exposure_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text])))
)
WITH (autovacuum_vacuum_threshold='1000', autovacuum_vacuum_scale_factor='0');

CREATE TABLE public.fills (
    execution_id text NOT NULL,
    order_id uuid NOT NULL,
    qty numeric NOT NULL,
    price numeric NOT NULL,
    executed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT fills_price_check CHECK ((price >= (0)::numeric)),
    CONSTRAINT fills_qty_check CHECK ((qty > (0)::numeric))
);

CREATE TABLE public.halts (
    id uuid NOT NULL,
    scope text NOT NULL,
    target text NOT NULL,
    cause text NOT NULL,
    reason text NOT NULL,
    allows_reducing boolean NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    opened_by text NOT NULL,
    cleared_at timestamp with time zone,
    cleared_by text,
    clear_reason text,
    told_at timestamp with time zone,
    completed_at timestamp with time zone,
    CONSTRAINT halts_cause_check CHECK ((cause <> ''::text)),
    CONSTRAINT halts_check CHECK (((scope = 'account'::text) = (target = ''::text))),
    CONSTRAINT halts_check1 CHECK ((((cleared_at IS NULL) = (cleared_by IS NULL)) AND ((cleared_at IS NULL) = (clear_reason IS NULL)))),
    CONSTRAINT halts_reason_check CHECK ((reason <> ''::text)),
    CONSTRAINT halts_scope_check CHECK ((scope = ANY (ARRAY['account'::text, 'strategy'::text, 'symbol'::text, 'bot'::text])))
);

CREATE TABLE public.hindsights (
    proposal_id uuid NOT NULL,
    outcome text NOT NULL,
    entered_on date,
    exited_on date,
    exit_price numeric,
    pnl numeric,
    is_ambiguous boolean NOT NULL,
    settled_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT hindsights_check CHECK (((outcome = 'not_entered'::text) = (entered_on IS NULL))),
    CONSTRAINT hindsights_check1 CHECK ((((entered_on IS NULL) = (exited_on IS NULL)) AND ((entered_on IS NULL) = (exit_price IS NULL)) AND ((entered_on IS NULL) = (pnl IS NULL)))),
    CONSTRAINT hindsights_outcome_check CHECK ((outcome = ANY (ARRAY['not_entered'::text, 'stop'::text, 'target'::text, 'time'::text])))
);

CREATE TABLE public.journal (
    id bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    kind text NOT NULL,
    actor text NOT NULL,
    subject text NOT NULL,
    data text NOT NULL,
    CONSTRAINT journal_actor_check CHECK ((actor <> ''::text)),
    CONSTRAINT journal_kind_check CHECK ((kind <> ''::text))
);
ALTER TABLE ONLY public.journal ALTER COLUMN data SET COMPRESSION lz4;

CREATE TABLE public.journal_chain (
    "position" bigint NOT NULL,
    entry_id bigint NOT NULL,
    hash bytea NOT NULL,
    CONSTRAINT journal_chain_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT journal_chain_position_check CHECK (("position" > 0))
);

CREATE TABLE public.journal_checkpoints (
    "position" bigint NOT NULL,
    hash bytea NOT NULL,
    signed_at timestamp with time zone NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    CONSTRAINT journal_checkpoints_hash_check CHECK ((octet_length(hash) = 32)),
    CONSTRAINT journal_checkpoints_signature_check CHECK ((octet_length(signature) = 64))
);

ALTER TABLE public.journal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.journal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.journal_unsealed (
    entry_id bigint NOT NULL
);

CREATE TABLE public.known_origins (
    user_id uuid NOT NULL,
    origin text NOT NULL,
    seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.limit_reductions (
    id uuid NOT NULL,
    factor numeric NOT NULL,
    reason text NOT NULL,
    set_by text NOT NULL,
    set_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT limit_reductions_check CHECK (((expires_at > set_at) AND (expires_at <= (set_at + '25:00:00'::interval)))),
    CONSTRAINT limit_reductions_factor_check CHECK (((factor > (0)::numeric) AND (factor <= (1)::numeric))),
    CONSTRAINT limit_reductions_reason_check CHECK ((reason <> ''::text))
);

CREATE TABLE public.login_failures (
    address text NOT NULL,
    failed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.opened_positions (
    day date NOT NULL,
    shard integer NOT NULL,
    orders bigint NOT NULL
)
WITH (fillfactor='50');

CREATE TABLE public.order_legs (
    broker_order_id text NOT NULL,
    order_id uuid NOT NULL,
    learnt_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

CREATE TABLE public.orders (
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    proposal_id uuid NOT NULL,
    client_order_id text NOT NULL,
    state text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    qty numeric NOT NULL,
    notional numeric NOT NULL,
    is_reducing boolean NOT NULL,
    order_hash text NOT NULL,
    document text NOT NULL,
    key_id text NOT NULL,
    signature bytea NOT NULL,
    approved_price numeric,
    released_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    claim_generation integer DEFAULT 0 NOT NULL,
    claimed_by text,
    claimed_at timestamp with time zone,
    claim_checks jsonb,
    claim_quote jsonb,
    submitted_at timestamp with time zone,
    broker_order_id text,
    broker_status text,
    filled_qty numeric DEFAULT 0 NOT NULL,
    filled_avg_price numeric,
    last_report_at timestamp with time zone,
    finished_at timestamp with time zone,
    reason text,
    turned_up_at timestamp with time zone,
    keenness numeric,
    opens_position boolean DEFAULT true NOT NULL,
    CONSTRAINT orders_check CHECK (((filled_qty >= (0)::numeric) AND (filled_qty <= qty))),
    CONSTRAINT orders_check1 CHECK (((state = ANY (ARRAY['filled'::text, 'canceled'::text, 'expired'::text, 'rejected'::text, 'refused'::text, 'lapsed'::text, 'revoked'::text, 'cancelled'::text])) = (finished_at IS NOT NULL))),
    CONSTRAINT orders_check2 CHECK (((claim_generation = 0) = (claimed_at IS NULL))),
    CONSTRAINT orders_claim_generation_check CHECK ((claim_generation >= 0)),
    CONSTRAINT orders_qty_check CHECK ((qty > (0)::numeric)),
    CONSTRAINT orders_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT orders_signature_check CHECK ((octet_length(signature) = 64)),
    CONSTRAINT orders_state_check CHECK ((state = ANY (ARRAY['released'::text, 'submitting'::text, 'accepted'::text, 'partially_filled'::text, 'filled'::text, 'canceled'::text, 'expired'::text, 'rejected'::text, 'unknown'::text, 'refused'::text, 'lapsed'::text, 'revoked'::text, 'cancelled'::text])))
);

ALTER TABLE public.orders ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.orders_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.policies (
    version integer NOT NULL,
    document jsonb NOT NULL,
    applied_by text NOT NULL,
    applied_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT policies_version_check CHECK ((version > 0))
);

CREATE TABLE public.policy_drafts (
    id uuid NOT NULL,
    number bigint NOT NULL,
    document jsonb NOT NULL,
    base_version integer NOT NULL,
    proposed_by uuid NOT NULL,
    proposed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    state text DEFAULT 'open'::text NOT NULL,
    decided_by text,
    decided_by_user uuid,
    decided_at timestamp with time zone,
    reason text,
    version integer,
    CONSTRAINT policy_drafts_check CHECK (((state = 'open'::text) = (decided_at IS NULL))),
    CONSTRAINT policy_drafts_check1 CHECK (((state = 'open'::text) = (decided_by IS NULL))),
    CONSTRAINT policy_drafts_check2 CHECK (((state = 'accepted'::text) = (version IS NOT NULL))),
    CONSTRAINT policy_drafts_check3 CHECK (((state <> 'accepted'::text) OR (decided_by_user IS NOT NULL))),
    CONSTRAINT policy_drafts_state_check CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'rejected'::text, 'superseded'::text])))
);

ALTER TABLE public.policy_drafts ALTER COLUMN number ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.policy_drafts_number_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.positions (
    scope text NOT NULL,
    target text NOT NULL,
    symbol text NOT NULL,
    qty numeric NOT NULL,
    cost numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    last_executed_at timestamp with time zone NOT NULL,
    last_execution_id text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT positions_scope_check CHECK ((scope = ANY (ARRAY['account'::text, 'strategy'::text, 'external'::text])))
);

CREATE TABLE public.posts (
    channel_id uuid NOT NULL,
    subject text NOT NULL,
    delivery_id uuid NOT NULL,
    receipt jsonb NOT NULL,
    is_editable boolean DEFAULT true NOT NULL,
    posted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    changed_at timestamp with time zone,
    CONSTRAINT posts_receipt_check CHECK ((jsonb_typeof(receipt) = 'object'::text)),
    CONSTRAINT posts_subject_check CHECK ((subject <> ''::text))
);

CREATE TABLE public.proposal_states (
    proposal_id uuid NOT NULL,
    sequence bigint NOT NULL,
    state text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    keenness numeric,
    expires_at timestamp with time zone NOT NULL,
    approved_at timestamp with time zone,
    valid_until timestamp with time zone,
    decided_at timestamp with time zone,
    decided_by text,
    reason text,
    CONSTRAINT proposal_states_check CHECK (((state = 'pending'::text) = (decided_at IS NULL))),
    CONSTRAINT proposal_states_check1 CHECK (((approved_at IS NULL) = (valid_until IS NULL))),
    CONSTRAINT proposal_states_state_check CHECK ((state = ANY (ARRAY['blocked'::text, 'pending'::text, 'approved'::text, 'rejected'::text, 'expired'::text, 'withdrawn'::text, 'cancelled'::text, 'released'::text, 'refused'::text, 'lapsed'::text, 'revoked'::text])))
);

CREATE TABLE public.proposal_terms (
    id uuid NOT NULL,
    sequence bigint NOT NULL,
    mode text NOT NULL,
    proposer_key_id uuid NOT NULL,
    proposer_user_id uuid,
    proposer_name text NOT NULL,
    idempotency_key text,
    request_hash bytea NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    qty numeric NOT NULL,
    type text NOT NULL,
    limit_price numeric,
    stop_price numeric,
    time_in_force text NOT NULL,
    stop_loss_stop_price numeric,
    stop_loss_limit_price numeric,
    take_profit_limit_price numeric,
    reference_price numeric,
    strategy text NOT NULL,
    rationale text,
    confidence numeric,
    catalyst_score numeric,
    signal_id text,
    pattern_id text,
    news_id text,
    external_ref text,
    evidence jsonb,
    notional numeric NOT NULL,
    is_reducing boolean NOT NULL,
    client_order_id text NOT NULL,
    canonical_order text NOT NULL,
    order_hash text NOT NULL,
    tier text NOT NULL,
    approvals_required smallint NOT NULL,
    policy_version integer NOT NULL,
    checks json,
    impact json,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    validity_minutes integer NOT NULL,
    reserve numeric GENERATED ALWAYS AS (public.opening_reserve(side, limit_price, qty, notional)) STORED NOT NULL,
    keenness numeric GENERATED ALWAYS AS (public.order_keenness(side, limit_price, stop_loss_stop_price, take_profit_limit_price)) STORED,
    blocked_reason text,
    is_blocked boolean GENERATED ALWAYS AS ((blocked_reason IS NOT NULL)) STORED NOT NULL,
    CONSTRAINT proposals_approvals_required_check CHECK (((approvals_required >= 1) AND (approvals_required <= 9))),
    CONSTRAINT proposals_check CHECK (((limit_price IS NOT NULL) = (type = ANY (ARRAY['limit'::text, 'stop_limit'::text])))),
    CONSTRAINT proposals_check1 CHECK (((stop_price IS NOT NULL) = (type = ANY (ARRAY['stop'::text, 'stop_limit'::text])))),
    CONSTRAINT proposals_check2 CHECK ((order_hash = encode(sha256(convert_to(canonical_order, 'UTF8'::name)), 'hex'::text))),
    CONSTRAINT proposals_check3 CHECK ((expires_at > created_at)),
    CONSTRAINT proposals_limit_price_check CHECK ((limit_price > (0)::numeric)),
    CONSTRAINT proposals_mode_check CHECK ((mode = ANY (ARRAY['paper'::text, 'live'::text]))),
    CONSTRAINT proposals_notional_check CHECK ((notional >= (0)::numeric)),
    CONSTRAINT proposals_qty_check CHECK ((qty > (0)::numeric)),
    CONSTRAINT proposals_request_hash_check CHECK ((octet_length(request_hash) = 32)),
    CONSTRAINT proposals_side_check CHECK ((side = ANY (ARRAY['buy'::text, 'sell'::text]))),
    CONSTRAINT proposals_stop_loss_limit_price_check CHECK ((stop_loss_limit_price > (0)::numeric)),
    CONSTRAINT proposals_stop_loss_stop_price_check CHECK ((stop_loss_stop_price > (0)::numeric)),
    CONSTRAINT proposals_stop_price_check CHECK ((stop_price > (0)::numeric)),
    CONSTRAINT proposals_take_profit_limit_price_check CHECK ((take_profit_limit_price > (0)::numeric)),
    CONSTRAINT proposals_time_in_force_check CHECK ((time_in_force = ANY (ARRAY['day'::text, 'gtc'::text, 'ioc'::text, 'fok'::text, 'opg'::text, 'cls'::text]))),
    CONSTRAINT proposals_type_check CHECK ((type = ANY (ARRAY['limit'::text, 'market'::text, 'stop'::text, 'stop_limit'::text]))),
    CONSTRAINT proposals_validity_minutes_check CHECK ((validity_minutes > 0))
);
ALTER TABLE ONLY public.proposal_terms ALTER COLUMN evidence SET COMPRESSION lz4;
ALTER TABLE ONLY public.proposal_terms ALTER COLUMN canonical_order SET COMPRESSION lz4;
ALTER TABLE ONLY public.proposal_terms ALTER COLUMN checks SET COMPRESSION lz4;
ALTER TABLE ONLY public.proposal_terms ALTER COLUMN impact SET COMPRESSION lz4;

CREATE VIEW public.proposals AS
 SELECT t.id,
    t.sequence,
    s.state,
    t.mode,
    t.proposer_key_id,
    t.proposer_user_id,
    t.proposer_name,
    t.idempotency_key,
    t.request_hash,
    t.symbol,
    t.side,
    t.qty,
    t.type,
    t.limit_price,
    t.stop_price,
    t.time_in_force,
    t.stop_loss_stop_price,
    t.stop_loss_limit_price,
    t.take_profit_limit_price,
    t.reference_price,
    t.strategy,
    t.rationale,
    t.confidence,
    t.catalyst_score,
    t.signal_id,
    t.pattern_id,
    t.news_id,
    t.external_ref,
    t.evidence,
    t.notional,
    t.is_reducing,
    t.client_order_id,
    t.canonical_order,
    t.order_hash,
    t.tier,
    t.approvals_required,
    t.policy_version,
    COALESCE(t.checks, public.first_checks(t.id), '[]'::json) AS checks,
    t.impact,
    t.created_at,
    s.expires_at,
    t.validity_minutes,
    s.approved_at,
    s.valid_until,
    s.decided_at,
    s.decided_by,
    s.reason,
    t.reserve,
    t.keenness,
    t.is_blocked,
    s.proposal_id
   FROM (public.proposal_terms t
     JOIN public.proposal_states s ON ((s.proposal_id = t.id)));

ALTER TABLE public.proposal_terms ALTER COLUMN sequence ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.proposals_sequence_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.quotes (
    symbol text NOT NULL,
    bid numeric NOT NULL,
    ask numeric NOT NULL,
    quoted_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT quotes_ask_check CHECK ((ask >= (0)::numeric)),
    CONSTRAINT quotes_bid_check CHECK ((bid >= (0)::numeric))
);

CREATE TABLE public.reconcile_mismatches (
    id uuid NOT NULL,
    symbol text NOT NULL,
    book_qty numeric NOT NULL,
    broker_qty numeric NOT NULL,
    evidence jsonb NOT NULL,
    suspected_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    confirmed_at timestamp with time zone,
    cleared_at timestamp with time zone,
    cleared_by text,
    clear_reason text,
    CONSTRAINT reconcile_mismatches_check CHECK ((((cleared_at IS NULL) = (cleared_by IS NULL)) AND ((cleared_at IS NULL) = (clear_reason IS NULL))))
);

CREATE TABLE public.reports (
    kind text NOT NULL,
    period text NOT NULL,
    document jsonb NOT NULL,
    made_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT reports_kind_check CHECK ((kind = ANY (ARRAY['daily'::text, 'weekly'::text]))),
    CONSTRAINT reports_period_check CHECK ((period ~ '^[0-9]{4}-(W[0-9]{2}|[0-9]{2}-[0-9]{2})$'::text))
);

CREATE TABLE public.review_answers (
    week text NOT NULL,
    question smallint NOT NULL,
    version integer NOT NULL,
    answer text NOT NULL,
    user_id uuid NOT NULL,
    answered_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT review_answers_answer_check CHECK (((answer ~ '[^[:space:]]'::text) AND (char_length(answer) <= 4000))),
    CONSTRAINT review_answers_question_check CHECK (((question >= 7) AND (question <= 10))),
    CONSTRAINT review_answers_version_check CHECK ((version > 0)),
    CONSTRAINT review_answers_week_check CHECK ((week ~ '^[0-9]{4}-W[0-9]{2}$'::text))
);

CREATE TABLE public.review_signatures (
    week text NOT NULL,
    decision text NOT NULL,
    comment text,
    review_hash text NOT NULL,
    user_id uuid NOT NULL,
    method text NOT NULL,
    halt_id uuid,
    signed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT review_signatures_check CHECK (((decision = ANY (ARRAY['pause'::text, 'stop'::text])) = (halt_id IS NOT NULL))),
    CONSTRAINT review_signatures_comment_check CHECK ((char_length(comment) <= 2000)),
    CONSTRAINT review_signatures_decision_check CHECK ((decision = ANY (ARRAY['continue'::text, 'adjust'::text, 'pause'::text, 'stop'::text]))),
    CONSTRAINT review_signatures_method_check CHECK ((method = 'pin'::text)),
    CONSTRAINT review_signatures_review_hash_check CHECK ((review_hash ~ '^[0-9a-f]{64}$'::text)),
    CONSTRAINT review_signatures_week_check CHECK ((week ~ '^[0-9]{4}-W[0-9]{2}$'::text))
);

CREATE TABLE public.round_trips (
    scope text NOT NULL,
    target text NOT NULL,
    symbol text NOT NULL,
    opening_execution_id text NOT NULL COLLATE pg_catalog."C",
    direction text NOT NULL,
    opened_at timestamp with time zone NOT NULL,
    order_id uuid,
    entry_qty numeric NOT NULL,
    entry_value numeric NOT NULL,
    exit_qty numeric NOT NULL,
    exit_value numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    is_adjusted boolean NOT NULL,
    closed_at timestamp with time zone,
    closing_execution_id text COLLATE pg_catalog."C",
    trading_day date,
    CONSTRAINT round_trips_check CHECK ((((closed_at IS NULL) = (closing_execution_id IS NULL)) AND ((closed_at IS NULL) = (trading_day IS NULL)))),
    CONSTRAINT round_trips_direction_check CHECK ((direction = ANY (ARRAY['long'::text, 'short'::text]))),
    CONSTRAINT round_trips_scope_check CHECK ((scope = ANY (ARRAY['account'::text, 'strategy'::text, 'external'::text])))
);

CREATE TABLE public.sessions (
    token_hash bytea NOT NULL,
    user_id uuid NOT NULL,
    method text NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    ended_at timestamp with time zone,
    address text,
    CONSTRAINT sessions_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

CREATE TABLE public.signing_keys (
    key_id text NOT NULL,
    public_key bytea NOT NULL,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT signing_keys_public_key_check CHECK ((octet_length(public_key) = 32))
);

CREATE TABLE public.untraded_symbols (
    symbol text NOT NULL,
    reason text NOT NULL,
    first_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    last_seen_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT untraded_symbols_reason_check CHECK ((reason = ANY (ARRAY['unknown'::text, 'not_tradable'::text])))
);

CREATE TABLE public.users (
    id uuid NOT NULL,
    name text NOT NULL,
    email text,
    role text NOT NULL,
    pin_hash text,
    locked_until timestamp with time zone,
    max_notional numeric,
    max_notional_per_day numeric,
    created_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    disabled_at timestamp with time zone,
    pin_given_at timestamp with time zone,
    lock_told_at timestamp with time zone,
    CONSTRAINT users_email_check CHECK ((email ~ '^[^[:space:][:cntrl:]<>,;]+@[^[:space:][:cntrl:]<>,;]+$'::text)),
    CONSTRAINT users_max_notional_check CHECK ((max_notional > (0)::numeric)),
    CONSTRAINT users_max_notional_per_day_check CHECK ((max_notional_per_day > (0)::numeric)),
    CONSTRAINT users_name_check CHECK ((name ~ '^[A-Za-z][A-Za-z0-9._-]{0,62}$'::text)),
    CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['viewer'::text, 'approver'::text, 'operator'::text, 'admin'::text, 'auditor'::text])))
);

CREATE TABLE public.worker_lease (
    only_one boolean DEFAULT true NOT NULL,
    worker_id text NOT NULL,
    generation bigint NOT NULL,
    acquired_at timestamp with time zone NOT NULL,
    last_seen_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT worker_lease_generation_check CHECK ((generation > 0)),
    CONSTRAINT worker_lease_only_one_check CHECK (only_one)
);

ALTER TABLE ONLY public.account_days
    ADD CONSTRAINT account_days_pkey PRIMARY KEY (day);

ALTER TABLE ONLY public.account_snapshots
    ADD CONSTRAINT account_snapshots_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.account_state
    ADD CONSTRAINT account_state_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.alerts
    ADD CONSTRAINT alerts_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_secret_hash_key UNIQUE (secret_hash);

ALTER TABLE ONLY public.approval_notices
    ADD CONSTRAINT approval_notices_pkey PRIMARY KEY (proposal_id, notice);

ALTER TABLE ONLY public.bar_series
    ADD CONSTRAINT bar_series_pkey PRIMARY KEY (symbol);

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_pkey PRIMARY KEY (scope, target, execution_id);

ALTER TABLE ONLY public.books
    ADD CONSTRAINT books_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT breakers_pkey PRIMARY KEY (kind, target);

ALTER TABLE ONLY public.cash_flows
    ADD CONSTRAINT cash_flows_pkey PRIMARY KEY (activity_id);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.command_halts
    ADD CONSTRAINT command_halts_pkey PRIMARY KEY (command_id, halt_id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY public.daily_bars
    ADD CONSTRAINT daily_bars_pkey PRIMARY KEY (symbol, day);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.decisions
    ADD CONSTRAINT decisions_proposal_id_user_id_key UNIQUE (proposal_id, user_id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY public.deployment
    ADD CONSTRAINT deployment_pkey PRIMARY KEY (only_one);

ALTER TABLE ONLY public.executions
    ADD CONSTRAINT executions_pkey PRIMARY KEY (execution_id);

ALTER TABLE ONLY public.exposure
    ADD CONSTRAINT exposure_pkey PRIMARY KEY (symbol, side);

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_pkey PRIMARY KEY (execution_id);

ALTER TABLE ONLY public.halts
    ADD CONSTRAINT halts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.hindsights
    ADD CONSTRAINT hindsights_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.journal_chain
    ADD CONSTRAINT journal_chain_entry_id_key UNIQUE (entry_id);

ALTER TABLE ONLY public.journal_chain
    ADD CONSTRAINT journal_chain_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.journal_checkpoints
    ADD CONSTRAINT journal_checkpoints_pkey PRIMARY KEY ("position");

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.journal_unsealed
    ADD CONSTRAINT journal_unsealed_pkey PRIMARY KEY (entry_id);

ALTER TABLE ONLY public.known_origins
    ADD CONSTRAINT known_origins_pkey PRIMARY KEY (user_id, origin);

ALTER TABLE ONLY public.limit_reductions
    ADD CONSTRAINT limit_reductions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.opened_positions
    ADD CONSTRAINT opened_positions_pkey PRIMARY KEY (day, shard);

ALTER TABLE ONLY public.order_legs
    ADD CONSTRAINT order_legs_pkey PRIMARY KEY (broker_order_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_client_order_id_key UNIQUE (client_order_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_proposal_id_key UNIQUE (proposal_id);

ALTER TABLE ONLY public.orders
    ADD CONSTRAINT orders_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY public.policies
    ADD CONSTRAINT policies_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_number_key UNIQUE (number);

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.positions
    ADD CONSTRAINT positions_pkey PRIMARY KEY (scope, target, symbol);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_pkey PRIMARY KEY (channel_id, subject);

ALTER TABLE ONLY public.proposal_states
    ADD CONSTRAINT proposal_states_pkey PRIMARY KEY (proposal_id);

ALTER TABLE ONLY public.proposal_terms
    ADD CONSTRAINT proposals_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.proposal_terms
    ADD CONSTRAINT proposals_proposer_key_id_idempotency_key_key UNIQUE (proposer_key_id, idempotency_key);

ALTER TABLE ONLY public.proposal_terms
    ADD CONSTRAINT proposals_sequence_key UNIQUE (sequence);

ALTER TABLE ONLY public.quotes
    ADD CONSTRAINT quotes_pkey PRIMARY KEY (symbol);

ALTER TABLE ONLY public.reconcile_mismatches
    ADD CONSTRAINT reconcile_mismatches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.reports
    ADD CONSTRAINT reports_pkey PRIMARY KEY (kind, period);

ALTER TABLE ONLY public.review_answers
    ADD CONSTRAINT review_answers_pkey PRIMARY KEY (week, question, version);

ALTER TABLE ONLY public.review_signatures
    ADD CONSTRAINT review_signatures_pkey PRIMARY KEY (week);

ALTER TABLE ONLY public.round_trips
    ADD CONSTRAINT round_trips_pkey PRIMARY KEY (scope, target, symbol, opening_execution_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.signing_keys
    ADD CONSTRAINT signing_keys_pkey PRIMARY KEY (key_id);

ALTER TABLE ONLY public.untraded_symbols
    ADD CONSTRAINT untraded_symbols_pkey PRIMARY KEY (symbol);

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.worker_lease
    ADD CONSTRAINT worker_lease_pkey PRIMARY KEY (only_one);

CREATE INDEX account_snapshots_by_time ON public.account_snapshots USING btree (received_at);

CREATE INDEX alerts_by_key ON public.alerts USING btree (source, dedup_key, sequence DESC);

CREATE INDEX alerts_by_state ON public.alerts USING btree (state, sequence DESC);

CREATE INDEX alerts_due ON public.alerts USING btree (tell_at) WHERE (tell_at IS NOT NULL);

CREATE UNIQUE INDEX alerts_open ON public.alerts USING btree (source, dedup_key) WHERE (state <> 'resolved'::text);

CREATE UNIQUE INDEX api_keys_by_name ON public.api_keys USING btree (COALESCE((user_id)::text, ''::text), lower(name)) WHERE (revoked_at IS NULL);

CREATE INDEX bar_series_open ON public.bar_series USING btree (symbol) WHERE ((covered_from IS NULL) OR (covered_from > wanted_from) OR (covered_until < wanted_until));

CREATE INDEX bookings_by_day ON public.bookings USING btree (trading_day, scope, target);

CREATE INDEX bookings_in_order ON public.bookings USING btree (scope, target, symbol, executed_at, execution_id);

CREATE INDEX breakers_by_halt ON public.breakers USING btree (halt_id);

CREATE INDEX cash_flows_by_time ON public.cash_flows USING btree (effective_at);

CREATE UNIQUE INDEX channels_by_name ON public.channels USING btree (lower(name));

CREATE INDEX command_halts_by_halt ON public.command_halts USING btree (halt_id);

CREATE UNIQUE INDEX commands_open ON public.commands USING btree (kind, COALESCE(symbol, ''::text), COALESCE(strategy, ''::text)) WHERE (finished_at IS NULL);

CREATE INDEX decisions_by_user ON public.decisions USING btree (user_id, decided_at);

CREATE INDEX deliveries_by_alert ON public.deliveries USING btree (subject) WHERE ((subject ~~ 'alert:%'::text) OR (subject ~~ 'halt:%'::text));

CREATE INDEX deliveries_by_channel ON public.deliveries USING btree (channel_id, state, finished_at DESC) WHERE (channel_id IS NOT NULL);

CREATE INDEX deliveries_by_proposal ON public.deliveries USING btree (proposal_id, sequence);

CREATE INDEX deliveries_by_state ON public.deliveries USING btree (state, sequence DESC);

CREATE INDEX deliveries_by_subject ON public.deliveries USING btree (destination, subject, sequence) WHERE (state = 'queued'::text);

CREATE INDEX deliveries_by_time ON public.deliveries USING btree (next_attempt_at) WHERE (state = 'queued'::text);

CREATE INDEX deliveries_due ON public.deliveries USING btree (destination, priority, sequence) WHERE (state = 'queued'::text);

CREATE INDEX executions_besides ON public.executions USING btree (received_at) WHERE (part <> 'entry'::text);

CREATE INDEX executions_by_order ON public.executions USING btree (order_id) WHERE (order_id IS NOT NULL);

CREATE INDEX executions_by_symbol ON public.executions USING btree (symbol, executed_at, execution_id);

CREATE INDEX executions_unclaimed ON public.executions USING btree (broker_order_id) WHERE (order_id IS NULL);

CREATE INDEX fills_by_order ON public.fills USING btree (order_id, executed_at);

CREATE INDEX halts_open ON public.halts USING btree (scope, target) WHERE (cleared_at IS NULL);

CREATE INDEX halts_unfinished ON public.halts USING btree (opened_at) WHERE ((cleared_at IS NULL) AND ((told_at IS NULL) OR (completed_at IS NULL)));

CREATE INDEX journal_by_subject ON public.journal USING btree (subject, id);

CREATE INDEX limit_reductions_by_time ON public.limit_reductions USING btree (expires_at);

CREATE INDEX login_failures_by_address ON public.login_failures USING btree (address, failed_at);

CREATE INDEX order_legs_by_order ON public.order_legs USING btree (order_id);

CREATE UNIQUE INDEX orders_by_broker_order ON public.orders USING btree (broker_order_id) WHERE (broker_order_id IS NOT NULL);

CREATE INDEX orders_by_release ON public.orders USING btree (released_at);

CREATE INDEX orders_failed ON public.orders USING btree (claimed_at) WHERE ((claimed_at IS NOT NULL) AND (state = ANY (ARRAY['rejected'::text, 'unknown'::text])));

CREATE INDEX orders_finished ON public.orders USING btree (finished_at) WHERE (finished_at IS NOT NULL);

CREATE INDEX orders_keenest ON public.orders USING btree (symbol, side, keenness DESC) WHERE ((state = 'released'::text) AND (keenness IS NOT NULL));

CREATE INDEX orders_open ON public.orders USING btree (sequence) WHERE (finished_at IS NULL);

CREATE INDEX orders_placed ON public.orders USING btree (claimed_at) WHERE ((claimed_at IS NOT NULL) AND (state = ANY (ARRAY['accepted'::text, 'partially_filled'::text, 'filled'::text, 'canceled'::text, 'expired'::text])));

CREATE INDEX orders_traded ON public.orders USING btree (finished_at) WHERE ((finished_at IS NOT NULL) AND (filled_qty > (0)::numeric));

CREATE INDEX orders_turned_up ON public.orders USING btree (sequence) WHERE (turned_up_at IS NOT NULL);

CREATE INDEX orders_unclaimed ON public.orders USING btree (valid_until) WHERE (state = 'released'::text);

CREATE INDEX orders_under_way ON public.orders USING btree (sequence) WHERE ((finished_at IS NULL) AND (state <> 'released'::text));

CREATE UNIQUE INDEX policy_drafts_open ON public.policy_drafts USING btree (state) WHERE (state = 'open'::text);

CREATE INDEX positions_held ON public.positions USING btree (scope, target, symbol) WHERE (qty <> (0)::numeric);

CREATE INDEX proposal_states_by_state ON public.proposal_states USING btree (state, sequence DESC);

CREATE INDEX proposal_states_pending ON public.proposal_states USING btree (expires_at, sequence) WHERE (state = 'pending'::text);

CREATE INDEX proposal_states_watched ON public.proposal_states USING btree (symbol, side, keenness DESC NULLS LAST) WHERE (state = ANY (ARRAY['pending'::text, 'approved'::text]));

CREATE INDEX proposals_by_intent ON public.proposal_terms USING btree (symbol, side, proposer_name, qty, created_at DESC) WHERE (NOT is_blocked);

CREATE INDEX proposals_by_strategy ON public.proposal_terms USING btree (strategy, sequence DESC);

CREATE INDEX proposals_by_symbol ON public.proposal_terms USING btree (symbol, sequence DESC);

CREATE INDEX proposals_by_time ON public.proposal_terms USING btree (created_at);

CREATE UNIQUE INDEX reconcile_mismatches_open ON public.reconcile_mismatches USING btree (symbol) WHERE (cleared_at IS NULL);

CREATE INDEX review_answers_by_user ON public.review_answers USING btree (user_id);

CREATE INDEX review_signatures_by_halt ON public.review_signatures USING btree (halt_id);

CREATE INDEX review_signatures_by_user ON public.review_signatures USING btree (user_id);

CREATE INDEX round_trips_by_day ON public.round_trips USING btree (trading_day, scope, target) WHERE (closed_at IS NOT NULL);

CREATE INDEX round_trips_closed ON public.round_trips USING btree (scope, target, closed_at) WHERE (closed_at IS NOT NULL);

CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id) WHERE (ended_at IS NULL);

CREATE UNIQUE INDEX users_by_name ON public.users USING btree (lower(name));

CREATE TRIGGER count_changed AFTER UPDATE ON public.orders REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.count_changed_orders();

CREATE TRIGGER count_changed AFTER UPDATE ON public.proposal_states REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.count_changed_states();

CREATE TRIGGER count_changed AFTER UPDATE ON public.proposal_terms REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION public.count_changed_terms();

CREATE TRIGGER count_new AFTER INSERT ON public.orders REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.count_new_orders();

CREATE TRIGGER count_new AFTER INSERT ON public.proposal_terms REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.count_new_proposals();

CREATE TRIGGER guard BEFORE UPDATE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.guard_alert();

CREATE TRIGGER guard BEFORE UPDATE ON public.breakers FOR EACH ROW EXECUTE FUNCTION public.guard_breaker();

CREATE TRIGGER guard BEFORE UPDATE ON public.commands FOR EACH ROW EXECUTE FUNCTION public.guard_command();

CREATE TRIGGER guard BEFORE INSERT ON public.decisions FOR EACH ROW EXECUTE FUNCTION public.guard_decision();

CREATE TRIGGER guard BEFORE UPDATE ON public.deployment FOR EACH ROW EXECUTE FUNCTION public.guard_deployment();

CREATE TRIGGER guard BEFORE UPDATE ON public.executions FOR EACH ROW EXECUTE FUNCTION public.guard_execution();

CREATE TRIGGER guard BEFORE UPDATE ON public.halts FOR EACH ROW EXECUTE FUNCTION public.guard_halt();

CREATE TRIGGER guard BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.guard_order();

CREATE TRIGGER guard BEFORE UPDATE ON public.policy_drafts FOR EACH ROW EXECUTE FUNCTION public.guard_policy_draft();

CREATE TRIGGER guard BEFORE UPDATE ON public.proposal_states FOR EACH ROW WHEN ((NOT ((old.state = 'pending'::text) AND (new.state = 'expired'::text) AND (clock_timestamp() >= old.expires_at) AND (NOT ((((((new.proposal_id IS DISTINCT FROM old.proposal_id) OR (new.sequence IS DISTINCT FROM old.sequence)) OR (new.symbol IS DISTINCT FROM old.symbol)) OR (new.side IS DISTINCT FROM old.side)) OR (new.keenness IS DISTINCT FROM old.keenness)) OR (new.expires_at IS DISTINCT FROM old.expires_at)))))) EXECUTE FUNCTION public.guard_proposal_state();

CREATE TRIGGER guard BEFORE UPDATE ON public.proposal_terms FOR EACH ROW EXECUTE FUNCTION public.guard_proposal_terms();

CREATE TRIGGER guard BEFORE UPDATE ON public.reconcile_mismatches FOR EACH ROW EXECUTE FUNCTION public.guard_mismatch();

CREATE TRIGGER guard BEFORE INSERT ON public.review_answers FOR EACH ROW EXECUTE FUNCTION public.guard_review_answer();

CREATE TRIGGER guard BEFORE INSERT ON public.review_signatures FOR EACH ROW EXECUTE FUNCTION public.guard_review_signature();

CREATE TRIGGER guard_fixed BEFORE UPDATE OF id, sequence, mode, proposer_key_id, proposer_user_id, proposer_name, idempotency_key, request_hash, symbol, side, type, limit_price, stop_price, time_in_force, stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, reference_price, strategy, rationale, confidence, catalyst_score, signal_id, pattern_id, news_id, external_ref, evidence, is_reducing, client_order_id, tier, approvals_required, policy_version, checks, impact, created_at, expires_at, validity_minutes, blocked_reason ON public.proposal_terms FOR EACH ROW EXECUTE FUNCTION public.guard_what_was_proposed();

CREATE TRIGGER guard_flattening BEFORE UPDATE ON public.halts FOR EACH ROW EXECUTE FUNCTION public.guard_flattening();

CREATE TRIGGER guard_isolation BEFORE INSERT ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION public.guard_isolation();

CREATE TRIGGER guard_isolation BEFORE INSERT OR UPDATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION public.guard_isolation();

CREATE TRIGGER guard_isolation BEFORE UPDATE ON public.proposal_states FOR EACH STATEMENT EXECUTE FUNCTION public.guard_isolation();

CREATE TRIGGER guard_isolation BEFORE INSERT OR UPDATE ON public.proposal_terms FOR EACH STATEMENT EXECUTE FUNCTION public.guard_isolation();

CREATE TRIGGER guard_last_admin BEFORE UPDATE OF role, disabled_at ON public.users FOR EACH ROW EXECUTE FUNCTION public.guard_last_admin();

CREATE TRIGGER guard_new BEFORE INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.guard_new_order();

CREATE TRIGGER guard_new_rows AFTER INSERT ON public.orders REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.guard_new_orders();

CREATE TRIGGER guard_new_rows AFTER INSERT ON public.proposal_terms REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.guard_new_proposals();

CREATE TRIGGER keep BEFORE DELETE ON public.alerts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.api_keys FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.books FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.breakers FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.cash_flows FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.command_halts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.commands FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.decisions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.deployment FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.executions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.fills FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.halts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.hindsights FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.journal FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.journal_chain FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.journal_checkpoints FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.limit_reductions FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.order_legs FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.policies FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.policy_drafts FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.proposal_states FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.proposal_terms FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.reconcile_mismatches FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.reports FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.review_answers FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.review_signatures FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON public.signing_keys FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep BEFORE DELETE ON public.users FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.alerts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.api_keys FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.books FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.breakers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.cash_flows FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.command_halts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.commands FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.decisions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.deployment FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.executions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.fills FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.halts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.hindsights FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.journal FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.journal_chain FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.journal_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.limit_reductions FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.order_legs FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.orders FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.policies FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.policy_drafts FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.proposal_states FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.proposal_terms FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.reconcile_mismatches FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.reports FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.review_answers FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.review_signatures FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.signing_keys FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER keep_all BEFORE TRUNCATE ON public.users FOR EACH STATEMENT EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER note_new AFTER INSERT ON public.proposal_terms REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.note_new_states();

CREATE TRIGGER queue_for_sealing AFTER INSERT ON public.journal REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION public.queue_for_sealing();

ALTER TABLE ONLY public.api_keys
    ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.approval_notices
    ADD CONSTRAINT approval_notices_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposal_terms(id);

ALTER TABLE ONLY public.bookings
    ADD CONSTRAINT bookings_execution_id_fkey FOREIGN KEY (execution_id) REFERENCES public.executions(execution_id);

ALTER TABLE ONLY public.breakers
    ADD CONSTRAINT breakers_halt_id_fkey FOREIGN KEY (halt_id) REFERENCES public.halts(id);

ALTER TABLE ONLY public.channels
    ADD CONSTRAINT channels_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.command_halts
    ADD CONSTRAINT command_halts_command_id_fkey FOREIGN KEY (command_id) REFERENCES public.commands(id);

ALTER TABLE ONLY public.command_halts
    ADD CONSTRAINT command_halts_halt_id_fkey FOREIGN KEY (halt_id) REFERENCES public.halts(id);

ALTER TABLE ONLY public.commands
    ADD CONSTRAINT commands_halt_id_fkey FOREIGN KEY (halt_id) REFERENCES public.halts(id);

ALTER TABLE ONLY public.deliveries
    ADD CONSTRAINT deliveries_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channels(id);

ALTER TABLE ONLY public.fills
    ADD CONSTRAINT fills_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.hindsights
    ADD CONSTRAINT hindsights_proposal_id_fkey FOREIGN KEY (proposal_id) REFERENCES public.proposal_terms(id);

ALTER TABLE ONLY public.journal_checkpoints
    ADD CONSTRAINT journal_checkpoints_key_id_fkey FOREIGN KEY (key_id) REFERENCES public.signing_keys(key_id);

ALTER TABLE ONLY public.journal_checkpoints
    ADD CONSTRAINT journal_checkpoints_position_fkey FOREIGN KEY ("position") REFERENCES public.journal_chain("position");

ALTER TABLE ONLY public.known_origins
    ADD CONSTRAINT known_origins_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.order_legs
    ADD CONSTRAINT order_legs_order_id_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_decided_by_user_fkey FOREIGN KEY (decided_by_user) REFERENCES public.users(id);

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_proposed_by_fkey FOREIGN KEY (proposed_by) REFERENCES public.users(id);

ALTER TABLE ONLY public.policy_drafts
    ADD CONSTRAINT policy_drafts_version_fkey FOREIGN KEY (version) REFERENCES public.policies(version);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_channel_id_fkey FOREIGN KEY (channel_id) REFERENCES public.channels(id);

ALTER TABLE ONLY public.posts
    ADD CONSTRAINT posts_delivery_id_fkey FOREIGN KEY (delivery_id) REFERENCES public.deliveries(id);

ALTER TABLE ONLY public.review_answers
    ADD CONSTRAINT review_answers_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.review_signatures
    ADD CONSTRAINT review_signatures_halt_id_fkey FOREIGN KEY (halt_id) REFERENCES public.halts(id);

ALTER TABLE ONLY public.review_signatures
    ADD CONSTRAINT review_signatures_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

ALTER TABLE ONLY public.round_trips
    ADD CONSTRAINT round_trips_closing_execution_id_fkey FOREIGN KEY (closing_execution_id) REFERENCES public.executions(execution_id);

ALTER TABLE ONLY public.round_trips
    ADD CONSTRAINT round_trips_opening_execution_id_fkey FOREIGN KEY (opening_execution_id) REFERENCES public.executions(execution_id);

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id);

GRANT USAGE ON SCHEMA public TO countersign_app;

REVOKE ALL ON FUNCTION public.count_opened(a_day date, change bigint) FROM PUBLIC;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.account_days TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.account_snapshots TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.account_state TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.alerts TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.api_keys TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.approval_notices TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.bar_series TO countersign_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.bookings TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.books TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.breakers TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.cash_flows TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.channels TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.command_halts TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.commands TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.daily_bars TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.decisions TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.deliveries TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.deployment TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.executions TO countersign_app;

GRANT SELECT ON TABLE public.exposure TO countersign_app;

GRANT SELECT ON TABLE public.exposure_changes TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.fills TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.halts TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.hindsights TO countersign_app;

GRANT SELECT ON TABLE public.journal TO countersign_app;

GRANT INSERT(kind) ON TABLE public.journal TO countersign_app;

GRANT INSERT(actor) ON TABLE public.journal TO countersign_app;

GRANT INSERT(subject) ON TABLE public.journal TO countersign_app;

GRANT INSERT(data) ON TABLE public.journal TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.journal_chain TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.journal_checkpoints TO countersign_app;

GRANT SELECT,DELETE ON TABLE public.journal_unsealed TO countersign_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.known_origins TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.limit_reductions TO countersign_app;

GRANT SELECT,INSERT,DELETE ON TABLE public.login_failures TO countersign_app;

GRANT SELECT ON TABLE public.opened_positions TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.order_legs TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.orders TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.policies TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.policy_drafts TO countersign_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.positions TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.posts TO countersign_app;

GRANT SELECT,UPDATE ON TABLE public.proposal_states TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.proposal_terms TO countersign_app;

GRANT SELECT,UPDATE ON TABLE public.proposals TO countersign_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.quotes TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.reconcile_mismatches TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.reports TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.review_answers TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.review_signatures TO countersign_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.round_trips TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.sessions TO countersign_app;

GRANT SELECT,INSERT ON TABLE public.signing_keys TO countersign_app;

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.untraded_symbols TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.users TO countersign_app;

GRANT SELECT,INSERT,UPDATE ON TABLE public.worker_lease TO countersign_app;

