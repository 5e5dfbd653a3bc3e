import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// What is worth an alert the moment it happens.
struct AlertEventTests {
    private static func open(_ type: String) -> String {
        "SELECT count(*) FROM alerts WHERE type = '\(type)' AND state = 'raised'"
    }

    @Test(arguments: [
        ("exit", "109", "stop_loss_hit", "Stop hit: NVDA sold 10 at $109.00"),
        ("exit", "130", "position_closed", "Target reached: NVDA sold 10 at $130.00"),
    ])
    func `an exit is told once, as what it was`(part: String, price: String, type: String, title: String)
        async throws
    {
        try await WorkFloor.with { floor in
            let order = try await floor.release(["take_profit": ["limit_price": "130"]])
            try await floor.ground.attack(
                """
                INSERT INTO executions (execution_id, kind, broker_order_id, order_id, strategy, part, symbol, side, qty,
                    price, executed_at)
                VALUES ('e2', 'fill', 'leg-1', '\(order)', 'x', '\(part)', 'NVDA', 'sell', 10, \(price), now()),
                    ('e3', 'fill', 'leg-1', '\(order)', 'x', '\(part)', 'NVDA', 'sell', 1, \(price), now())
                """)
            for _ in 0..<2 { _ = try await AlertWatch(floor.context).look(upSeconds: 0) }
            #expect(try await floor.count(Self.open(type)) == 1)
            #expect(try await floor.count(Self.open(type) + " AND title = '\(title)'") == 1)
        }
    }

    @Test
    func
        `what was not made here is told once it had time to turn out to be an order's, and not while closing`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.ground.attack(
                """
                INSERT INTO executions (execution_id, kind, broker_order_id, part, symbol, side, qty, price, executed_at,
                    received_at)
                VALUES ('e1', 'fill', 'f1', 'external', 'AAPL', 'buy', 5, 10, now(), now() - interval '59 seconds'),
                    ('e2', 'fill', 'f2', 'external', 'NVDA', 'buy', 5, 10, now(), now() - interval '61 seconds')
                """)
            _ = try await AlertWatch(floor.context).look(upSeconds: 0)
            #expect(try await floor.count(Self.open("foreign_execution")) == 1)
            #expect(try await floor.count(Self.open("foreign_execution") + " AND title LIKE '%NVDA%'") == 1)
            try await floor.ground.attack(
                """
                INSERT INTO commands (id, kind, symbol, reason, state, issued_by, issued_at)
                VALUES (gen_random_uuid(), 'close_position', 'TSLA', 'x', 'issued', 'user:a', now() - interval '5 minutes');
                INSERT INTO executions (execution_id, kind, broker_order_id, part, symbol, side, qty, price, executed_at,
                    received_at)
                VALUES ('e3', 'fill', 'f3', 'external', 'TSLA', 'sell', 5, 10, now(), now() - interval '2 minutes')
                """)
            _ = try await AlertWatch(floor.context).look(upSeconds: 0)
            #expect(try await floor.count(Self.open("foreign_execution")) == 1)
        }
    }

    @Test func `an order that the broker rejects is an alert, and told by its own message alone`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.ground.attack(
                "INSERT INTO channels (id, kind, name, settings) VALUES (gen_random_uuid(), 'slack', 'desk', '{}')"
            )
            let order = try await floor.release()
            _ = try await floor.claim(order)
            for _ in 0..<2 {
                try await floor.report(
                    order,
                    [
                        "outcome": "rejected",
                        "error": ["message": "insufficient buying power", "code": "40310000"],
                    ])
            }
            #expect(try await floor.count(Self.open("execution_failure")) == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'order-rejected'") == 1)
            #expect(try await floor.count("SELECT count(*) FROM deliveries WHERE kind LIKE 'alert-%'") == 0)
        }
    }

    @Test func `a broker that has not answered for a minute is told of until it does`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            for (seconds, count) in [(59, 0), (60, 1), (70, 1)] {
                try await floor.sync(
                    "w1",
                    ["broker_trouble": ["seconds": .integer(seconds), "message": "503 from the broker"]])
                #expect(try await floor.count(Self.open("api_error")) == count)
            }
            #expect(
                try await floor.count("SELECT repeats AS count FROM alerts WHERE type = 'api_error'") == 0)
            try await floor.sync()
            #expect(try await floor.count(Self.open("api_error")) == 0)
        }
    }

    @Test func `a worker that refuses what it is told is told of at once, until it takes the server's word`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.sync()
            let trouble: JSONValue = ["seconds": 0, "message": "The server's answer is not signed."]
            for _ in 0..<2 {
                try await floor.sync("w1", WorkFloor.account().merging(["answer_trouble": trouble]))
            }
            let told =
                Self.open("worker_refuses") + " AND priority = 'critical' AND detail LIKE '%not signed%'"
            #expect(try await floor.count(told) == 1)
            try await floor.sync("w1", [:])
            #expect(try await floor.count(told) == 1, "what says nothing of it ends nothing")
            try await floor.sync()
            #expect(try await floor.count(told) == 0)
        }
    }
}
