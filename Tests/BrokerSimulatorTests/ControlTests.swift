import Domain
import HTTPServer
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct ControlTests {
    @Test func `the evidence lists every order request with what became of it`() async throws {
        let caller = try Caller()
        _ = try await caller.order("buy", 1, "AAPL", ["client_order_id": "a"])
        _ = try await caller.order("buy", 1, "AAPL", ["client_order_id": "a"])
        _ = try await caller.order("buy", 1, "AAPL", ["client_order_id": "b"])
        let all = try await caller.get("/sim/received")
        #expect(all["count"]?.intValue == 3)
        #expect(all["items"]?.arrayValue?.map { $0["status"]?.intValue } == [200, 422, 200])
        let one = try await caller.get("/sim/received?client_order_id=a")
        #expect(one["count"]?.intValue == 2)
        #expect(one["items"]?[0]?["body"]?["qty"]?.intValue == 1)
        #expect(one["items"]?[1]?["order_id"] == .null)
    }

    @Test func `prices are set, also stale or missing ones`() async throws {
        let caller = try Caller()
        let body: JSONValue = ["bid": "99.5", "ask": "100.5", "timestamp": "2026-01-01T00:00:00Z"]
        #expect(try await caller.post("/sim/prices/aapl", body).status == 200)
        let quote = try await caller.get("/v2/stocks/AAPL/quotes/latest")["quote"]
        #expect(quote?["t"] == "2026-01-01T00:00:00Z")
        #expect(quote?["ap"]?.numberText == "100.5")
        #expect(try await caller.post("/sim/prices/ZZZ", ["price": "1"]).status == 422)
        #expect(try await caller.post("/sim/prices/AAPL", ["price": "-1"]).status == 422)
        #expect(try await caller.post("/sim/prices/AAPL", ["price": "x"]).status == 422)
    }

    @Test func `the clock is set, moved, frozen and let go`() async throws {
        let caller = try Caller()
        let set = try await caller.post("/sim/clock", ["now": "2026-07-04T12:00:00Z", "frozen": true])
        #expect(set.text("timestamp") == "2026-07-04T12:00:00Z")
        #expect(try await caller.get("/v2/clock").text("timestamp") == "2026-07-04T12:00:00Z")
        let moved = try await caller.post("/sim/clock", ["advance_seconds": 90, "frozen": true])
        #expect(moved.text("timestamp") == "2026-07-04T12:01:30Z")
        #expect(try await caller.post("/sim/clock", ["now": "noon"]).status == 422)
        let real = try await caller.post("/sim/clock")
        #expect(real.text("timestamp")?.hasPrefix("2026-11-") == true)
    }

    @Test func `orders are worked by hand, by the client's own id`() async throws {
        let caller = try Caller()
        _ = try await caller.post("/sim/matching", ["mode": "manual"])
        _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
        #expect(try await caller.post("/sim/orders/cs-1/fill", ["qty": "4", "price": "190"]).status == 200)
        #expect(caller.simulator.order(clientOrderID: "cs-1")?["status"] == "partially_filled")
        #expect(try await caller.post("/sim/orders/cs-1/status", ["status": "done_for_day"]).status == 200)
        #expect(caller.simulator.order(clientOrderID: "cs-1")?["status"] == "done_for_day")
        #expect(try await caller.post("/sim/orders/cs-1/status").status == 200)
        #expect(try await caller.post("/sim/orders/cs-1/fill").status == 200)
        #expect(caller.simulator.order(clientOrderID: "cs-1")?["status"] == "filled")
        #expect(try await caller.post("/sim/orders/cs-9/fill").status == 404)
    }

    @Test func `updates tell an order's whole story`() async throws {
        let caller = try Caller()
        _ = try await caller.post("/sim/partial-fills", ["qty": "4", "hold_rest": true])
        _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
        _ = try await caller.post("/sim/orders/cs-1/release")
        let updates = try await caller.get("/sim/updates").json.arrayValue ?? []
        #expect(
            updates.map { $0["event"]?.stringValue } == ["pending_new", "new", "partial_fill", "fill"])
        #expect(updates.last?["qty"] == "6")
        #expect(updates.last?["order"]?["filled_qty"] == "10")
    }

    @Test func `cash, account and market follow scripts`() async throws {
        let caller = try Caller()
        _ = try await caller.post("/sim/cash", ["amount": "-500"])
        _ = try await caller.post("/sim/account", ["account_blocked": true])
        let account = try await caller.get("/v2/account")
        #expect(account.text("cash") == "99500")
        #expect(account["account_blocked"] == true)
        _ = try await caller.post("/sim/market", ["open": false])
        #expect(try await caller.get("/v2/clock")["is_open"] == false)
        _ = try await caller.post("/sim/market", ["open": nil])
        #expect(try await caller.get("/v2/clock")["is_open"] == true)
        let summary = try await caller.get("/sim")
        #expect(summary["orders"]?.intValue == 0)
        #expect(await caller.simulator.script("cash", ["amount": "0"]) == nil)
        #expect(await caller.simulator.script("rejections") != nil)
    }

    @Test(.timeLimit(.minutes(10))) func `orders fill by themselves when their time comes`() async throws {
        let caller = try Caller(.socket) {
            $0.fillDelayMilliseconds = 5
            $0.tickMilliseconds = 10
        }
        let order = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(order.status == 200)
        var updates: [String?] = []
        while !updates.contains("fill") {
            updates =
                try await caller.get("/sim/updates").json.arrayValue?.map { $0["event"]?.stringValue } ?? []
            await Task.yield()
        }
        #expect(updates == ["pending_new", "new", "fill"])
        await caller.stop()
    }
}
