-- Proposals and the decisions on them. The triggers repeat the rules of Domain, so that no statement, whoever
-- sends it, leads to an approval that people did not give (invariants I1, I3, I4).

CREATE TABLE proposals (
    id uuid PRIMARY KEY,
    sequence bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    state text NOT NULL CHECK (state IN ('blocked', 'pending', 'approved', 'rejected', 'expired', 'withdrawn',
        'cancelled', 'released', 'refused', 'lapsed', 'revoked')),
    mode text NOT NULL CHECK (mode IN ('paper', 'live')),
    proposer_key_id uuid NOT NULL REFERENCES api_keys,
    proposer_user_id uuid REFERENCES users,
    proposer_name text NOT NULL,
    idempotency_key text,
    request_hash bytea NOT NULL CHECK (octet_length(request_hash) = 32),

    symbol text NOT NULL,
    side text NOT NULL CHECK (side IN ('buy', 'sell')),
    qty numeric NOT NULL CHECK (qty > 0),
    type text NOT NULL CHECK (type IN ('limit', 'market', 'stop', 'stop_limit')),
    limit_price numeric CHECK (limit_price > 0),
    stop_price numeric CHECK (stop_price > 0),
    time_in_force text NOT NULL CHECK (time_in_force IN ('day', 'gtc', 'ioc', 'fok', 'opg', 'cls')),
    stop_loss_stop_price numeric CHECK (stop_loss_stop_price > 0),
    stop_loss_limit_price numeric CHECK (stop_loss_limit_price > 0),
    take_profit_limit_price numeric CHECK (take_profit_limit_price > 0),
    CHECK ((limit_price IS NOT NULL) = (type IN ('limit', 'stop_limit'))),
    CHECK ((stop_price IS NOT NULL) = (type IN ('stop', 'stop_limit'))),

    reference_price numeric,
    strategy text NOT NULL,
    rationale text,
    confidence numeric,
    catalyst_score numeric,
    signal_id text,
    pattern_id text,
    news_id text,
    external_ref text,
    evidence jsonb,

    notional numeric NOT NULL CHECK (notional >= 0),
    is_reducing boolean NOT NULL,
    client_order_id text NOT NULL UNIQUE,
    canonical_order text NOT NULL,
    order_hash text NOT NULL,
    CHECK (order_hash = encode(sha256(convert_to(canonical_order, 'UTF8')), 'hex')),

    tier text NOT NULL,
    approvals_required smallint NOT NULL CHECK (approvals_required BETWEEN 1 AND 9),
    policy_version integer NOT NULL REFERENCES policies,
    checks jsonb NOT NULL,
    impact jsonb,

    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    validity_minutes integer NOT NULL CHECK (validity_minutes > 0),
    approved_at timestamptz,
    valid_until timestamptz,
    decided_at timestamptz,
    decided_by text,
    reason text,
    CHECK (expires_at > created_at),
    CHECK ((state = 'pending') = (decided_at IS NULL)),
    CHECK ((approved_at IS NULL) = (valid_until IS NULL)),
    UNIQUE (proposer_key_id, idempotency_key)
);

CREATE INDEX proposals_pending_by_deadline ON proposals (expires_at) WHERE state = 'pending';
CREATE INDEX proposals_approved ON proposals (valid_until) WHERE state = 'approved';
CREATE INDEX proposals_watched ON proposals (symbol) WHERE state IN ('pending', 'approved');
CREATE INDEX proposals_by_state ON proposals (state, sequence DESC);
CREATE INDEX proposals_by_symbol ON proposals (symbol, sequence DESC);
CREATE INDEX proposals_by_strategy ON proposals (strategy, sequence DESC);
CREATE INDEX proposals_by_time ON proposals (created_at);

CREATE TABLE decisions (
    id uuid PRIMARY KEY,
    proposal_id uuid NOT NULL REFERENCES proposals,
    user_id uuid NOT NULL REFERENCES users,
    verdict text NOT NULL CHECK (verdict IN ('approve', 'reject')),
    order_hash text NOT NULL,
    comment text,
    method text NOT NULL CHECK (method IN ('session', 'pin', 'token')),
    decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    UNIQUE (proposal_id, user_id)
);

CREATE INDEX decisions_by_user ON decisions (user_id, decided_at);

-- How many people who may have approved exactly this order; a rejection makes it none.
CREATE FUNCTION valid_approvals(a_proposal_id uuid, an_order_hash text) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN bool_or(verdict = 'reject') THEN 0
        ELSE count(*) FILTER (WHERE verdict = 'approve' AND order_hash = an_order_hash) END
    FROM decisions
    WHERE proposal_id = a_proposal_id
$$;

CREATE FUNCTION guard_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    proposal proposals%ROWTYPE;
    person users%ROWTYPE;
