-- What one order became at the broker is not what became of another.
DO $$
DECLARE
    twice text;
BEGIN
    SELECT string_agg(broker_order_id, ', ' ORDER BY broker_order_id) INTO twice
    FROM (SELECT broker_order_id FROM orders WHERE broker_order_id IS NOT NULL
          GROUP BY broker_order_id HAVING count(*) > 1 LIMIT 10) AS named;
    IF twice IS NOT NULL THEN
        RAISE EXCEPTION 'several orders are recorded as the same one at the broker: %', twice
            USING HINT = 'Look at the broker which of them is real, and at GET /api/v1/orders which of them are not; nothing was changed.';
    END IF;
END
$$;

DROP INDEX orders_by_broker_order;
CREATE UNIQUE INDEX orders_by_broker_order ON orders (broker_order_id) WHERE broker_order_id IS NOT NULL;
