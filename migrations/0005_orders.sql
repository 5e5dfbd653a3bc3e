-- Orders: they exist only for what people approved (I1), once (I2), and not while trading is halted (I7).

CREATE TABLE orders (
    id uuid PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    proposal_id uuid NOT NULL UNIQUE REFERENCES proposals,
    client_order_id text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('released', 'submitting', 'accepted', 'partially_filled', 'filled', 'canceled',
        'expired', 'rejected', 'unknown', 'refused', 'lapsed', 'revoked', 'cancelled')),
    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    qty numeric NOT NULL CHECK (qty > 0),
    notional numeric NOT NULL,
    is_reducing boolean NOT NULL,
    order_hash text NOT NULL,
    document text NOT NULL,
    key_id text NOT NULL REFERENCES signing_keys,
    signature bytea NOT NULL CHECK (octet_length(signature) = 64),
    approved_price numeric,
    released_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    valid_until timestamptz NOT NULL,
    claim_generation integer NOT NULL DEFAULT 0 CHECK (claim_generation >= 0),
    claimed_by text,
    claimed_at timestamptz,
    claim_checks jsonb,
    claim_quote jsonb,
    submitted_at timestamptz,
    broker_order_id text,
    broker_status text,
    filled_qty numeric NOT NULL DEFAULT 0 CHECK (filled_qty >= 0 AND filled_qty <= qty),
    filled_avg_price numeric,
    last_report_at timestamptz,
    finished_at timestamptz,
    reason text,
    CHECK ((state IN ('filled', 'canceled', 'expired', 'rejected', 'refused', 'lapsed', 'revoked', 'cancelled'))
        = (finished_at IS NOT NULL)),
    CHECK ((claim_generation = 0) = (claimed_at IS NULL))
);

CREATE INDEX orders_unclaimed ON orders (valid_until) WHERE state = 'released';
CREATE INDEX orders_open ON orders (sequence) WHERE finished_at IS NULL;
CREATE INDEX orders_finished ON orders (finished_at) WHERE finished_at IS NOT NULL;
CREATE INDEX orders_by_release ON orders (released_at);

CREATE FUNCTION guard_new_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal proposals%ROWTYPE;
BEGIN
    SELECT * INTO proposal FROM proposals WHERE id = NEW.proposal_id FOR UPDATE;
    IF proposal.id IS NULL OR proposal.state NOT IN ('pending', 'approved') THEN
        RAISE EXCEPTION 'no order without a proposal that may be released (it is %)', coalesce(proposal.state, 'unknown')
            USING ERRCODE = 'CS020';
    END IF;
    IF valid_approvals(proposal.id, proposal.order_hash) < proposal.approvals_required THEN
        RAISE EXCEPTION 'no order without the approvals that its tier asks for' USING ERRCODE = 'CS018';
    END IF;
    IF NEW.state <> 'released' OR NEW.claim_generation <> 0 OR NEW.filled_qty <> 0 THEN
        RAISE EXCEPTION 'an order begins released' USING ERRCODE = 'CS015';
    END IF;
    IF (NEW.client_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.is_reducing, NEW.order_hash) IS DISTINCT FROM
        (proposal.client_order_id, proposal.symbol, proposal.side, proposal.qty, proposal.is_reducing, proposal.order_hash)
    THEN
        RAISE EXCEPTION 'the order differs from what was approved' USING ERRCODE = 'CS012';
    END IF;
    IF is_halted(proposal.strategy, proposal.symbol, proposal.proposer_name, proposal.is_reducing) THEN
        RAISE EXCEPTION 'trading is halted' USING ERRCODE = 'CS021';
    END IF;
    NEW.released_at := clock_timestamp();
    IF proposal.state = 'approved'
        AND (NEW.released_at >= proposal.valid_until OR NEW.valid_until > proposal.valid_until)
    THEN
        RAISE EXCEPTION 'the approval ran out at %', proposal.valid_until USING ERRCODE = 'CS011';
    END IF;
    IF NEW.valid_until > NEW.released_at + make_interval(mins => proposal.validity_minutes) THEN
        RAISE EXCEPTION 'the order would be valid for longer than its approval' USING ERRCODE = 'CS011';
    END IF;
    RETURN NEW;
