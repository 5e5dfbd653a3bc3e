import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// Limits on what may be held: told of when they are near, again when they are exceeded, and over by themselves.
struct LimitAlertTests {
    private static func positions(_ values: String...) -> JSONValue {
        .array(
            values.enumerated().map { index, value in
                [
                    "symbol": .string(["NVDA", "AAPL", "MSFT", "AMZN", "TSLA", "AMD"][index]), "qty": "1",
                    "avg_entry_price": .string(value), "current_price": .string(value),
                ]
            })
    }

    private static func open(_ type: String, _ words: String) -> String {
        """
        SELECT count(*) FROM alerts
        WHERE type = '\(type)' AND state <> 'resolved' AND title LIKE '% a limit: \(words)' AND priority = 'high'
        """
    }

    /// Whether an alert that the limit is near stands, and whether one that it is exceeded does.
    private static func standing(_ words: String, _ desk: GateFixture) async throws -> [Int] {
        [
            try await desk.count(open("limit_near", words)),
            try await desk.count(open("limit_exceeded", words)),
        ]
    }

    private static func raised(_ desk: GateFixture) async throws -> Int {
        try await desk.count("SELECT count(*) FROM alerts WHERE type IN ('limit_near', 'limit_exceeded')")
    }

    @Test
    func `a position near its limit is told of once, when it grows beyond again, and is over well below`()
        async throws
    {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            // Of 5,000 USD: near from 4,000 on and over below 3,600; exceeded above 5,000 and over below 4,500.
            let steps = [
                ("3999.99", [0, 0], 0), ("4000", [1, 0], 1), ("4000", [1, 0], 1), ("3600", [1, 0], 1),
                ("5000", [1, 0], 1), ("5000.01", [0, 1], 2), ("6000", [0, 1], 2), ("4500", [0, 1], 2),
                ("4499.99", [1, 0], 3), ("3599.99", [0, 0], 3),
            ]
            for (value, standing, raised) in steps {
                try await desk.report(positions: Self.positions(value))
                for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
                #expect(try await Self.standing("position in NVDA", desk) == standing, "\(value)")
                #expect(try await Self.raised(desk) == raised, "\(value)")
            }
            let told = AlertTests.messages("alert-raised") + " AND d.data::text LIKE '%max_position_usd%'"
            #expect(try await desk.count(told) == 3)
            #expect(
                try await desk.count("SELECT count(*) FROM alerts WHERE type LIKE 'limit%' AND repeats > 0")
                    == 0)
        }
    }

    @Test func `of a position's two limits the tighter one counts, and a short one has the same`()
        async throws
    {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            let short: JSONValue = [
                ["symbol": "NVDA", "qty": "-30", "avg_entry_price": "100", "current_price": "100"]
            ]
            // Held are 3,000 USD: four fifths of five percent of 75,000, and all of five percent of 60,000.
            for (equity, standing) in [("75001", [0, 0]), ("75000", [1, 0]), ("59999", [0, 1])] {
                try await desk.report(equity: equity, positions: short)
                _ = try await watch.look(upSeconds: 10)
                #expect(try await Self.standing("position in NVDA", desk) == standing, "\(equity)")
            }
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM alerts WHERE evidence->>'setting' = 'max_position_pct'") == 2)
        }
    }

    @Test func `the number of positions is near at four of five, full at five, exceeded at six`() async throws
    {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for (count, standing) in [
                (3, [0, 0]), (4, [1, 0]), (5, [1, 0]), (6, [0, 1]), (5, [1, 0]), (3, [0, 0]),
            ] {
                let all = try #require(
                    Self.positions("100", "100", "100", "100", "100", "100").arrayValue)
                try await desk.report(positions: .array(Array(all.prefix(count))))
                _ = try await watch.look(upSeconds: 10)
                #expect(try await Self.standing("open positions", desk) == standing, "\(count)")
            }
            #expect(try await Self.raised(desk) == 3)
        }
    }

    @Test func `the cash reserve is near when four fifths of what is free to invest are used`() async throws {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            // 75,000 of 100,000 may be invested.
            for (cash, standing) in [
                ("40000.01", [0, 0]), ("40000", [1, 0]), ("25000", [1, 0]), ("24999.99", [0, 1]),
                ("46001", [0, 0]),
            ] {
                try await desk.report(cash: cash)
                _ = try await watch.look(upSeconds: 10)
                #expect(try await Self.standing("cash reserve", desk) == standing, "\(cash)")
            }
            // What an order at the broker takes is spent.
            try await desk.report(cash: "41000")
            try await desk.run(
                """
                UPDATE account_state SET open_orders = '[{"id": "b1", "symbol": "NVDA", "side": "buy", "qty": "10",
                    "filled_qty": "0", "type": "limit", "limit_price": "100", "status": "new"}]'
                """)
            _ = try await watch.look(upSeconds: 10)
            #expect(try await Self.standing("cash reserve", desk) == [1, 0])
        }
    }

    @Test(arguments: [("0.9", "4499.99", 0), ("0.9", "4500", 1), (nil, "6000", 0)])
    func `the threshold stands in the policy, and null turns it off`(
        part: String?, value: String, count: Int
    ) async throws {
        try await GateFixture.with { desk in
            try await desk.apply([
                "preset": "guarded-5k",
                "alerts": ["near_holding_pct": part.map(JSONValue.string) ?? .null],
            ])
            try await desk.report(positions: Self.positions(value))
            _ = try await AlertWatch(desk.context, confirmSeconds: 0).look(upSeconds: 10)
            #expect(try await Self.raised(desk) == count)
        }
    }

    @Test
    func `a limit that the policy does not set, and an account that nobody reported, are told of never`()
        async throws
    {
        try await GateFixture.with { desk in
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            try await desk.report(cash: "1", positions: Self.positions("6000"))
            _ = try await watch.look(upSeconds: 10)
            #expect(try await Self.raised(desk) == 2)
            try await desk.run("DELETE FROM account_state")
            _ = try await watch.look(upSeconds: 10)
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM alerts WHERE type = 'limit_exceeded' AND state = 'raised'")
                    == 2, "what cannot be seen is not over")
            try await desk.apply([
                "preset": "guarded-5k",
                "limits": [
                    "max_position_usd": nil, "max_position_pct": nil, "cash_reserve_min_pct": nil,
                    "max_open_positions": 1,
                ],
            ])
            try await desk.report(cash: "1", positions: Self.positions("6000"))
            _ = try await watch.look(upSeconds: 10)
            #expect(try await Self.raised(desk) == 2, "of a single position the first is not near anything")
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM alerts WHERE type LIKE 'limit%' AND state = 'raised'") == 0)
        }
    }
}
