-- What waits and what is under way, summed as it changes, so that judging one more proposal costs the same beside ten
-- others and beside a hundred thousand. docs/decisions/exposure-is-summed-as-it-changes.md says why.

-- What the broker would set aside for an opening order (Domain's OrderTerms.reservePrice, at the price it was valued at).
CREATE FUNCTION opening_reserve(a_side text, a_limit_price numeric, a_qty numeric, a_notional numeric) RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT round(CASE
        WHEN a_side = 'sell' THEN a_notional * 1.03
        WHEN a_limit_price IS NOT NULL THEN a_notional
        WHEN a_notional < 50 * a_qty THEN a_notional * 1.04
        ELSE a_notional * 1.025
    END, 18)
$$;

-- How willing an order is to meet one of the other side: the higher, the keener; none for a bracket, which the broker
-- exempts, and beyond every price for an order without a limit.
CREATE FUNCTION order_keenness(a_side text, a_limit_price numeric, a_stop_loss numeric, a_take_profit numeric)
RETURNS numeric
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN a_stop_loss IS NOT NULL AND a_take_profit IS NOT NULL THEN NULL
        WHEN a_limit_price IS NULL THEN 'Infinity'::numeric
        WHEN a_side = 'buy' THEN a_limit_price
        ELSE -a_limit_price
    END
$$;

ALTER TABLE proposals
    ADD COLUMN reserve numeric NOT NULL
        GENERATED ALWAYS AS (opening_reserve(side, limit_price, qty, notional)) STORED,
    ADD COLUMN keenness numeric
        GENERATED ALWAYS AS (order_keenness(side, limit_price, stop_loss_stop_price, take_profit_limit_price)) STORED;

ALTER TABLE orders ADD COLUMN keenness numeric;

UPDATE orders
SET keenness = proposals.keenness
FROM proposals
WHERE proposals.id = orders.proposal_id AND orders.state = 'released';

CREATE FUNCTION note_keenness() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.keenness := (SELECT keenness FROM proposals WHERE id = NEW.proposal_id);
    RETURN NEW;
END
$$;

CREATE TRIGGER note_keenness BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION note_keenness();

CREATE INDEX proposals_keenest ON proposals (symbol, side, keenness DESC)
    WHERE state IN ('pending', 'approved') AND keenness IS NOT NULL;
CREATE INDEX orders_keenest ON orders (symbol, side, keenness DESC) WHERE state = 'released' AND keenness IS NOT NULL;
CREATE INDEX orders_under_way ON orders (sequence) WHERE finished_at IS NULL AND state <> 'released';
CREATE INDEX orders_traded ON orders (finished_at) WHERE finished_at IS NOT NULL AND filled_qty > 0;
DROP INDEX proposals_watched;
CREATE INDEX proposals_by_intent ON proposals (symbol, side, proposer_name, qty, created_at DESC) WHERE state <> 'blocked';

-- The sums over waiting and held proposals, and over released orders that nobody has claimed.
CREATE TABLE exposure (
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    opening_qty numeric NOT NULL,
    opening_notional numeric NOT NULL,
    opening_reserve numeric NOT NULL,
    reducing_qty numeric NOT NULL,
    proposed_openings bigint NOT NULL,
    released_openings bigint NOT NULL,
    PRIMARY KEY (symbol, side)
) WITH (fillfactor = 50);

-- Changes not yet added to the sums. They are only appended, so that two decisions in one symbol never wait for each
-- other; what counts is always the sums and the changes together, read by one statement.
CREATE TABLE exposure_changes (LIKE exposure INCLUDING CONSTRAINTS)
    WITH (autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0);

INSERT INTO exposure
SELECT p.symbol, p.side, coalesce(sum(p.qty) FILTER (WHERE NOT p.is_reducing), 0),
    coalesce(sum(p.notional) FILTER (WHERE NOT p.is_reducing), 0),
    coalesce(sum(p.reserve) FILTER (WHERE NOT p.is_reducing), 0),
    coalesce(sum(p.qty) FILTER (WHERE p.is_reducing), 0),
    count(*) FILTER (WHERE NOT p.is_reducing AND o.id IS NULL),
    count(*) FILTER (WHERE NOT p.is_reducing AND o.id IS NOT NULL)
FROM proposals p
LEFT JOIN orders o ON o.proposal_id = p.id AND o.state = 'released'
WHERE p.state IN ('pending', 'approved') OR o.id IS NOT NULL
GROUP BY p.symbol, p.side;

-- Admission has the account to itself, so it may add to the sums at once.
CREATE FUNCTION count_new_proposals() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO exposure AS total
    SELECT symbol, side, coalesce(sum(qty) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(notional) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(reserve) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(qty) FILTER (WHERE is_reducing), 0),
        count(*) FILTER (WHERE NOT is_reducing), 0
    FROM written
    WHERE state IN ('pending', 'approved')
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

CREATE FUNCTION count_changed_proposals() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT symbol, side, coalesce(sum(sign * qty) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * notional) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * reserve) FILTER (WHERE NOT is_reducing), 0),
        coalesce(sum(sign * qty) FILTER (WHERE is_reducing), 0),
        coalesce(sum(sign) FILTER (WHERE NOT is_reducing), 0), 0
    FROM (
        SELECT -1 AS sign, symbol, side, qty, notional, reserve, is_reducing
        FROM before
        WHERE state IN ('pending', 'approved')
        UNION ALL
        SELECT 1, symbol, side, qty, notional, reserve, is_reducing
        FROM after
        WHERE state IN ('pending', 'approved')
        ) AS change
    GROUP BY symbol, side
    HAVING sum(sign) <> 0 OR sum(sign * qty) <> 0 OR sum(sign * notional) <> 0;
    RETURN NULL;
