-- Who may do what: people, their sessions, and the keys of bots, workers and scripts.

CREATE TABLE users (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[A-Za-z][A-Za-z0-9._-]{0,62}$'),
    email text CHECK (email ~ '^[^[:space:][:cntrl:]<>,;]+@[^[:space:][:cntrl:]<>,;]+$'),
    role text NOT NULL CHECK (role IN ('viewer', 'approver', 'operator', 'admin', 'auditor')),
    pin_hash text,
    failed_attempts integer NOT NULL DEFAULT 0 CHECK (failed_attempts >= 0),
    locked_until timestamptz,
    max_notional numeric CHECK (max_notional > 0),
    max_notional_per_day numeric CHECK (max_notional_per_day > 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at timestamptz
);

CREATE UNIQUE INDEX users_by_name ON users (lower(name));
CREATE TRIGGER keep BEFORE DELETE ON users FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON users FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE sessions (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    user_id uuid NOT NULL REFERENCES users,
    method text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    ended_at timestamptz
);

CREATE INDEX sessions_by_user ON sessions (user_id) WHERE ended_at IS NULL;

CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    scope text NOT NULL CHECK (scope IN ('propose', 'work', 'read', 'alert', 'operate', 'personal')),
    user_id uuid REFERENCES users,
    secret_hash bytea NOT NULL UNIQUE CHECK (octet_length(secret_hash) = 32),
    hint text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    last_used_at timestamptz,
    revoked_at timestamptz,
    CHECK ((scope = 'personal') = (user_id IS NOT NULL))
);

CREATE UNIQUE INDEX api_keys_by_name ON api_keys (coalesce(user_id::text, ''), lower(name)) WHERE revoked_at IS NULL;
CREATE TRIGGER keep BEFORE DELETE ON api_keys FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON api_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Wrong proofs from one address, so that guessing is slowed before it reaches a person's own counter.
CREATE TABLE login_failures (
    address text NOT NULL,
    failed_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX login_failures_by_address ON login_failures (address, failed_at);
