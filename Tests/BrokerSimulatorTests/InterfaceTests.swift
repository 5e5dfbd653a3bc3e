import Domain
import HTTPServer
import JSON
import Testing

@testable import BrokerSimulator

/// The interface as a client sees it, on the router and over a socket.
@Suite struct InterfaceTests {
    @Test(arguments: Depth.allCases)
    func `an order goes all the way to a position and a statement`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        let placed = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
        #expect(placed.status == 200)
        #expect(placed.text("status") == "pending_new")
        let id = placed.text("id") ?? ""
        #expect(try await caller.get("/v2/orders/\(id)").text("status") == "filled")
        let same = try await caller.get("/v2/orders:by_client_order_id?client_order_id=cs-1")
        #expect(same.text("id") == id)
        #expect(try await caller.get("/v2/account").text("cash") == "98094.9")
        #expect(try await caller.get("/v2/positions").json[0]?["qty"] == "10")
        #expect(try await caller.get("/v2/positions/AAPL").text("avg_entry_price") == "190.51")
        let fills = try await caller.get("/v2/account/activities/FILL?page_size=1")
        #expect(fills[0]?["order_id"]?.stringValue == id)
        #expect(try await caller.get("/v2/account/activities?activity_types=CSD").json == [])
        let closed = try await caller.delete("/v2/positions/AAPL")
        #expect(closed.status == 200)
        #expect(try await caller.get("/v2/positions").json == [])
        await caller.stop()
    }

    @Test(arguments: Depth.allCases)
    func `errors have a status, a code and a message`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        _ = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        let duplicate = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(duplicate.status == 422)
        #expect(duplicate["code"]?.intValue == 40_010_001)
        #expect(duplicate.text("message") == "client_order_id must be unique")
        let expensive = try await caller.order("buy", 100_000, "AAPL")
        #expect(expensive.status == 403)
        #expect(expensive["code"]?.intValue == 40_310_000)
        #expect(expensive.text("buying_power") == "99809.49")
        let missing = try await caller.get("/v2/orders/5f3b0000-0000-4000-8000-000000000000")
        #expect(missing.status == 404)
        #expect(missing["code"]?.intValue == 40_410_000)
        #expect(try await caller.get("/v2/positions/MSFT").text("message") == "position does not exist")
        #expect(try await caller.get("/v2/nothing").status == 404)
        #expect(try await caller.delete("/v2/account").status == 405)
        await caller.stop()
    }

    @Test(arguments: Depth.allCases)
    func `a request without keys is turned away`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        let none = try await caller.call(.get, "/v2/account", headers: [:])
        #expect(none.status == 401)
        #expect(none["code"]?.intValue == 40_110_000)
        let half = try await caller.call(.get, "/v2/account", headers: ["APCA-API-KEY-ID": "x"])
        #expect(half.status == 401)
        await caller.stop()
    }

    @Test(arguments: ["{", "[1", "{\"a\":1}}", "\u{FFFF}", "{\"symbol\":\"AAPL\",\"symbol\":\"MSFT\"}"])
    func `a body that is no JSON is refused and counted`(_ text: String) async throws {
        let caller = try Caller()
        let reply = try await caller.call(.post, "/v2/orders", Array(text.utf8))
        #expect(reply.status == 400)
        #expect(caller.simulator.receivedOrders.count == 1)
        #expect(try await caller.get("/v2/orders?status=all").json == [])
    }

    @Test func `orders are listed by their filters`() async throws {
        let caller = try Caller()
        _ = try await caller.order("buy", 1, "AAPL")
        _ = try await caller.order("buy", 1, "MSFT", ["type": "limit", "limit_price": "400"])
        #expect(try await caller.get("/v2/orders").json.arrayValue?.count == 1)
        #expect(try await caller.get("/v2/orders?status=all&direction=asc").json[0]?["symbol"] == "AAPL")
        #expect(
            try await caller.get("/v2/orders?status=all&symbols=MSFT,SPY&nested=True").json[0]?["symbol"]
                == "MSFT")
        #expect(
            try await caller.get("/v2/orders?status=closed&limit=500&side=buy").json.arrayValue?.count == 1)
        #expect(try await caller.get("/v2/orders?status=all&after=2020-01-01").json.arrayValue?.count == 2)
        #expect(
            try await caller.get("/v2/orders?status=all&until=2020-01-01T00:00:00%2B00:00").json.arrayValue
                == [])
        for bad in [
            "status=some", "limit=0", "limit=501", "limit=x", "after=yesterday", "nested=maybe", "side=up",
        ] {
            #expect(try await caller.get("/v2/orders?\(bad)").status == 422, "\(bad)")
        }
    }

    @Test func `orders are cancelled one by one and all together`() async throws {
        let caller = try Caller()
        let limit: JSONObject = ["type": "limit", "limit_price": "100"]
        let first = try await caller.order("buy", 1, "AAPL", limit).text("id") ?? ""
        let second = try await caller.order("buy", 1, "MSFT", limit.merging(["limit_price": "300"]))
        let gone = try await caller.delete("/v2/orders/\(first)")
        #expect(gone.status == 204)
        #expect(gone.bytes.isEmpty)
        #expect(try await caller.delete("/v2/orders/\(first)").status == 422)
        let all = try await caller.delete("/v2/orders")
        #expect(all.status == 207)
        #expect(all[0]?["id"] == second["id"])
        #expect(all[0]?["status"]?.intValue == 200)
    }

    @Test func `positions are closed all together, with their orders`() async throws {
        let caller = try Caller()
        _ = try await caller.order("buy", 10, "AAPL")
        _ = try await caller.order("sell", 4, "AAPL", ["type": "limit", "limit_price": "250"])
        let refused = try await caller.delete("/v2/positions?cancel_orders=false")
        #expect(refused.status == 207)
        #expect(refused[0]?["status"]?.intValue == 403)
        let closed = try await caller.delete("/v2/positions?cancel_orders=True")
        #expect(closed[0]?["status"]?.intValue == 200)
        #expect(closed[0]?["body"]?["qty"] == "10")
        #expect(try await caller.get("/v2/positions").json == [])
    }

    @Test func `an order is replaced`() async throws {
        let caller = try Caller()
        let limit: JSONObject = ["type": "limit", "limit_price": "100"]
        let id = try await caller.order("buy", 1, "AAPL", limit).text("id") ?? ""
        let body: JSONValue = ["limit_price": "101", "qty": 2]
        let reply = try await caller.call(.patch, "/v2/orders/\(id)", body.bytes())
        #expect(reply.status == 200)
        #expect(reply.text("replaces") == id)
        #expect(try await caller.get("/v2/orders/\(id)").text("status") == "replaced")
    }

    @Test func `market data tells prices as numbers`() async throws {
        let caller = try Caller()
        caller.simulator.setPrice("AAPL", decimal("200"))
        let quotes = try await caller.get("/v2/stocks/quotes/latest?symbols=AAPL,ZZZQ&feed=iex")
        #expect(quotes["quotes"]?["AAPL"]?["ap"]?.numberText == "200.01")
        #expect(quotes["quotes"]?["ZZZQ"] == nil)
        #expect(
            try await caller.get("/v2/stocks/trades/latest?symbols=AAPL")["trades"]?["AAPL"]?["p"]?.intValue
                == 200)
        #expect(try await caller.get("/v2/stocks/AAPL/quotes/latest")["quote"]?["bs"]?.intValue == 300)
        #expect(
            try await caller.get("/v2/stocks/snapshots?symbols=AAPL")["AAPL"]?["dailyBar"]?["c"]?.intValue
                == 200)
        #expect(try await caller.get("/v2/stocks/AAPL/snapshot").text("symbol") == "AAPL")
        #expect(try await caller.get("/v2/stocks/ZZZQ/snapshot").status == 400)
        #expect(try await caller.get("/v2/stocks/quotes/latest").status == 400)
    }

    @Test func `account, settings, clock, calendar, assets and history answer`() async throws {
        let caller = try Caller { $0.account = "SIM9" }
        #expect(try await caller.get("/v2/account").text("account_number") == "SIM9")
        #expect(try await caller.get("/v2/clock")["is_open"] == true)
        let calendar = try await caller.get("/v2/calendar?start=2026-11-20&end=2026-11-22")
        #expect(calendar.json.arrayValue?.count == 3)
        #expect(calendar[0]?["settlement_date"] == "2026-11-21")
        #expect(try await caller.get("/v2/assets/brk.b").text("symbol") == "BRK.B")
        #expect(try await caller.get("/v2/assets/ZZZ").status == 404)
        #expect(try await caller.get("/v2/account/portfolio/history")["equity"]?.arrayValue?.count == 2)
        let suspend: JSONValue = ["suspend_trade": true]
        let changed = try await caller.call(.patch, "/v2/account/configurations", suspend.bytes())
        #expect(changed["suspend_trade"] == true)
        #expect(try await caller.get("/v2/account/configurations")["suspend_trade"] == true)
        #expect(try await caller.order("buy", 1, "AAPL").status == 403)
    }

    @Test func `every answer tells the rate, and a limit refuses what is beyond it`() async throws {
        let caller = try Caller { $0.requestsPerMinute = 3 }
        var statuses: [Int] = []
        for _ in 0..<4 { statuses.append(try await caller.get("/v2/clock").status) }
        #expect(statuses == [200, 200, 200, 429])
        let refused = try await caller.get("/v2/clock")
        #expect(refused.headers.first("X-RateLimit-Limit") == "3")
        #expect(refused.headers.first("X-RateLimit-Remaining") == "0")
        #expect(refused["code"]?.intValue == 42_910_000)
        let free = try Caller()
        #expect(try await free.get("/v2/clock").headers.first("X-RateLimit-Remaining") == "199")
    }
}
