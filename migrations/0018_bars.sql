-- Daily bars, as the worker brings them from the broker, and what proposals that were not traded would have made.

CREATE TABLE daily_bars (
    symbol text NOT NULL CHECK (symbol <> ''),
    day date NOT NULL,
    open numeric NOT NULL CHECK (open > 0),
    high numeric NOT NULL CHECK (high >= open),
    low numeric NOT NULL CHECK (low > 0 AND low <= open),
    close numeric NOT NULL CHECK (close >= low AND close <= high),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (symbol, day)
);

-- Which days of a symbol are wanted, and which were answered; a day without a bar was answered too.
CREATE TABLE bar_series (
    symbol text PRIMARY KEY CHECK (symbol <> ''),
    wanted_from date NOT NULL,
    wanted_until date NOT NULL,
    covered_from date,
    covered_until date,
    received_at timestamptz,
    CHECK (wanted_from <= wanted_until),
    CHECK ((covered_from IS NULL) = (covered_until IS NULL))
);

CREATE INDEX bar_series_open ON bar_series (symbol)
    WHERE covered_from IS NULL OR covered_from > wanted_from OR covered_until < wanted_until;

CREATE TABLE hindsights (
    proposal_id uuid PRIMARY KEY REFERENCES proposals,
    outcome text NOT NULL CHECK (outcome IN ('not_entered', 'stop', 'target', 'time')),
    entered_on date,
    exited_on date,
    exit_price numeric,
    pnl numeric,
    -- Stop and target lay in one bar: the stop was taken.
    is_ambiguous boolean NOT NULL,
    settled_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((outcome = 'not_entered') = (entered_on IS NULL)),
    CHECK ((entered_on IS NULL) = (exited_on IS NULL) AND (entered_on IS NULL) = (exit_price IS NULL)
        AND (entered_on IS NULL) = (pnl IS NULL))
);

CREATE TRIGGER keep BEFORE DELETE OR UPDATE ON hindsights FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER keep_all BEFORE TRUNCATE ON hindsights FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

DO $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'countersign_app') THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT ON daily_bars, bar_series, hindsights TO countersign_app;
    GRANT UPDATE ON daily_bars, bar_series TO countersign_app;
END
$$;
