import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// What stands for a while: raised once, not again while it stands, and over when it is.
struct StandingAlertTests {
    private static func open(_ type: String) -> String {
        "SELECT count(*) FROM alerts WHERE type = '\(type)' AND state <> 'resolved'"
    }

    private static func ever(_ type: String) -> String {
        "SELECT count(*) FROM alerts WHERE type = '\(type)'"
    }

    // MARK: a position at a loss

    /// Ten NVDA bought for 118.20 each so long ago, in the books.
    private func hold(_ age: String, execution: String = "e1", _ desk: GateFixture) async throws {
        try await desk.run(
            """
            INSERT INTO executions (execution_id, kind, broker_order_id, part, symbol, side, qty, price, executed_at,
                received_at)
            VALUES ('\(execution)', 'fill', 'f-\(execution)', 'external', 'NVDA', 'buy', 10, 118.20,
                now() - interval '\(age)', now() - interval '60 days');
            INSERT INTO positions (scope, target, symbol, qty, cost, realized_pnl, commission, last_executed_at,
                last_execution_id)
            VALUES ('account', '', 'NVDA', 10, 1182, 0, 0, now() - interval '\(age)', '\(execution)')
            ON CONFLICT (scope, target, symbol) DO NOTHING;
            INSERT INTO round_trips (scope, target, symbol, opening_execution_id, direction, opened_at, entry_qty,
                entry_value, exit_qty, exit_value, realized_pnl, commission, is_adjusted)
            VALUES ('account', '', 'NVDA', '\(execution)', 'long', now() - interval '\(age)', 10, 1182, 0, 0, 0, 0,
                false);
            """)
    }

    private func price(_ price: String, _ desk: GateFixture) async throws {
        try await desk.report(positions: [
            [
                "symbol": "NVDA", "qty": "10", "avg_entry_price": "118.20", "current_price": .string(price),
            ]
        ])
    }