END
$$;

CREATE FUNCTION count_new_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT p.symbol, p.side, coalesce(sum(p.qty) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.notional) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.reserve) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(sum(p.qty) FILTER (WHERE p.is_reducing), 0),
        0, count(*) FILTER (WHERE NOT p.is_reducing)
    FROM written
    JOIN proposals p ON p.id = written.proposal_id
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

CREATE FUNCTION count_changed_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO exposure_changes
    SELECT p.symbol, p.side, coalesce(-sum(p.qty) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.notional) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.reserve) FILTER (WHERE NOT p.is_reducing), 0),
        coalesce(-sum(p.qty) FILTER (WHERE p.is_reducing), 0),
        0, -count(*) FILTER (WHERE NOT p.is_reducing)
    FROM before
    JOIN after ON after.id = before.id AND after.state <> 'released'
    JOIN proposals p ON p.id = before.proposal_id
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

CREATE TRIGGER count_new AFTER INSERT ON proposals
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_new_proposals();
CREATE TRIGGER count_changed AFTER UPDATE ON proposals
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_proposals();
CREATE TRIGGER count_new AFTER INSERT ON orders
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION count_new_orders();
CREATE TRIGGER count_changed AFTER UPDATE ON orders
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION count_changed_orders();

-- Adds the changes to the sums. Whoever comes while another does it leaves it to that one.
CREATE FUNCTION fold_exposure() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
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

-- How many orders that open a position were released on a day of New York and did not end without a trade. A day has
-- several rows, one of which each connection uses, so that decisions do not wait for each other.
CREATE TABLE opened_positions (
    day date NOT NULL,
    shard integer NOT NULL,
    orders bigint NOT NULL,
    PRIMARY KEY (day, shard)
) WITH (fillfactor = 50);

CREATE FUNCTION trading_day(an_instant timestamptz) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT (an_instant AT TIME ZONE 'America/New_York')::date
$$;

CREATE FUNCTION counts_as_opened(is_reducing boolean, finished_at timestamptz, filled_qty numeric) RETURNS boolean
LANGUAGE sql IMMUTABLE AS $$
    SELECT NOT is_reducing AND (finished_at IS NULL OR filled_qty > 0)
$$;

CREATE FUNCTION count_opened(a_day date, change bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    INSERT INTO opened_positions AS known
    VALUES (a_day, pg_backend_pid() % 32, change)
    ON CONFLICT (day, shard) DO UPDATE
    SET orders = known.orders + excluded.orders
$$;

INSERT INTO opened_positions
SELECT trading_day(released_at), 0, count(*)
FROM orders
WHERE counts_as_opened(is_reducing, finished_at, filled_qty)
GROUP BY trading_day(released_at);

REVOKE EXECUTE ON FUNCTION count_opened(date, bigint) FROM PUBLIC;

-- The sums are the triggers' alone: the application's role reads them.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        GRANT SELECT ON exposure, exposure_changes, opened_positions TO countersign_app;
    END IF;
END
$$;
