-- Reports as they were made, each once across all servers; the weekly review's answers and its signature.

CREATE TABLE reports (
    kind text NOT NULL CHECK (kind IN ('daily', 'weekly')),
    period text NOT NULL CHECK (period ~ '^[0-9]{4}-(W[0-9]{2}|[0-9]{2}-[0-9]{2})$'),
    document jsonb NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, period)
);

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON reports FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON reports FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON reports TO countersign_app;
END
$$;