END
$$;

CREATE FUNCTION order_may_become(old_state text, new_state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE old_state
        WHEN 'released' THEN new_state IN ('submitting', 'refused', 'lapsed', 'revoked', 'cancelled')
        WHEN 'submitting' THEN new_state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected', 'unknown')
        WHEN 'unknown' THEN new_state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired', 'rejected')
        WHEN 'accepted' THEN new_state IN ('partially_filled', 'filled', 'canceled', 'expired', 'rejected')
        WHEN 'partially_filled' THEN new_state IN ('filled', 'canceled', 'expired', 'rejected')
        ELSE false
    END
$$;

CREATE FUNCTION guard_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal proposals%ROWTYPE;
BEGIN
    IF (NEW.id, NEW.sequence, NEW.proposal_id, NEW.client_order_id, NEW.symbol, NEW.side, NEW.qty, NEW.is_reducing,
        NEW.order_hash, NEW.document, NEW.signature, NEW.released_at, NEW.valid_until, NEW.notional, NEW.key_id,
        NEW.approved_price)
        IS DISTINCT FROM
       (OLD.id, OLD.sequence, OLD.proposal_id, OLD.client_order_id, OLD.symbol, OLD.side, OLD.qty, OLD.is_reducing,
        OLD.order_hash, OLD.document, OLD.signature, OLD.released_at, OLD.valid_until, OLD.notional, OLD.key_id,
        OLD.approved_price)
    THEN
        RAISE EXCEPTION 'a released order cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    IF NEW.filled_qty < OLD.filled_qty OR NEW.claim_generation < OLD.claim_generation
        OR (OLD.broker_order_id IS NOT NULL AND NEW.broker_order_id IS DISTINCT FROM OLD.broker_order_id)
    THEN
        RAISE EXCEPTION 'what the broker did cannot be undone' USING ERRCODE = 'CS001';
    END IF;
    IF NEW.state <> 'submitting' OR OLD.state <> 'released' THEN
        IF (NEW.claimed_by, NEW.claimed_at, NEW.claim_generation)
            IS DISTINCT FROM (OLD.claimed_by, OLD.claimed_at, OLD.claim_generation)
        THEN
            RAISE EXCEPTION 'a claim changes only when an order is claimed' USING ERRCODE = 'CS022';
        END IF;
    END IF;
    IF NEW.state = OLD.state THEN
        RETURN NEW;
    END IF;
    IF NOT order_may_become(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a % order cannot become %', OLD.state, NEW.state USING ERRCODE = 'CS017';
    END IF;
    IF NEW.state = 'submitting' THEN
        IF NEW.claim_generation <> OLD.claim_generation + 1 OR NEW.claimed_by IS NULL THEN
            RAISE EXCEPTION 'a claim names its worker and its generation' USING ERRCODE = 'CS022';
        END IF;
        IF clock_timestamp() >= OLD.valid_until THEN
            RAISE EXCEPTION 'the approval of this order ran out at %', OLD.valid_until USING ERRCODE = 'CS011';
        END IF;
        SELECT * INTO proposal FROM proposals WHERE id = OLD.proposal_id;
        IF is_halted(proposal.strategy, proposal.symbol, proposal.proposer_name, proposal.is_reducing) THEN
            RAISE EXCEPTION 'trading is halted' USING ERRCODE = 'CS021';
        END IF;
    END IF;
    IF NEW.state = 'lapsed' AND clock_timestamp() < OLD.valid_until THEN
        RAISE EXCEPTION 'the approval of this order has not run out yet' USING ERRCODE = 'CS011';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_new BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION guard_new_order();
CREATE TRIGGER guard BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION guard_order();
CREATE TRIGGER keep BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON orders FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Fills, once each by the broker's own identity.
CREATE TABLE fills (
    execution_id text PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES orders,
    qty numeric NOT NULL CHECK (qty > 0),
    price numeric NOT NULL CHECK (price >= 0),
    executed_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE INDEX fills_by_order ON fills (order_id, executed_at);
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON fills FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON fills FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
