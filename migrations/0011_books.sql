-- The books: what was executed and what moved cash are facts and stay; positions, bookings, round trips and days are
-- worked out from them, and can be worked out again (countersign books rebuild).

-- Every execution of the account, ours or not, by the broker's own identity of it (compared byte by byte, as the
-- program compares it). Which order it belongs to may be
-- learnt later than the execution itself. There is no foreign key to orders on purpose: it would take a lock on the
-- order's row after the lock of the books, and a report takes them the other way round.
CREATE TABLE executions (
    execution_id text COLLATE "C" PRIMARY KEY CHECK (execution_id <> ''),
    kind text NOT NULL CHECK (kind IN ('fill', 'opening', 'adjustment')),
    broker_order_id text,
    order_id uuid,
    strategy text,
    part text NOT NULL CHECK (part IN ('entry', 'exit', 'external')),
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    qty numeric NOT NULL CHECK (qty > 0),
    price numeric NOT NULL CHECK (price >= 0),
    commission numeric NOT NULL DEFAULT 0 CHECK (commission >= 0),
    executed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((order_id IS NULL) = (strategy IS NULL) AND (order_id IS NULL) = (part = 'external')),
    CHECK (kind = 'fill' OR order_id IS NULL)
);

CREATE INDEX executions_by_symbol ON executions (symbol, executed_at, execution_id);
CREATE INDEX executions_by_order ON executions (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX executions_unclaimed ON executions (broker_order_id) WHERE order_id IS NULL;
CREATE INDEX orders_by_broker_order ON orders (broker_order_id) WHERE broker_order_id IS NOT NULL;

CREATE FUNCTION guard_execution() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER guard BEFORE UPDATE ON executions FOR EACH ROW EXECUTE FUNCTION guard_execution();
CREATE TRIGGER keep BEFORE DELETE ON executions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON executions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The exits that hang on our orders, and the orders that took their place, by the broker's identity.
CREATE TABLE order_legs (
    broker_order_id text PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    learnt_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX order_legs_by_order ON order_legs (order_id);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON order_legs FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON order_legs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What moved cash without an execution, by the broker's identity of the entry.
CREATE TABLE cash_flows (
    activity_id text PRIMARY KEY CHECK (activity_id <> ''),
    activity_type text NOT NULL CHECK (activity_type <> ''),
    class text NOT NULL CHECK (class IN ('capital', 'income', 'fee', 'other')),
    amount numeric NOT NULL,
    symbol text,
    description text,
    activity_date text,
    effective_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX cash_flows_by_time ON cash_flows (effective_at);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON cash_flows FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON cash_flows FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Since when the books are kept: what the account held then is taken over as it was.
CREATE TABLE books (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    started_at timestamptz NOT NULL
);

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON books FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON books FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Worked out: one row for each execution in each book it belongs to (the account's, and its strategy's or `external`).
CREATE TABLE bookings (
    scope text NOT NULL CHECK (scope IN ('account', 'strategy', 'external')),
    target text NOT NULL,
    symbol text NOT NULL,
    execution_id text COLLATE "C" NOT NULL REFERENCES executions,
    executed_at timestamptz NOT NULL,
    trading_day date NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    qty_after numeric NOT NULL,
    cost_after numeric NOT NULL,
    PRIMARY KEY (scope, target, execution_id)
);

CREATE INDEX bookings_in_order ON bookings (scope, target, symbol, executed_at, execution_id);
CREATE INDEX bookings_by_day ON bookings (trading_day, scope, target);

CREATE TABLE positions (
    scope text NOT NULL CHECK (scope IN ('account', 'strategy', 'external')),
    target text NOT NULL,
    symbol text NOT NULL,
    qty numeric NOT NULL,
    cost numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    last_executed_at timestamptz NOT NULL,
    last_execution_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (scope, target, symbol)
);

CREATE INDEX positions_held ON positions (scope, target, symbol) WHERE qty <> 0;

-- Worked out: from flat to flat, at average cost. One that is open has no closing execution.
CREATE TABLE round_trips (
    scope text NOT NULL CHECK (scope IN ('account', 'strategy', 'external')),
    target text NOT NULL,
    symbol text NOT NULL,
    opening_execution_id text COLLATE "C" NOT NULL REFERENCES executions,
    direction text NOT NULL CHECK (direction IN ('long', 'short')),
    opened_at timestamptz NOT NULL,
    order_id uuid,
    entry_qty numeric NOT NULL,
    entry_value numeric NOT NULL,
    exit_qty numeric NOT NULL,
    exit_value numeric NOT NULL,
    realized_pnl numeric NOT NULL,
    commission numeric NOT NULL,
    is_adjusted boolean NOT NULL,
    closed_at timestamptz,
    closing_execution_id text COLLATE "C" REFERENCES executions,
    trading_day date,
    PRIMARY KEY (scope, target, symbol, opening_execution_id),
    CHECK ((closed_at IS NULL) = (closing_execution_id IS NULL) AND (closed_at IS NULL) = (trading_day IS NULL))
);

CREATE INDEX round_trips_closed ON round_trips (scope, target, closed_at) WHERE closed_at IS NOT NULL;
CREATE INDEX round_trips_by_day ON round_trips (trading_day, scope, target) WHERE closed_at IS NOT NULL;

ALTER TABLE account_snapshots
    ADD COLUMN last_equity numeric,
    ADD COLUMN unrealized_pnl numeric;

-- Worked out from snapshots and cash flows: a row for each trading day, from close to close.
CREATE TABLE account_days (
    day date PRIMARY KEY,
    start_equity numeric NOT NULL,
    end_equity numeric NOT NULL,
    capital_flows numeric NOT NULL,
    income numeric NOT NULL,
    fees numeric NOT NULL,
    unrealized_pnl numeric,
    high_water_mark numeric NOT NULL,
    high_water_at timestamptz NOT NULL,
    drawdown numeric NOT NULL CHECK (drawdown >= 0),
    max_drawdown numeric NOT NULL CHECK (max_drawdown >= 0),
    low_equity numeric NOT NULL,
    high_equity numeric NOT NULL,
    snapshots integer NOT NULL CHECK (snapshots > 0),
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL
);

-- Where the broker's positions differ from the books. Suspected at first, because an execution may be on its way;
-- confirmed when it stays. Cleared when both are equal again, or by a person, who takes over the broker's word.
CREATE TABLE reconcile_mismatches (
    id uuid PRIMARY KEY,
    symbol text NOT NULL,
    book_qty numeric NOT NULL,
    broker_qty numeric NOT NULL,
    evidence jsonb NOT NULL,
    suspected_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    confirmed_at timestamptz,
    cleared_at timestamptz,
    cleared_by text,
    clear_reason text,
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL) AND (cleared_at IS NULL) = (clear_reason IS NULL))
);

CREATE UNIQUE INDEX reconcile_mismatches_open ON reconcile_mismatches (symbol) WHERE cleared_at IS NULL;

CREATE FUNCTION guard_mismatch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.cleared_at IS NOT NULL OR (OLD.confirmed_at IS NOT NULL AND NEW.confirmed_at IS DISTINCT FROM OLD.confirmed_at)
        OR (NEW.id, NEW.symbol, NEW.suspected_at) IS DISTINCT FROM (OLD.id, OLD.symbol, OLD.suspected_at)
    THEN
        RAISE EXCEPTION 'a mismatch can only be confirmed and cleared, once each' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON reconcile_mismatches FOR EACH ROW EXECUTE FUNCTION guard_mismatch();
CREATE TRIGGER keep BEFORE DELETE ON reconcile_mismatches FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON reconcile_mismatches FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON executions, order_legs, cash_flows, books, bookings, positions, round_trips, account_days,
        reconcile_mismatches TO countersign_app;
    GRANT UPDATE ON executions, positions, round_trips, account_days, reconcile_mismatches TO countersign_app;
    GRANT DELETE ON bookings, positions, round_trips, account_days TO countersign_app;
END
$$;
