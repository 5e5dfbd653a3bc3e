-- What people must hear of: raised once, told again until somebody takes note of it, and resolved when it is over.

CREATE TABLE alerts (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    type text NOT NULL CHECK (type ~ '^[a-z][a-z0-9_]{0,63}$'),
    priority text NOT NULL CHECK (priority IN ('info', 'high', 'critical', 'emergency')),
    title text NOT NULL CHECK (title <> ''),
    detail text NOT NULL,
    evidence jsonb NOT NULL CHECK (jsonb_typeof(evidence) = 'object'),
    subject text CHECK (subject <> ''),
    -- `system`, or the key or person that raised it; keys of one source mean nothing to another.
    source text NOT NULL CHECK (source <> ''),
    dedup_key text NOT NULL CHECK (dedup_key <> ''),
    -- The kind of the message that tells it first.
    message_kind text NOT NULL CHECK (message_kind <> ''),
    state text NOT NULL CHECK (state IN ('raised', 'acknowledged', 'resolved')),
    -- How often it was raised again while it was open.
    repeats integer NOT NULL DEFAULT 0 CHECK (repeats >= 0),
    raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_raised_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    acknowledged_at timestamptz,
    acknowledged_by text,
    comment text,
    resolved_at timestamptz,
    resolved_by text,
    resolve_reason text,
    -- How often it was told, when last, and when it is to be told next.
    tellings integer NOT NULL DEFAULT 0 CHECK (tellings >= 0),
    told_at timestamptz,
    tell_at timestamptz,
    CHECK ((acknowledged_at IS NULL) = (acknowledged_by IS NULL)),
    CHECK ((resolved_at IS NULL) = (resolved_by IS NULL)),
    CHECK (CASE state
        WHEN 'raised' THEN acknowledged_at IS NULL AND resolved_at IS NULL
        WHEN 'acknowledged' THEN acknowledged_at IS NOT NULL AND resolved_at IS NULL AND tell_at IS NULL
        ELSE resolved_at IS NOT NULL AND tell_at IS NULL
    END)
);

-- While it is open there is one of a source and key, whichever server saw it first.
CREATE UNIQUE INDEX alerts_open ON alerts (source, dedup_key) WHERE state <> 'resolved';
CREATE INDEX alerts_by_key ON alerts (source, dedup_key, sequence DESC);
CREATE INDEX alerts_by_state ON alerts (state, sequence DESC);
CREATE INDEX alerts_due ON alerts (tell_at) WHERE tell_at IS NOT NULL;
-- To whom an alert was told.
CREATE INDEX deliveries_by_alert ON deliveries (subject) WHERE subject LIKE 'alert:%' OR subject LIKE 'halt:%';
-- What was traded besides the orders' own executions: exits, and what was not made here.
CREATE INDEX executions_besides ON executions (received_at) WHERE part <> 'entry';

-- What was raised stays as it was; it only goes on, and what a person acknowledged stays acknowledged by that person.
CREATE FUNCTION guard_alert() RETURNS trigger LANGUAGE plpgsql AS $$
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

CREATE TRIGGER guard BEFORE UPDATE ON alerts FOR EACH ROW EXECUTE FUNCTION guard_alert();
CREATE TRIGGER keep BEFORE DELETE ON alerts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON alerts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON alerts TO countersign_app;
END
$$;