    @Test(arguments: [
        ("30 days", "118.19", 1), ("29 days 23 hours", "118.19", 0), ("31 days", "118.20", 0),
        ("31 days", "118.21", 0),
    ])
    func `thirty days at a loss are told of, not twenty-nine, and not without a loss`(
        age: String, price: String, count: Int
    ) async throws {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            try await hold(age, desk)
            try await self.price(price, desk)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await desk.count(Self.open("position_losing")) == count)
            let told =
                AlertTests.messages("alert-raised")
                + " AND d.subject IN (SELECT 'alert:' || id FROM alerts WHERE type = 'position_losing')"
            #expect(try await desk.count(told) == count)
        }
    }

    @Test func `a long loss is over when it is none any more, and told anew only of a position bought anew`()
        async throws
    {
        try await GateFixture.with { desk in
            try await hold("40 days", desk)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for (price, open) in [("100", 1), ("119", 0), ("100", 0)] {
                try await self.price(price, desk)
                for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
                #expect(try await desk.count(Self.open("position_losing")) == open, "\(price)")
                #expect(try await desk.count(Self.ever("position_losing")) == 1, "\(price)")
            }
            try await desk.run(
                """
                UPDATE round_trips
                SET closed_at = now() - interval '36 days', closing_execution_id = 'e1', trading_day = '2026-01-05'
                """)
            try await hold("35 days", execution: "e2", desk)
            try await price("100", desk)
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("position_losing")) == 1)
            // Sold: the broker shows it no more.
            try await desk.report()
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.open("position_losing")) == 0)
            #expect(try await desk.count(Self.ever("position_losing")) == 2)
        }
    }

    // MARK: an order with unknown outcome

    @Test func `an order whose outcome is not known for a minute is an alert until the broker has told it`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await floor.ground.attack(
                "INSERT INTO channels (id, kind, name, settings) VALUES (gen_random_uuid(), 'slack', 'desk', '{}')"
            )
            let order = try await floor.release()
            _ = try await floor.claim(order)
            try await floor.report(order, ["outcome": "unknown", "error": ["message": "504", "code": "x"]])
            let watch = AlertWatch(floor.context, confirmSeconds: 0)
            for (seconds, count) in [(20, 0), (60, 1), (90, 1)] {
                try await floor.ground.attack(
                    """
                    ALTER TABLE orders DISABLE TRIGGER guard;
                    UPDATE orders SET claimed_at = now() - interval '\(seconds) seconds';
                    ALTER TABLE orders ENABLE TRIGGER guard;
                    """)
                _ = try await watch.look(upSeconds: 10)
                #expect(try await floor.count(Self.ever("order_unknown")) == count, "\(seconds)")
            }
            let told = "SELECT count(*) FROM deliveries WHERE kind = "
            #expect(try await floor.count(told + "'order-unknown'") == 1)
            #expect(try await floor.count(told + "'alert-raised'") == 0, "its own message tells it")
            let found: JSONObject = [
                "outcome": "placed", "broker_order": ["id": "b1", "status": "new", "filled_qty": "0"],
            ]
            #expect(try await floor.report(order, found).record.state == .accepted)
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await floor.count(Self.open("order_unknown")) == 0)
            #expect(try await floor.count(Self.ever("order_unknown")) == 1)
        }
    }

    // MARK: a stale snapshot

    @Test func `an account's report that grows old beside a living worker is told of until a new one comes`()
        async throws
    {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            try await desk.run(
                """
                INSERT INTO worker_lease (worker_id, generation, acquired_at, last_seen_at, expires_at)
                VALUES ('w1', 1, now(), now(), now() + interval '1 hour')
                """)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            // The preset's limit is two minutes, and nobody could report to a server that had not begun.
            for (age, upSeconds, count) in [(60, 3600, 0), (120, 119, 0), (120, 3600, 1), (300, 3600, 1)] {
                try await desk.run(
                    """
                    UPDATE account_state SET received_at = now() - interval '\(age) seconds';
                    UPDATE worker_lease SET last_seen_at = now();
                    """)
                for _ in 0..<2 { _ = try await watch.look(upSeconds: upSeconds) }
                #expect(try await desk.count(Self.ever("stale_snapshot")) == count, "\(age) of \(upSeconds)")
            }
            #expect(try await desk.count(Self.open("worker_silent")) == 0)
            #expect(try await desk.count(AlertTests.messages("alert-raised")) == 1)
            // Closed for the night: an old report says nothing, and what is open is not over.
            try await desk.run(
                """
                UPDATE account_state
                SET clock = '{"is_open": false, "next_open": "2099-01-02T14:30:00Z", "next_close": "2099-01-02T21:00:00Z",
                    "timestamp": "2026-11-20T15:00:00Z"}'
                """)
            _ = try await watch.look(upSeconds: 3600)
            #expect(try await desk.count(Self.open("stale_snapshot")) == 1)
            try await desk.report()
            _ = try await watch.look(upSeconds: 3600)
            #expect(try await desk.count(Self.open("stale_snapshot")) == 0)
            #expect(try await desk.count(AlertTests.messages("alert-resolved")) == 1)
        }
    }

    // MARK: a difference between broker and books

    @Test(arguments: [true, false])
    func `a difference is an alert until it is settled, told by the breaker where one watches`(
        isWatched: Bool
    ) async throws {
        try await GateFixture.with { desk in
            try await AlertTests.channel("desk", desk)
            if !isWatched {
                try await desk.apply(["preset": "guarded-5k", "breakers": ["reconcile_mismatch": nil]])
            }
            let id = GateFixture.identifier(40)
            try await desk.run(
                """
                INSERT INTO reconcile_mismatches (id, symbol, book_qty, broker_qty, evidence)
                VALUES ('\(id)', 'NVDA', 10, 7, '{}')
                """)
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            _ = try await watch.look(upSeconds: 10)
            #expect(try await desk.count(Self.ever("reconcile_mismatch")) == 0, "only suspected")
            try await desk.run("UPDATE reconcile_mismatches SET confirmed_at = now()")
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await desk.count(Self.open("reconcile_mismatch") + " AND priority = 'critical'") == 1)
            #expect(try await desk.count(AlertTests.messages("alert-raised")) == (isWatched ? 0 : 1))
            try await desk.run("UPDATE account_state SET received_at = now() - interval '1 hour'")
            _ = try await watch.look(upSeconds: 10)
            #expect(
                try await desk.count(Self.open("reconcile_mismatch")) == 1, "an old report settles nothing")
            try await desk.report()
            try await desk.run(
                """
                UPDATE reconcile_mismatches
                SET cleared_at = now(), cleared_by = 'user:ben', clear_reason = 'the execution came'
                """)
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await desk.count(Self.open("reconcile_mismatch")) == 0)
            #expect(try await desk.count(Self.ever("reconcile_mismatch")) == 1)
            #expect(
                try await desk.count(AlertTests.messages("alert-resolved")) == (isWatched ? 0 : 1),
                "whom nothing was told is not told that it is over")
        }
    }

    // MARK: a disabled channel

    @Test func `the alert that a channel no longer works ends when it is in use again, and not before`()
        async throws
    {
        try await GateFixture.with { desk in
            for name in ["lost", "living"] { try await AlertTests.channel(name, desk) }
            let lost = try #require(
                try await desk.pool.withSession { session in
                    try ChannelStore.find(name: "lost", in: session)?.id
                })
            try await desk.pool.transaction { session in
                _ = try ChannelStore.disable(lost, reason: "Slack answered no_service", in: session)
                for _ in 0..<2 {
                    try AlertRaising.raise(
                        AlertDraft(
                            .channelDisabled, title: "Channel lost no longer works",
                            evidence: ["channel_id": .string(lost.text)], subject: "channel:\(lost)",
                            dedupKey: "channel-disabled:\(lost)"), counts: false, in: session)
                }
            }
            let watch = AlertWatch(desk.context, confirmSeconds: 0)
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await desk.count(Self.open("channel_disabled")) == 1)
            #expect(try await desk.count(AlertTests.messages("alert-resolved")) == 0)
            try await desk.pool.transaction { session in
                _ = try ChannelStore.enable(lost, sealedSecret: nil, in: session)
            }
            let patient = AlertWatch(desk.context, confirmSeconds: 3600)
            for _ in 0..<2 { _ = try await patient.look(upSeconds: 10) }
            #expect(
                try await desk.count(Self.open("channel_disabled")) == 1, "an end is believed after a while")
            for _ in 0..<2 { _ = try await watch.look(upSeconds: 10) }
            #expect(try await desk.count(Self.open("channel_disabled")) == 0)
            #expect(try await desk.count(AlertTests.messages("alert-resolved", to: "living")) == 1)
            #expect(try await desk.count(Self.ever("channel_disabled")) == 1)
        }
    }
}
