-- What stops trading by itself, what the worker is told to do at the broker, and limits that are lowered for a while.

-- Breakers that have something to remember; one without a row watches.
CREATE TABLE breakers (
    kind text NOT NULL CHECK (kind <> ''),
    target text NOT NULL,
    state text NOT NULL CHECK (state IN ('armed', 'tripped', 'cleared')),
    -- The trading day of the trip, or of what was acknowledged.
    trading_day date,
    -- Of the trip: what was measured, in which unit, and the limit.
    unit text,
    value numeric,
    trip_limit numeric,
    known numeric,
    -- What was acknowledged and does not count, by unit.
    acknowledged jsonb,
    halt_id uuid REFERENCES halts,
    tripped_at timestamptz,
    -- From when on losses and failures in a row are counted.
    counted_since timestamptz,
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, target),
    CHECK (state = 'armed' OR (unit IS NOT NULL AND value IS NOT NULL AND trip_limit IS NOT NULL
        AND trading_day IS NOT NULL AND tripped_at IS NOT NULL AND halt_id IS NOT NULL))
);

CREATE INDEX breakers_by_halt ON breakers (halt_id);

-- A breaker that tripped is forgotten by nobody: it is let go only after its halt was cleared.
CREATE FUNCTION guard_breaker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'tripped' AND NEW.state <> 'tripped'
        AND EXISTS (SELECT 1 FROM halts WHERE id = OLD.halt_id AND cleared_at IS NULL)
    THEN
        RAISE EXCEPTION 'the breaker % stays tripped until its halt is cleared', OLD.kind USING ERRCODE = 'CS030';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON breakers FOR EACH ROW EXECUTE FUNCTION guard_breaker();
CREATE TRIGGER keep BEFORE DELETE ON breakers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON breakers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Orders that could not be carried out, and those that could: so that a row of failures is counted without history.
CREATE INDEX orders_failed ON orders (claimed_at) WHERE claimed_at IS NOT NULL AND state IN ('rejected', 'unknown');
CREATE INDEX orders_placed ON orders (claimed_at)
    WHERE claimed_at IS NOT NULL AND state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired');

-- What the worker is to do at the broker beside orders. It holds nothing of what was done: that the broker shows.
CREATE TABLE commands (
    id uuid PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind text NOT NULL CHECK (kind IN ('cancel_entries', 'flatten', 'close_position')),
    symbol text,
    strategy text,
    reason text NOT NULL CHECK (reason <> ''),
    halt_id uuid REFERENCES halts,
    state text NOT NULL CHECK (state IN ('issued', 'running', 'waiting', 'done', 'withdrawn')),
    progress jsonb NOT NULL DEFAULT '{}',
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    issued_by text NOT NULL,
    started_at timestamptz,
    last_report_at timestamptz,
    worker_id text,
    finished_at timestamptz,
    finished_by text,
    -- Entries are cancelled everywhere, in one symbol, or of one strategy.
    CHECK (CASE kind
        WHEN 'close_position' THEN symbol IS NOT NULL AND strategy IS NULL
        WHEN 'flatten' THEN symbol IS NULL AND strategy IS NULL
        ELSE symbol IS NULL OR strategy IS NULL
    END),
    CHECK (kind <> 'flatten' OR halt_id IS NOT NULL),
    CHECK ((state IN ('done', 'withdrawn')) = (finished_at IS NOT NULL)),
    CHECK ((finished_at IS NULL) = (finished_by IS NULL))
);

-- One of a kind at a time: asking twice is asking once.
CREATE UNIQUE INDEX commands_open ON commands (kind, coalesce(symbol, ''), coalesce(strategy, '')) WHERE finished_at IS NULL;

-- Every halt that asked for a command: it may be taken back only when none of them is open any more.
CREATE TABLE command_halts (
    command_id uuid NOT NULL REFERENCES commands,
    halt_id uuid NOT NULL REFERENCES halts,
    PRIMARY KEY (command_id, halt_id)
);

CREATE INDEX command_halts_by_halt ON command_halts (halt_id);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON command_halts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON command_halts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION guard_command() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER guard BEFORE UPDATE ON commands FOR EACH ROW EXECUTE FUNCTION guard_command();
CREATE TRIGGER keep BEFORE DELETE ON commands FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON commands FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- The halt under which positions are closed stays until they are, or until the closing is withdrawn.
CREATE FUNCTION guard_flattening() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER guard_flattening BEFORE UPDATE ON halts FOR EACH ROW EXECUTE FUNCTION guard_flattening();

-- Limits lowered after a resume; the newest that has not run out counts.
CREATE TABLE limit_reductions (
    id uuid PRIMARY KEY,
    factor numeric NOT NULL CHECK (factor > 0 AND factor < 1),
    reason text NOT NULL CHECK (reason <> ''),
    set_by text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    CHECK (expires_at > set_at AND expires_at <= set_at + interval '25 hours')
);

CREATE INDEX limit_reductions_by_time ON limit_reductions (expires_at);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON limit_reductions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON limit_reductions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON breakers, commands, command_halts, limit_reductions TO countersign_app;
    GRANT UPDATE ON breakers, commands TO countersign_app;
END
$$;
