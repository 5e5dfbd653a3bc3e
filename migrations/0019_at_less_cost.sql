-- The same rules and lists, at less cost.

-- Lists of what waits walk along the deadlines; proposals that came together share one, so their order stands in the
-- index as well.
DROP INDEX proposals_pending_by_deadline;
CREATE INDEX proposals_pending_by_deadline ON proposals (expires_at, sequence) WHERE state = 'pending';

-- PL/pgSQL keeps the plans of its statements; a function in SQL is planned anew for every row that it judges.
CREATE OR REPLACE FUNCTION valid_approvals(a_proposal_id uuid, an_order_hash text) RETURNS bigint
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT CASE WHEN bool_or(verdict = 'reject') THEN 0
            ELSE count(*) FILTER (WHERE verdict = 'approve' AND order_hash = an_order_hash) END
        FROM decisions
        WHERE proposal_id = a_proposal_id);
END
$$;

CREATE OR REPLACE FUNCTION is_halted(a_strategy text, a_symbol text, a_bot text, is_reducing boolean) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT 1
        FROM halts
        WHERE cleared_at IS NULL
          AND NOT (allows_reducing AND is_reducing)
          AND (scope = 'account'
            OR (scope = 'strategy' AND target = a_strategy)
            OR (scope = 'symbol' AND target = a_symbol)
            OR (scope = 'bot' AND target = a_bot)));
END
$$;

CREATE OR REPLACE FUNCTION count_opened(a_day date, change bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO opened_positions AS known
    VALUES (a_day, pg_backend_pid(), change)
    ON CONFLICT (day, shard) DO UPDATE
    SET orders = known.orders + excluded.orders;
END
$$;

-- The longest texts compress several times as fast with LZ4, where PostgreSQL was built with it.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)) THEN
        ALTER TABLE proposals ALTER COLUMN checks SET COMPRESSION lz4;
        ALTER TABLE journal ALTER COLUMN data SET COMPRESSION lz4;
    END IF;
END
$$;
