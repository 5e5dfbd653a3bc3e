-- A halt remembers whether everything it reaches was cancelled and whether people were told, so that what failed is
-- done later; an order held never to have arrived remembers that it did; symbols that the broker does not trade.

ALTER TABLE halts
    ADD COLUMN told_at timestamptz,
    ADD COLUMN completed_at timestamptz;

CREATE OR REPLACE FUNCTION guard_halt() RETURNS trigger LANGUAGE plpgsql AS $$
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

UPDATE halts
SET told_at = opened_at, completed_at = opened_at
WHERE cleared_at IS NULL;

CREATE INDEX halts_unfinished ON halts (opened_at) WHERE cleared_at IS NULL AND (told_at IS NULL OR completed_at IS NULL);

-- When an order that was held never to have reached the broker was seen there after all.
ALTER TABLE orders ADD COLUMN turned_up_at timestamptz;
CREATE INDEX orders_turned_up ON orders (sequence) WHERE turned_up_at IS NOT NULL;

-- What the worker's broker said of symbols that it does not trade; a row goes when the broker trades it after all.
CREATE TABLE untraded_symbols (
    symbol text PRIMARY KEY,
    reason text NOT NULL CHECK (reason IN ('unknown', 'not_tradable')),
    first_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        GRANT SELECT, INSERT, UPDATE, DELETE ON untraded_symbols TO countersign_app;
    END IF;
END
$$;
