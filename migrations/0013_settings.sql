-- What the pages of settings need: drafts of the limits, where a session is from, and where somebody is known.

-- A draft becomes a version when a second person accepts it; the database asks for the second person too, where one exists.
CREATE TABLE policy_drafts (
    id uuid PRIMARY KEY,
    number bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    document jsonb NOT NULL,
    -- The version it was written against; accepted after another version came, it would undo that unseen.
    base_version integer NOT NULL,
    proposed_by uuid NOT NULL REFERENCES users,
    proposed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'accepted', 'rejected', 'superseded')),
    decided_by text,
    decided_by_user uuid REFERENCES users,
    decided_at timestamptz,
    reason text,
    version integer REFERENCES policies,
    CHECK ((state = 'open') = (decided_at IS NULL)),
    CHECK ((state = 'open') = (decided_by IS NULL)),
    CHECK ((state = 'accepted') = (version IS NOT NULL)),
    CHECK (state <> 'accepted' OR decided_by_user IS NOT NULL)
);

-- One is discussed at a time.
CREATE UNIQUE INDEX policy_drafts_open ON policy_drafts (state) WHERE state = 'open';
CREATE TRIGGER keep BEFORE DELETE ON policy_drafts FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON policy_drafts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION guard_policy_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'open' OR NEW.document <> OLD.document OR NEW.base_version <> OLD.base_version
        OR NEW.proposed_by <> OLD.proposed_by OR NEW.proposed_at <> OLD.proposed_at
    THEN
        RAISE EXCEPTION 'a draft of the policy cannot be rewritten, and is decided on once' USING ERRCODE = 'CS041';
    END IF;
    IF NEW.state = 'accepted' AND NEW.decided_by_user = NEW.proposed_by THEN
        RAISE EXCEPTION 'a draft of the policy is accepted by another person than the one who wrote it'
            USING ERRCODE = 'CS041';
    END IF;
    IF NEW.state = 'accepted' AND NOT EXISTS (
        SELECT FROM users
        WHERE id = NEW.decided_by_user AND role = 'admin' AND disabled_at IS NULL
            AND (pin_given_at IS NULL OR pin_given_at <= clock_timestamp() - interval '24 hours'))
    THEN
        RAISE EXCEPTION 'a draft of the policy is accepted by an admin in use, whose PIN nobody else set within a day'
            USING ERRCODE = 'CS041';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON policy_drafts FOR EACH ROW EXECUTE FUNCTION guard_policy_draft();

-- Nobody is left without an admin who had one: whoever takes the last away locks everybody out of the settings.
CREATE FUNCTION guard_last_admin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.role = 'admin' AND OLD.disabled_at IS NULL AND (NEW.role <> 'admin' OR NEW.disabled_at IS NOT NULL) THEN
        PERFORM pg_advisory_xact_lock(hashtext('countersign_last_admin'));
        IF NOT EXISTS (
            SELECT FROM users WHERE role = 'admin' AND disabled_at IS NULL AND pin_hash IS NOT NULL AND id <> OLD.id)
        THEN
            RAISE EXCEPTION 'this is the last admin in use; make somebody else an admin first' USING ERRCODE = 'CS042';
        END IF;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_last_admin BEFORE UPDATE OF role, disabled_at ON users
    FOR EACH ROW EXECUTE FUNCTION guard_last_admin();

-- When another person last set this one's PIN: for a day after that, whoever set it could pass for two people.
ALTER TABLE users ADD COLUMN pin_given_at timestamptz;

-- When somebody was last told that their name is locked, so that a stranger cannot flood them with it.
ALTER TABLE users ADD COLUMN lock_told_at timestamptz;
ALTER TABLE users DROP COLUMN failed_attempts;
ALTER TABLE sessions ADD COLUMN address text;

-- From where somebody has shown the right PIN: strangers elsewhere cannot lock them out of there.
CREATE TABLE known_origins (
    user_id uuid NOT NULL REFERENCES users,
    origin text NOT NULL,
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, origin)
);

-- When a channel last worked and last failed.
CREATE INDEX deliveries_by_channel ON deliveries (channel_id, state, finished_at DESC) WHERE channel_id IS NOT NULL;

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON policy_drafts, known_origins TO countersign_app;
    GRANT DELETE ON known_origins TO countersign_app;
END
$$;
