import Domain
import Gate
import JSON
import Postgres
import Store
import Synchronization
import Testing

/// Breakers on real snapshots and reports, with what they open, keep and tell.
@Suite struct BreakerWatchTests {
    private static let oscar = Caller.person(
        Person(id: WorkFloor.identifier(7), name: "oscar", role: .operator_), method: .session, keyID: nil)

    /// An account of that worth; it stood at 100000 at the close before.
    private func account(_ equity: String, positions: JSONValue = []) -> JSONObject {
        [
            "account": [
                "account_number": "SIM1", "status": "ACTIVE", "equity": .string(equity),
                "last_equity": "100000", "cash": "100000", "buying_power": "100000",
            ],
            "positions": positions, "open_orders": [],
        ]
    }

    @Test func `each look is timed from its beginning to its end, also where it is broken off`() async throws
    {
        try await WorkFloor.with { floor in
            let watch = Stopwatch()
            var context = floor.context
            context.breakerStopwatch = { watch.begin() }
            _ = try await BreakerWatch(context).tick(upSeconds: 10)
            #expect(watch.counts == [1, 1])
            // What trips is left to a second look, under the account's lock.
            _ = try await Synchronising(context).sync(
                .object((["worker_id": "w1"] as JSONObject).merging(account("99000"))), actor: "worker:w")
            #expect(watch.counts == [3, 3])
            #expect(try await halts(floor).count == 1)
        }
    }

    private func halts(_ floor: WorkFloor) async throws -> [HaltRecord] {
        try await Halting(floor.context).listOpen()
    }

    private func reports(_ floor: WorkFloor) async throws -> [BreakerKind: BreakerReport] {
        try await floor.context.pool.withSession { session in
            Dictionary(
                try BreakerReport.all(in: session).map { ($0.kind, $0) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    private func apply(_ breakers: JSONValue, _ floor: WorkFloor) async throws {
        _ = try await Policies(floor.context).apply(
            ["limits": ["hours": nil, "duplicate_window_seconds": nil], "breakers": breakers], by: "cli:root")
    }

    @Test func `a loss of the day halts once, cancels what waits, and says why`() async throws {
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            try await floor.sync("w1", account("99500.01"))
            #expect(try await halts(floor).isEmpty)
            #expect(try await reports(floor)[.dailyLoss]?.word == "near")
            let answer = try await floor.sync("w1", account("99500"))
            let halt = try #require(try await halts(floor).first)
            #expect(halt.cause == "daily_loss" && halt.allowsReducing)
            #expect(halt.reason.contains("500"))
            #expect(try await floor.state(order) == .cancelled)
            #expect(answer["commands"]?[0]?["kind"] == "cancel_entries")
            #expect(answer["released"] == [])
            try await floor.sync("w1", account("90000"))
            let causes = Set(try await halts(floor).map(\.cause))
            #expect(causes == ["daily_loss", "drawdown"])
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'breaker.tripped'") == 2)
            #expect(
                try await floor.count("SELECT count(*) FROM deliveries WHERE kind = 'breaker-tripped'") >= 1)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM journal WHERE kind = 'breaker.tripped' AND data LIKE '%\"equity\":\"99500\"%'"
                ) == 1)
        }
    }

