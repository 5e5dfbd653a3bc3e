-- The states of proposals, and what is sought by them, in a narrow table of their own. As long as one index of a table
-- names its state, each change of the state writes an entry into nearly all of them, and a row of a kilobyte anew into
-- another page. Without that the new version of the row goes beside the old one and no index notices
-- (docs/decisions/states-beside-proposals.md).

-- Servers of the version before may be at work: what they write belongs in here, or waits until the triggers are there.
LOCK TABLE proposals IN ACCESS EXCLUSIVE MODE;

CREATE TABLE proposal_states (
    proposal_id uuid PRIMARY KEY,
    sequence bigint NOT NULL,
    state text NOT NULL,
    symbol text NOT NULL,
    side text NOT NULL,
    keenness numeric,
    expires_at timestamptz NOT NULL
);

INSERT INTO proposal_states
SELECT id, sequence, state, symbol, side, keenness, expires_at
FROM proposals
ORDER BY sequence;

CREATE INDEX proposal_states_by_state ON proposal_states (state, sequence DESC);
CREATE INDEX proposal_states_pending ON proposal_states (expires_at, sequence) WHERE state = 'pending';
CREATE INDEX proposal_states_watched ON proposal_states (symbol, side, keenness DESC NULLS LAST)
    WHERE state IN ('pending', 'approved');

DROP INDEX proposals_pending_by_deadline, proposals_approved, proposals_by_state, proposals_keenest, proposals_by_intent;

-- Half of each page is left for the versions to come. The column is what the state was at the beginning: what is blocked
-- stays blocked, and nothing else becomes it.
ALTER TABLE proposals SET (fillfactor = 50);
ALTER TABLE proposals ADD COLUMN is_blocked boolean NOT NULL GENERATED ALWAYS AS (state = 'blocked') STORED;
CREATE INDEX proposals_by_intent ON proposals (symbol, side, proposer_name, qty, created_at DESC) WHERE NOT is_blocked;

-- Triggers keep them: whoever changes a proposal cannot forget it.
CREATE FUNCTION note_new_states() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO proposal_states
    SELECT id, sequence, state, symbol, side, keenness, expires_at
    FROM written;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_new AFTER INSERT ON proposals
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION note_new_states();

-- The plan is made once for a session and must not walk over the states when there are many.
CREATE FUNCTION note_changed_states() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    UPDATE proposal_states AS known
    SET state = changed.state, expires_at = changed.expires_at
    FROM changed
    WHERE known.proposal_id = changed.id
      AND (known.state <> changed.state OR known.expires_at <> changed.expires_at);
    RETURN NULL;
END
$$;
CREATE TRIGGER note_changed AFTER UPDATE ON proposals
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION note_changed_states();

-- The states are the triggers' alone: the application's role reads them.
DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        GRANT SELECT ON proposal_states TO countersign_app;
    END IF;
END
$$;
