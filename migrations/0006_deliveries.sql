-- Outgoing messages: written in the transaction of their cause, sent afterwards.

CREATE TABLE channels (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('slack', 'discord', 'email')),
    name text NOT NULL CHECK (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$'),
    user_id uuid REFERENCES users,
    settings jsonb NOT NULL,
    sealed_secret bytea,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    disabled_at timestamptz,
    disabled_reason text,
    -- One message at a time goes to a channel, whichever server sends it: until then the lane is taken, or rests.
    lane_free_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CREATE UNIQUE INDEX channels_by_name ON channels (lower(name));

-- `destination` is a channel's identity, `worker`, or `kept`: with no channel set up, messages are kept to be read.
CREATE TABLE deliveries (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    channel_id uuid REFERENCES channels,
    destination text NOT NULL,
    kind text NOT NULL CHECK (kind <> ''),
    proposal_id uuid REFERENCES proposals,
    order_id uuid REFERENCES orders,
    data jsonb NOT NULL DEFAULT '{}',
    priority smallint NOT NULL DEFAULT 5,
    state text NOT NULL CHECK (state IN ('queued', 'sent', 'dead', 'dropped', 'kept')),
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    not_after timestamptz,
    finished_at timestamptz,
    last_error text,
    receipt jsonb,
    CHECK ((state IN ('queued', 'kept')) = (finished_at IS NULL)),
    CHECK ((destination IN ('worker', 'kept')) = (channel_id IS NULL))
);

CREATE INDEX deliveries_due ON deliveries (destination, priority, sequence) WHERE state = 'queued';
CREATE INDEX deliveries_by_time ON deliveries (next_attempt_at) WHERE state = 'queued';
CREATE INDEX deliveries_by_proposal ON deliveries (proposal_id, sequence);
CREATE INDEX deliveries_by_state ON deliveries (state, sequence DESC);
