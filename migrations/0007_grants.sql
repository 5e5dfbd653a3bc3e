-- What the application's own role may do: no table may be emptied, the record cannot be rewritten, and an order
-- or a decision can be added only past the guards above.

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA public TO countersign_app;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO countersign_app;
    REVOKE INSERT ON journal_unsealed FROM countersign_app;
    GRANT DELETE ON journal_unsealed, login_failures, quotes TO countersign_app;
    GRANT UPDATE ON deployment, users, sessions, api_keys, account_state, quotes, worker_lease, halts, proposals,
        orders, channels, deliveries TO countersign_app;
    IF to_regclass('public.schema_migrations') IS NOT NULL THEN
        REVOKE INSERT ON schema_migrations FROM countersign_app;
    END IF;
END
$$;