BEGIN
    SELECT * INTO proposal FROM proposals WHERE id = NEW.proposal_id FOR UPDATE;
    SELECT * INTO person FROM users WHERE id = NEW.user_id;
    NEW.decided_at := clock_timestamp();
    IF proposal.state IS DISTINCT FROM 'pending' THEN
        RAISE EXCEPTION 'the proposal is %, not pending', coalesce(proposal.state, 'unknown') USING ERRCODE = 'CS010';
    END IF;
    IF NEW.decided_at >= proposal.expires_at THEN
        RAISE EXCEPTION 'the proposal expired at %', proposal.expires_at USING ERRCODE = 'CS011';
    END IF;
    IF NEW.order_hash IS DISTINCT FROM proposal.order_hash THEN
        RAISE EXCEPTION 'the decision is on another order than the one proposed' USING ERRCODE = 'CS012';
    END IF;
    IF person.id IS NULL OR person.disabled_at IS NOT NULL OR person.role NOT IN ('approver', 'operator', 'admin') THEN
        RAISE EXCEPTION 'this person may not decide' USING ERRCODE = 'CS013';
    END IF;
    IF proposal.proposer_user_id = NEW.user_id THEN
        RAISE EXCEPTION 'the proposer never decides on the own proposal' USING ERRCODE = 'CS014';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION guard_decision();
CREATE TRIGGER keep BEFORE UPDATE OR DELETE ON decisions FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON decisions FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION guard_new_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state NOT IN ('pending', 'blocked') OR NEW.approved_at IS NOT NULL THEN
        RAISE EXCEPTION 'a proposal begins pending or blocked, not %', NEW.state USING ERRCODE = 'CS015';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard_new BEFORE INSERT ON proposals FOR EACH ROW EXECUTE FUNCTION guard_new_proposal();
CREATE TRIGGER keep BEFORE DELETE ON proposals FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON proposals FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION proposal_may_become(old_state text, new_state text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE old_state
        WHEN 'pending' THEN new_state IN ('approved', 'released', 'refused', 'rejected', 'expired', 'withdrawn', 'cancelled')
        WHEN 'approved' THEN new_state IN ('released', 'refused', 'lapsed', 'revoked', 'cancelled')
        ELSE false
    END
$$;

CREATE FUNCTION guard_proposal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.sequence, NEW.mode, NEW.proposer_key_id, NEW.proposer_user_id, NEW.symbol, NEW.side, NEW.type,
        NEW.limit_price, NEW.stop_price, NEW.time_in_force, NEW.stop_loss_stop_price, NEW.stop_loss_limit_price,
        NEW.take_profit_limit_price, NEW.client_order_id, NEW.approvals_required, NEW.created_at, NEW.expires_at,
        NEW.strategy, NEW.is_reducing, NEW.proposer_name, NEW.validity_minutes, NEW.tier, NEW.policy_version,
        NEW.request_hash)
        IS DISTINCT FROM
       (OLD.id, OLD.sequence, OLD.mode, OLD.proposer_key_id, OLD.proposer_user_id, OLD.symbol, OLD.side, OLD.type,
        OLD.limit_price, OLD.stop_price, OLD.time_in_force, OLD.stop_loss_stop_price, OLD.stop_loss_limit_price,
        OLD.take_profit_limit_price, OLD.client_order_id, OLD.approvals_required, OLD.created_at, OLD.expires_at,
        OLD.strategy, OLD.is_reducing, OLD.proposer_name, OLD.validity_minutes, OLD.tier, OLD.policy_version,
        OLD.request_hash)
    THEN
        RAISE EXCEPTION 'what was proposed cannot be changed' USING ERRCODE = 'CS001';
    END IF;
    IF (NEW.qty, NEW.canonical_order) IS DISTINCT FROM (OLD.qty, OLD.canonical_order)
        AND (OLD.state <> 'pending' OR NEW.qty >= OLD.qty OR NEW.order_hash = OLD.order_hash
            OR EXISTS (SELECT 1 FROM decisions WHERE proposal_id = OLD.id))
    THEN
        RAISE EXCEPTION 'a quantity can only be reduced, before any decision' USING ERRCODE = 'CS016';
    END IF;
    IF NEW.notional <> OLD.notional AND (NEW.qty = OLD.qty OR NEW.notional > OLD.notional) THEN
        RAISE EXCEPTION 'what an order is worth changes only with its quantity' USING ERRCODE = 'CS016';
    END IF;
    IF NEW.state = OLD.state THEN
        IF OLD.state <> 'pending' THEN
            RAISE EXCEPTION 'a % proposal does not change', OLD.state USING ERRCODE = 'CS001';
        END IF;
        RETURN NEW;
    END IF;
    IF NOT proposal_may_become(OLD.state, NEW.state) THEN
        RAISE EXCEPTION 'a % proposal cannot become %', OLD.state, NEW.state USING ERRCODE = 'CS017';
    END IF;
    IF NEW.state IN ('approved', 'released', 'refused')
        AND valid_approvals(NEW.id, NEW.order_hash) < NEW.approvals_required
    THEN
        RAISE EXCEPTION 'not enough people approved this order' USING ERRCODE = 'CS018';
    END IF;
    IF NEW.state = 'released' AND NOT EXISTS (SELECT 1 FROM orders WHERE proposal_id = NEW.id) THEN
        RAISE EXCEPTION 'a released proposal has an order' USING ERRCODE = 'CS019';
    END IF;
    IF NEW.state = 'rejected'
        AND NOT EXISTS (SELECT 1 FROM decisions WHERE proposal_id = NEW.id AND verdict = 'reject')
    THEN
        RAISE EXCEPTION 'nobody rejected this proposal' USING ERRCODE = 'CS018';
    END IF;
    IF NEW.state = 'expired' AND clock_timestamp() < OLD.expires_at THEN
        RAISE EXCEPTION 'the deadline has not passed yet' USING ERRCODE = 'CS011';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER guard BEFORE UPDATE ON proposals FOR EACH ROW EXECUTE FUNCTION guard_proposal();
