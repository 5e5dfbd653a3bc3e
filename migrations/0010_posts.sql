-- Messages that are changed in place, what is known of a channel's health, and what was said about waiting approvals.

-- What a message is about, such as `proposal:…`: messages to one channel about one subject keep their order, and
-- where the channel can change a message, all of them are one message that shows how things stand.
ALTER TABLE deliveries ADD COLUMN subject text CHECK (subject <> '');

UPDATE deliveries
SET subject = 'proposal:' || proposal_id
WHERE proposal_id IS NOT NULL AND destination <> 'worker';

CREATE INDEX deliveries_by_subject ON deliveries (destination, subject, sequence) WHERE state = 'queued';

-- The message that stands in a channel for a subject, and what the provider needs to find it again.
CREATE TABLE posts (
    channel_id uuid NOT NULL REFERENCES channels,
    subject text NOT NULL CHECK (subject <> ''),
    delivery_id uuid NOT NULL REFERENCES deliveries,
    receipt jsonb NOT NULL CHECK (jsonb_typeof(receipt) = 'object'),
    -- False once the provider refused a change for good: news then goes below it, or stands by itself.
    is_editable boolean NOT NULL DEFAULT true,
    posted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_at timestamptz,
    PRIMARY KEY (channel_id, subject)
);

-- How many attempts failed in a row, and since when; and until when the messages sent so far fill the pace that the
-- provider allows.
ALTER TABLE channels
    ADD COLUMN failures integer NOT NULL DEFAULT 0 CHECK (failures >= 0),
    ADD COLUMN failing_since timestamptz,
    ADD COLUMN paced_until timestamptz,
    ADD CHECK ((failures = 0) = (failing_since IS NULL));

-- What has been said once about an approval that nobody gave yet, whichever server said it.
CREATE TABLE approval_notices (
    proposal_id uuid NOT NULL REFERENCES proposals,
    notice text NOT NULL CHECK (notice IN ('ten-minutes', 'two-minutes', 'unheard')),
    given_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (proposal_id, notice)
);

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE ON posts TO countersign_app;
    GRANT SELECT, INSERT ON approval_notices TO countersign_app;
END
$$;