    @Test func `a profit halts nothing, and what is off halts nothing`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1", account("200000"))
            #expect(try await halts(floor).isEmpty)
            try await apply(["daily_loss": nil, "drawdown": nil], floor)
            try await floor.sync("w1", account("50000"))
            #expect(try await halts(floor).isEmpty)
        }
    }

    @Test func `cleared, it waits for the next trading day; acknowledged, it watches on`() async throws {
        try await WorkFloor.with { floor in
            try await apply(["drawdown": nil], floor)
            try await floor.sync("w1", account("99400"))
            let halting = Halting(floor.context)
            _ = try await halting.resume(ResumeRequest(reason: "known"), by: Self.oscar)
            try await floor.sync("w1", account("99300"))
            #expect(try await halts(floor).isEmpty)
            #expect(try await reports(floor)[.dailyLoss]?.word == "cleared")
            // The next trading day, with the loss of the day before in its books.
            try await floor.ground.attack("UPDATE breakers SET trading_day = trading_day - 7")
            try await floor.sync("w1", account("99300"))
            #expect(try await halts(floor).count == 1)
            _ = try await halting.resume(
                ResumeRequest(reason: "known", acknowledges: true), by: Self.oscar)
            try await floor.sync("w1", account("98800.01"))
            #expect(try await halts(floor).isEmpty)
            try await floor.sync("w1", account("98800"))
            #expect(try await halts(floor).count == 1)
        }
    }

    @Test func `a breaker that tripped is not let go past its halt, not even by SQL`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1", account("99000"))
            for attack in [
                "UPDATE breakers SET state = 'armed'", "DELETE FROM breakers", "TRUNCATE breakers",
            ] {
                await #expect(throws: (any Error).self) { try await floor.ground.attack(attack) }
            }
            let key = Caller.key(id: WorkFloor.identifier(8), name: "stopper", scope: .operate)
            try await floor.ground.attack(
                "INSERT INTO users (id, name, role) VALUES ('\(WorkFloor.identifier(7))', 'oscar', 'operator')"
            )
            let refused = try await refusal {
                _ = try await Halting(floor.context).resume(ResumeRequest(reason: "x"), by: key)
            }
            #expect(refused?.code == .secondPersonRequired)
        }
    }

    @Test func `one position that lost too much halts its symbol and is closed where the policy says so`()
        async throws
    {
        try await WorkFloor.with { floor in
            try await apply(
                [
                    "daily_loss": nil, "drawdown": nil, "reconcile_mismatch": nil,
                    "position_loss": ["scope": "symbol", "on_trip": "halt_cancel_flatten"],
                ], floor)
            func held(_ price: String) -> JSONValue {
                [
                    [
                        "symbol": "NVDA", "qty": "-10", "side": "short", "avg_entry_price": "100",
                        "current_price": .string(price), "market_value": "-1000",
                    ]
                ]
            }
            try await floor.sync("w1", account("100000", positions: held("299.99")))
            #expect(try await halts(floor).isEmpty)
            let answer = try await floor.sync("w1", account("100000", positions: held("300")))
            let halt = try #require(try await halts(floor).first)
            #expect(halt.scope == .symbol && halt.target == "NVDA" && !halt.allowsReducing)
            #expect(answer["commands"]?[0]?["kind"] == "close_position")
            #expect(answer["commands"]?[0]?["symbol"] == "NVDA")
        }
    }

    @Test func `orders that fail one after the other halt, and one that is taken ends the row`() async throws
    {
        try await WorkFloor.with { floor in
            try await apply(["execution_failures": ["limit": 2]], floor)
            func fail(_ qty: String) async throws {
                let order = try await floor.release(["qty": .string(qty)])
                _ = try await floor.claim(order)
                try await floor.report(
                    order, ["outcome": "rejected", "error": ["code": "403", "message": "no"]])
            }
            try await fail("10")
            let good = try await floor.release(["qty": "11"])
            _ = try await floor.claim(good)
            try await floor.report(
                good, ["outcome": "placed", "broker_order": ["id": "b1", "status": "new"]])
            try await fail("12")
            #expect(try await halts(floor).isEmpty)
            let last = try await floor.release(["qty": "13"])
            _ = try await floor.claim(last)
            try await floor.report(
                last, ["outcome": "unknown", "error": ["code": "504", "message": "silence"]])
            #expect(try await halts(floor).map(\.cause) == ["execution_failures"])
            _ = try await Halting(floor.context).resume(ResumeRequest(reason: "fixed"), by: Self.oscar)
            try await floor.sync("w1", account("100000"))
            #expect(try await halts(floor).isEmpty)
            #expect(try await reports(floor)[.executionFailures]?.word == "armed")
        }
    }

    @Test func `a claim that shows the loss hands out nothing, and the halt stays`() async throws {
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            let refused = try await refusal { _ = try await floor.claim(order, "w1", account("98000")) }
            #expect(refused?.code == .halted)
            #expect(try await halts(floor).count == 1)
            #expect(try await floor.state(order) == .cancelled)
        }
    }

    @Test func `a worker that falls silent halts while the market is open, once the server was up that long`()
        async throws
    {
        try await WorkFloor.with { floor in
            var body = account("100000")
            let now = try await floor.now()
            body["clock"] = [
                "timestamp": .string(now.rfc3339), "is_open": true,
                "next_open": .string(now.adding(minutes: 1440).rfc3339),
                "next_close": .string(now.adding(minutes: 600).rfc3339),
            ]
            try await floor.sync("w1", body)
            let watch = BreakerWatch(floor.context)
            try await floor.ground.attack(
                "UPDATE account_state SET received_at = clock_timestamp() - interval '299 seconds'")
            #expect(try await watch.tick(upSeconds: 1000) == 0)
            try await floor.ground.attack(
                "UPDATE account_state SET received_at = clock_timestamp() - interval '301 seconds'")
            #expect(try await watch.tick(upSeconds: 299) == 0)
            #expect(try await watch.tick(upSeconds: 1000) == 1)
            #expect(try await watch.tick(upSeconds: 1000) == 0)
            #expect(try await halts(floor).map(\.cause) == ["stale_snapshot"])
        }
    }

    @Test func `limits are lowered for a day after a resume, and every check goes by them`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync("w1", account("99000"))
            _ = try await Halting(floor.context).resume(
                ResumeRequest(reason: "small steps", limitsFactor: ExactDecimal("0.1")), by: Self.oscar)
            let refused = try await refusal { _ = try await floor.release() }
            #expect(refused != nil)
            #expect(
                try await floor.count(
                    """
                    SELECT count(*) FROM proposals, json_array_elements(checks) AS finding
                    WHERE finding ->> 'code' = 'max_position_usd' AND finding ->> 'limit' = '500'
                      AND finding ->> 'outcome' = 'fail'
                    """) == 1)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'limits.lowered'") == 1)
            await #expect(throws: (any Error).self) {
                try await floor.ground.attack("UPDATE limit_reductions SET expires_at = now()")
            }
            let halting = Halting(floor.context)
            for count in [1, 1] {
                _ = try await halting.resume(
                    ResumeRequest(reason: "all of it", limitsFactor: .one), by: Self.oscar)
                #expect(try await halting.limitsLowered() == nil)
                let restored = "SELECT count(*) FROM journal WHERE kind = 'limits.restored'"
                #expect(try await floor.count(restored) == count, "what is whole is not made whole again")
            }
        }
    }
}

/// Counts what was begun and what was ended.
private final class Stopwatch: Sendable {
    private let state = Mutex([0, 0])

    var counts: [Int] { state.withLock { $0 } }

    func begin() -> @Sendable () -> Void {
        state.withLock { $0[0] += 1 }
        return { self.state.withLock { $0[1] += 1 } }
    }
}
