import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// What Countersign raises by itself, and when it ends.
struct AlertWatchTests {
    private static func position(_ symbol: String = "NVDA", price: String = "118.20") -> JSONValue {
        [
            "symbol": .string(symbol), "qty": "10", "avg_entry_price": "118.20",
            "current_price": .string(price),
        ]
    }

    private static func open(_ type: String) -> String {
        "SELECT count(*) FROM alerts WHERE type = '\(type)' AND state <> 'resolved'"
    }

    @Test func `a worker that is silent while the market is open is told of, until it is heard again`()
        async throws
    {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            try await desk.run(
                """
                INSERT INTO worker_lease (worker_id, generation, acquired_at, last_seen_at, expires_at)
                VALUES ('w1', 1, now(), now() - interval '61 seconds', now() - interval '46 seconds')
                """)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            _ = try await watch.look(upSeconds: 59)
            #expect(try await desk.count(Self.open("worker_silent")) == 0, "the server has only just begun")
            _ = try await watch.look(upSeconds: 3600)
            _ = try await watch.look(upSeconds: 3600)
            #expect(try await desk.count(Self.open("worker_silent")) == 1)
            #expect(try await desk.count(AlertTests.messages("alert-raised")) == 1)
            try await desk.report(isOpen: false)
            try await desk.run("UPDATE worker_lease SET last_seen_at = now() - interval '9 hours'")
            _ = try await watch.look(upSeconds: 3600)
            #expect(
                try await desk.count(Self.open("worker_silent")) == 1, "a closed market is no end of silence")
            try await desk.report()
            try await desk.run(
                "UPDATE worker_lease SET last_seen_at = now(), expires_at = now() + interval '15 seconds'")
            _ = try await watch.look(upSeconds: 3600)
            #expect(try await desk.count(Self.open("worker_silent")) == 0)
            #expect(try await desk.count(AlertTests.messages("alert-resolved")) == 1)
        }
    }

    @Test func `a position without a live stop is told of once it stood so for a while`() async throws {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            try await desk.report(positions: [Self.position()])
            let patient = AlertWatch(desk.context, confirmSeconds: 3600)
            _ = try await patient.look(upSeconds: 10)
            _ = try await patient.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("position_without_stop")) == 0)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            _ = try await watch.look(upSeconds: 10)
            #expect(
                try await desk.count(Self.open("position_without_stop") + " AND priority = 'critical'") == 1)
            // The stop covers a part, then all of it; an account that was not heard for long says nothing.
            for (qty, expected) in [("4", 1), ("10", 0)] {
                try await desk.run(
                    """
                    UPDATE account_state SET open_orders = '[{"id": "b1", "symbol": "NVDA", "side": "sell", "qty": "\(qty)",
                        "filled_qty": "0", "type": "stop", "stop_price": "108", "status": "new"}]'
                    """)
                _ = try await watch.look(upSeconds: 10)
                #expect(try await desk.count(Self.open("position_without_stop")) == expected, "\(qty)")
            }
            try await desk.run(
                "UPDATE account_state SET open_orders = '[]', received_at = now() - interval '1 hour'")
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("position_without_stop")) == 0)
        }
    }

    @Test(arguments: [("141.83", 0), ("141.84", 1)])
    func `a position that is up by a fifth is told of once, however often it comes back`(
        price: String, count: Int
    )
        async throws
    {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for price in [price, "130", price, "130"] {
                try await desk.report(positions: [Self.position(price: price)])
                _ = try await watch.look(upSeconds: 10)
            }
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE type = 'position_gain'") == count)
        }
    }

    @Test func `being near the limit of a day's loss is told of, and over only well below it`() async throws {
        try await GateFixture.with { desk in
            try await desk.run(
                """
                INSERT INTO account_days (day, start_equity, end_equity, capital_flows, income, fees, high_water_mark,
                    high_water_at, drawdown, max_drawdown, low_equity, high_equity, snapshots, first_at, last_at)
                SELECT (now() AT TIME ZONE 'America/New_York')::date, 100000, 100000, 0, 0, 0, 100000, now(), 0, 0, 100000,
                    100000, 1, now(), now()
                """)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            // 500 USD is the limit: 80 percent of it, and 72 percent, below which it is over.
            for (equity, open) in [("99601", 0), ("99600", 1), ("99640", 1), ("99641", 0)] {
                try await desk.report(equity: equity)
                _ = try await watch.look(upSeconds: 10)
                #expect(
                    try await desk.count(Self.open("limit_near") + " AND title LIKE '%loss of the day%'")
                        == open, "\(equity)")
            }
        }
    }

    @Test func `a channel that takes nothing is told of on the others`() async throws {
        try await GateFixture.with { desk in
            try await AlertTests.channel("dead", desk)
            try await AlertTests.channel("living", desk)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for (minutes, open) in [(4, 0), (5, 1)] {
                try await desk.run(
                    "UPDATE channels SET failures = 9, failing_since = now() - interval '\(minutes) minutes' WHERE name = 'dead'"
                )
                _ = try await watch.look(upSeconds: 10)
                #expect(try await desk.count(Self.open("channel_failing")) == open)
            }
            #expect(try await desk.count(AlertTests.messages("alert-raised", to: "living")) == 1)
            #expect(try await desk.count(AlertTests.messages("alert-raised", to: "dead")) == 0)
            try await desk.run("UPDATE channels SET failures = 0, failing_since = NULL")
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("channel_failing")) == 0)
        }
    }

    @Test func `a blocked account is an alert`() async throws {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            try await desk.run("UPDATE account_state SET account = account || '{\"trading_blocked\": true}'")
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("account_blocked")) == 1)
            try await desk.report()
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("account_blocked")) == 0)
        }
    }

    @Test
    func `a halt by a person is told once, changes its message when it is cleared, and by a key is critical`()
        async throws
    {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            let halting = Halting(desk.context)
            let own = try #require(try await halting.halt(HaltRequest(reason: "lunch"), by: "user:ben").halt)
            let byKey = try #require(
                try await halting.halt(
                    HaltRequest(scope: .symbol, target: "NVDA", reason: "x"), by: "key:guard"
                ).halt)
            #expect(try await desk.count(Self.open("trading_halted") + " AND priority = 'high'") == 1)
            #expect(try await desk.count(Self.open("trading_halted") + " AND priority = 'critical'") == 1)
            #expect(try await desk.count(AlertTests.messages("halt-opened")) == 2)
            let ben = Caller.person(desk.ben, method: .session, keyID: nil)
            _ = try await halting.clear(byKey.id, reason: "over", by: ben)
            #expect(try await desk.count(Self.open("trading_halted")) == 1)
            #expect(
                try await desk.count(AlertTests.messages("alert-resolved")) == 0,
                "the clearing is told as itself")
            #expect(own.clearedAt == nil)
        }
    }

    @Test func `news that nobody must acknowledge settles after a day`() async throws {
        try await GateFixture.with { desk in
            for (key, age) in [("new", 23), ("old", 25)] {
                try await desk.run(
                    """
                    INSERT INTO alerts (type, priority, title, detail, evidence, source, dedup_key, message_kind, state,
                        raised_at, last_raised_at)
                    VALUES ('fyi', 'info', 'x', '', '{}', 'key:a', '\(key)', 'alert-raised', 'raised',
                        now() - interval '\(age) hours', now() - interval '\(age) hours')
                    """)
            }
            _ = try await AlertWatch(desk.context).look(upSeconds: 10)
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE state = 'resolved'") == 1)
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE state = 'raised'") == 1)
        }
    }
}
