-- The limits, what the worker tells of the account and the market, and the latched stops.

CREATE TABLE policies (
    version integer PRIMARY KEY CHECK (version > 0),
    document jsonb NOT NULL,
    applied_by text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON policies FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON policies FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The newest word of the worker; one row, rewritten at each sync.
CREATE TABLE account_state (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    worker_id text NOT NULL,
    account jsonb NOT NULL,
    positions jsonb NOT NULL,
    open_orders jsonb NOT NULL,
    clock jsonb,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Its history, a row a minute.
CREATE TABLE account_snapshots (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    equity numeric NOT NULL,
    cash numeric NOT NULL,
    buying_power numeric NOT NULL,
    account jsonb NOT NULL,
    positions jsonb NOT NULL
);

CREATE INDEX account_snapshots_by_time ON account_snapshots (received_at);

CREATE TABLE quotes (
    symbol text PRIMARY KEY,
    bid numeric NOT NULL CHECK (bid >= 0),
    ask numeric NOT NULL CHECK (ask >= 0),
    quoted_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Which worker may act; the others stand by.
CREATE TABLE worker_lease (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    worker_id text NOT NULL,
    generation bigint NOT NULL CHECK (generation > 0),
    acquired_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

-- Latched stops. One is open until somebody clears it, and clearing is all that can happen to it.
CREATE TABLE halts (
    id uuid PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('account', 'strategy', 'symbol', 'bot')),
    target text NOT NULL,
    cause text NOT NULL CHECK (cause <> ''),
    reason text NOT NULL CHECK (reason <> ''),
    allows_reducing boolean NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    opened_by text NOT NULL,
    cleared_at timestamptz,
    cleared_by text,
    clear_reason text,
    CHECK ((scope = 'account') = (target = '')),
    CHECK ((cleared_at IS NULL) = (cleared_by IS NULL) AND (cleared_at IS NULL) = (clear_reason IS NULL))
);

CREATE INDEX halts_open ON halts (scope, target) WHERE cleared_at IS NULL;

CREATE FUNCTION guard_halt() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.cleared_at IS NOT NULL OR NEW.cleared_at IS NULL
        OR (NEW.id, NEW.scope, NEW.target, NEW.cause, NEW.reason, NEW.allows_reducing, NEW.opened_at, NEW.opened_by)
            IS DISTINCT FROM
           (OLD.id, OLD.scope, OLD.target, OLD.cause, OLD.reason, OLD.allows_reducing, OLD.opened_at, OLD.opened_by)
    THEN
        RAISE EXCEPTION 'a halt can only be cleared, once' USING ERRCODE = 'CS001';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON halts FOR EACH ROW EXECUTE FUNCTION guard_halt();
CREATE TRIGGER keep BEFORE DELETE ON halts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON halts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Whether an open halt forbids such an order.
CREATE FUNCTION is_halted(a_strategy text, a_symbol text, a_bot text, is_reducing boolean) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1
        FROM halts
        WHERE cleared_at IS NULL
          AND NOT (allows_reducing AND is_reducing)
          AND (scope = 'account'
            OR (scope = 'strategy' AND target = a_strategy)
            OR (scope = 'symbol' AND target = a_symbol)
            OR (scope = 'bot' AND target = a_bot)))
$$;
