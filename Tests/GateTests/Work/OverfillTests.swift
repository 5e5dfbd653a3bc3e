import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// More shares executed than were ordered: recorded as it was, told with the numbers, and nothing more is bought on top.
@Suite struct OverfillTests {
    /// What a worker tells of an order for ten of which twelve were executed.
    private static func twelveOfTen(_ floor: WorkFloor, status: String = "filled") async throws -> JSONObject
    {
        let at = try await floor.now().adding(seconds: 1)
        return ReportingTests.placed(status, "12").merging([
            "fills": [
                [
                    "execution_id": "e1", "qty": "12", "price": "118.19",
                    "executed_at": .string(at.rfc3339),
                ]
            ]
        ])
    }

    private static let alerts = "SELECT count(*) FROM alerts WHERE type = 'overfill'"
    private static let halts = "SELECT count(*) FROM halts WHERE cleared_at IS NULL"

    @Test(arguments: ["filled", "partially_filled", "canceled"])
    func `what the broker did stands in order, executions and books`(_ status: String) async throws {
        try await WorkFloor.withClaimed { floor, id in
            let report = try await Self.twelveOfTen(floor, status: status)
            for _ in 0..<2 {
                let view = try await floor.report(id, report)
                #expect(view.record.state == .filled && view.record.filledQty == ExactDecimal(10))
                #expect(view.record.filledAvgPrice?.description == "118.19")
                #expect(view.fills.map(\.qty) == [ExactDecimal(12)])
                #expect(
                    view.record.reason == "the broker executed 12 shares, 2 more than were ordered")
            }
            let held = try await floor.context.pool.withSession { try PositionStore.held(.account, in: $0) }
            #expect(held.map(\.qty) == [ExactDecimal(12)])
            let watched = try await floor.sync("w1", [:])["orders"]?.arrayValue
            #expect(watched == [], "there is nothing left to ask the broker for")
        }
    }

    @Test func `people are told once, with the numbers, and only the symbol is stopped`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            let waiting = try await floor.release()
            let report = try await Self.twelveOfTen(floor)
            for _ in 0..<2 { try await floor.report(id, report) }
            #expect(
                try await floor.count(
                    Self.alerts + " AND priority = 'critical' AND title = "
                        + "'More executed than ordered: NVDA bought 12 of 10'"
                        + " AND evidence::json ->> 'excess_qty' = '2'") == 1)
            #expect(try await floor.count(Self.alerts) == 1)
            #expect(
                try await floor.count(
                    Self.halts + " AND scope = 'symbol' AND target = 'NVDA' AND cause = 'overfill'"
                        + " AND allows_reducing AND told_at IS NOT NULL AND completed_at IS NOT NULL") == 1)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM alerts WHERE type = 'trading_halted'") == 0,
                "one alert tells both")
            #expect(try await floor.state(waiting) == .cancelled)
            #expect(
                try await floor.count("SELECT count(*) FROM journal WHERE kind = 'order.contradicted'") == 1)
            let refusal = await #expect(throws: Refusal.self) { try await floor.release() }
            #expect(refusal != nil)
        }
    }

    @Test func `more still is told again, under the halt that is open`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.report(id, ReportingTests.placed("filled", "11"))
            try await floor.report(id, ReportingTests.placed("filled", "13"))
            // What is behind says nothing new.
            try await floor.report(id, ReportingTests.placed("filled", "11"))
            #expect(try await floor.count(Self.alerts) == 2)
            #expect(try await floor.count(Self.halts) == 1)
            #expect(try await floor.state(id) == .filled)
        }
    }

    @Test func `an execution that the statement tells otherwise later is kept, journalled and told once`()
        async throws
    {
        try await WorkFloor.withClaimed { floor, _ in
            let at = try await floor.now().adding(seconds: 1)
            func tell(_ qty: String, _ price: String) async throws {
                let entry = BooksTests.fill("e1", "x", "buy", qty, price, at: at)
                try await floor.sync("w1", BooksTests.account([entry, entry]))
            }
            let told = "SELECT count(*) FROM alerts WHERE type = 'execution_contradicted'"
            for _ in 0..<2 { try await tell("4", "118.10") }
            #expect(try await floor.count(told) == 0)
            for _ in 0..<2 { try await tell("5", "118.1") }
            #expect(try await floor.count(told) == 1)
            try await tell("4", "118.11")
            #expect(try await floor.count(told + " AND evidence::json #>> '{told,price}' = '118.11'") == 1)
            #expect(
                try await floor.count(
                    "SELECT count(*) FROM journal WHERE kind = 'account.execution-contradicted'") == 2)
            #expect(
                try await floor.count("SELECT count(*) FROM executions WHERE qty = 4 AND price = 118.1") == 1)
        }
    }
}
