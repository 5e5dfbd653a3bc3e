-- Each connection counts newly opened positions in a row of its own: with a fixed number of rows two connections met in
-- one, and one decision waited for the other's commit.
CREATE OR REPLACE FUNCTION count_opened(a_day date, change bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
    INSERT INTO opened_positions AS known
    VALUES (a_day, pg_backend_pid(), change)
    ON CONFLICT (day, shard) DO UPDATE
    SET orders = known.orders + excluded.orders
$$;
