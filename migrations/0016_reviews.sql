-- The weekly review: what people answer, every revision kept, and the one signature that closes the week.

-- The newest version of an answer counts; the earlier ones stay, so that nobody's words are lost.
CREATE TABLE review_answers (
    week text NOT NULL CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    question smallint NOT NULL CHECK (question BETWEEN 7 AND 10),
    version integer NOT NULL CHECK (version > 0),
    answer text NOT NULL CHECK (answer ~ '[^[:space:]]' AND char_length(answer) <= 4000),
    user_id uuid NOT NULL REFERENCES users,
    answered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (week, question, version)
);

CREATE TABLE review_signatures (
    week text PRIMARY KEY CHECK (week ~ '^[0-9]{4}-W[0-9]{2}$'),
    decision text NOT NULL CHECK (decision IN ('continue', 'adjust', 'pause', 'stop')),
    comment text CHECK (char_length(comment) <= 2000),
    -- SHA-256 of the ten questions with their answers, as the signer read them.
    review_hash text NOT NULL CHECK (review_hash ~ '^[0-9a-f]{64}$'),
    user_id uuid NOT NULL REFERENCES users,
    method text NOT NULL CHECK (method = 'pin'),
    -- The stop that the decision brought about.
    halt_id uuid REFERENCES halts,
    signed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((decision IN ('pause', 'stop')) = (halt_id IS NOT NULL))
);

CREATE INDEX review_answers_by_user ON review_answers (user_id);
CREATE INDEX review_signatures_by_user ON review_signatures (user_id);
CREATE INDEX review_signatures_by_halt ON review_signatures (halt_id);

-- Answers and signature of a week take turns, so that no answer slips in beside the signature.
CREATE FUNCTION guard_review_answer() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest integer;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review:' || NEW.week, 0));
    NEW.answered_at := clock_timestamp();
    IF EXISTS (SELECT FROM review_signatures WHERE week = NEW.week) THEN
        RAISE EXCEPTION 'the review of % is closed', NEW.week USING ERRCODE = 'CS050';
    END IF;
    IF NOT EXISTS (
        SELECT FROM users
        WHERE id = NEW.user_id AND disabled_at IS NULL AND role IN ('approver', 'operator', 'admin'))
    THEN
        RAISE EXCEPTION 'this person may not answer a review' USING ERRCODE = 'CS052';
    END IF;
    SELECT coalesce(max(version), 0) INTO newest
    FROM review_answers
    WHERE week = NEW.week AND question = NEW.question;
    IF NEW.version <> newest + 1 THEN
        RAISE EXCEPTION 'question % of % stands at version %', NEW.question, NEW.week, newest
            USING ERRCODE = 'CS053';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION guard_review_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('review:' || NEW.week, 0));
    NEW.signed_at := clock_timestamp();
    IF EXISTS (SELECT FROM review_signatures WHERE week = NEW.week) THEN
        RAISE EXCEPTION 'the review of % is closed', NEW.week USING ERRCODE = 'CS050';
    END IF;
    IF NOT EXISTS (
        SELECT FROM users WHERE id = NEW.user_id AND disabled_at IS NULL AND role IN ('operator', 'admin'))
    THEN
        RAISE EXCEPTION 'this person may not sign a review' USING ERRCODE = 'CS052';
    END IF;
    IF NOT EXISTS (SELECT FROM reports WHERE kind = 'weekly' AND period = NEW.week) THEN
        RAISE EXCEPTION 'the weekly report of % is not made yet', NEW.week USING ERRCODE = 'CS051';
    END IF;
    IF (SELECT count(DISTINCT question) FROM review_answers WHERE week = NEW.week) < 4 THEN
        RAISE EXCEPTION 'the review of % is not answered yet', NEW.week USING ERRCODE = 'CS051';
    END IF;
    -- A decision to pause or stop is nothing without the halt that carries it out.
    IF NEW.decision IN ('pause', 'stop') AND NOT EXISTS (
        SELECT FROM halts
        WHERE id = NEW.halt_id AND scope = 'account' AND cleared_at IS NULL
            AND allows_reducing = (NEW.decision = 'pause'))
    THEN
        RAISE EXCEPTION 'the decision % takes its halt', NEW.decision USING ERRCODE = 'CS051';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE INSERT ON review_answers FOR EACH ROW EXECUTE FUNCTION guard_review_answer();
CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON review_answers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON review_answers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER guard BEFORE INSERT ON review_signatures FOR EACH ROW EXECUTE FUNCTION guard_review_signature();
CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON review_signatures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON review_signatures FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON review_answers, review_signatures TO countersign_app;
END
$$;
