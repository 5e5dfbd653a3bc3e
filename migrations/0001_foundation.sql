-- The application's own role, the deployment's stamp, and the journal.

DO $$
BEGIN
    CREATE ROLE countersign_app NOLOGIN;
EXCEPTION
    WHEN duplicate_object OR unique_violation THEN NULL;
    WHEN insufficient_privilege THEN
        RAISE NOTICE 'no separate application role: this role may not create one; triggers alone guard the tables';
END
$$;

DO $$
BEGIN
    EXECUTE format('GRANT countersign_app TO %I', current_user);
EXCEPTION
    WHEN undefined_object OR insufficient_privilege OR invalid_grant_operation OR unique_violation THEN NULL;
    WHEN OTHERS THEN
        IF SQLERRM NOT LIKE 'tuple concurrently updated%' THEN
            RAISE;
        END IF;
END
$$;

-- Refuses every change of a row that must stay as it was written.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % is refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'CS001', HINT = 'Nothing that was recorded is ever rewritten. Record a new fact instead.';
END
$$;

CREATE TABLE deployment (
    only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    mode text NOT NULL CHECK (mode IN ('paper', 'live')),
    account_number text,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE FUNCTION guard_deployment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.mode <> OLD.mode
        OR (OLD.account_number IS NOT NULL AND NEW.account_number IS DISTINCT FROM OLD.account_number)
    THEN
        RAISE EXCEPTION 'this database belongs to the % account %', OLD.mode, coalesce(OLD.account_number, '(none yet)')
            USING ERRCODE = 'CS002', HINT = 'Use another database for another account or mode.';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON deployment FOR EACH ROW EXECUTE FUNCTION guard_deployment();
CREATE TRIGGER keep BEFORE DELETE ON deployment FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON deployment FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE signing_keys (
    key_id text PRIMARY KEY,
    public_key bytea NOT NULL CHECK (octet_length(public_key) = 32),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON signing_keys FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON signing_keys FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- What happened, in the transaction in which it happened. `data` is canonical JSON kept as text, because its
-- bytes are hashed.
CREATE TABLE journal (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind text NOT NULL CHECK (kind <> ''),
    actor text NOT NULL CHECK (actor <> ''),
    subject text NOT NULL,
    data text NOT NULL
);

CREATE INDEX journal_by_subject ON journal (subject, id);

-- Entries that wait for their place in the chain.
CREATE TABLE journal_unsealed (
    entry_id bigint PRIMARY KEY REFERENCES journal
);

-- The chain: each hash covers the one before it and the whole entry.
CREATE TABLE journal_chain (
    position bigint PRIMARY KEY CHECK (position > 0),
    entry_id bigint NOT NULL UNIQUE REFERENCES journal,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);

CREATE TABLE journal_checkpoints (
    position bigint PRIMARY KEY REFERENCES journal_chain,
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    signed_at timestamptz NOT NULL,
    key_id text NOT NULL REFERENCES signing_keys,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64)
);

CREATE FUNCTION queue_for_sealing() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO journal_unsealed (entry_id) SELECT id FROM written;
    RETURN NULL;
END
$$;

CREATE TRIGGER queue_for_sealing AFTER INSERT ON journal
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION queue_for_sealing();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON journal FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON journal FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON journal_chain FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON journal_chain FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON journal_checkpoints FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON journal_checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
