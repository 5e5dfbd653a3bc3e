-- An order that adds to a position that is held opens none: it does not count against the limits on new positions of a day and
-- a week. What was released before counts as it did.
ALTER TABLE orders ADD COLUMN opens_position boolean NOT NULL DEFAULT true;

CREATE OR REPLACE FUNCTION count_new_orders() RETURNS trigger
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

CREATE OR REPLACE FUNCTION count_changed_orders() RETURNS trigger
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

CREATE OR REPLACE FUNCTION guard_order() RETURNS trigger
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
