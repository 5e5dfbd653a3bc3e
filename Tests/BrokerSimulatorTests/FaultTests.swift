import Domain
import HTTPServer
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct FaultTests {
    @Test(arguments: Depth.allCases)
    func `a gateway timeout leaves an order behind`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        caller.simulator.arm(.timeoutAfterAcceptance)
        let reply = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(reply.status == 504)
        #expect(reply.json == .null)
        let found = try await caller.get("/v2/orders:by_client_order_id?client_order_id=cs-1")
        #expect(found.text("status") == "filled")
        #expect(caller.simulator.receivedOrders.map(\.fault) == ["504 after acceptance"])
        #expect(caller.simulator.receivedOrders.first?.orderID == found.text("id"))
        await caller.stop()
    }

    @Test(arguments: Depth.allCases)
    func `a connection is cut after the order is taken`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        caller.simulator.arm(.dropAfterAcceptance)
        await #expect(throws: ConnectionCut.self) {
            try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        }
        #expect(caller.simulator.order(clientOrderID: "cs-1")?["status"] == "filled")
        #expect(try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-2"]).status == 200)
        await caller.stop()
    }

    @Test(arguments: Depth.allCases)
    func `a connection is cut before anything is done`(_ depth: Depth) async throws {
        let caller = try Caller(depth)
        caller.simulator.arm(.dropBeforeAcceptance)
        await #expect(throws: ConnectionCut.self) {
            try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        }
        #expect(try await caller.get("/v2/orders:by_client_order_id?client_order_id=cs-1").status == 404)
        #expect(caller.simulator.receivedOrders.map(\.clientOrderID) == ["cs-1"])
        #expect(caller.simulator.receivedOrders.first?.status == nil)
        await caller.stop()
    }

    @Test func `a refused rate and an error do nothing`() async throws {
        let caller = try Caller()
        caller.simulator.arm(.rateLimit)
        let limited = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(limited.status == 429)
        #expect(limited["code"]?.intValue == 42_910_000)
        #expect(limited.headers.first("X-RateLimit-Remaining") == "0")
        caller.simulator.arm(.internalError)
        #expect(try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"]).status == 500)
        caller.simulator.arm(.refusal(status: 403, code: 40_310_100, message: "no"))
        let refused = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(refused.text("message") == "no")
        #expect(caller.simulator.order(clientOrderID: "cs-1") == nil)
        #expect(try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"]).status == 200)
        #expect(caller.simulator.receivedOrders.count == 4)
    }

    @Test func `a truncated answer is no JSON though the order is taken`() async throws {
        let caller = try Caller()
        caller.simulator.arm(Fault(.truncate))
        let reply = try await caller.order("buy", 1, "AAPL", ["client_order_id": "cs-1"])
        #expect(reply.status == 200)
        #expect(reply.json == .null)
        #expect(!reply.bytes.isEmpty)
        #expect(caller.simulator.order(clientOrderID: "cs-1") != nil)
    }

    @Test func `a fault strikes what it names, after those it lets pass, so many times`() async throws {
        let caller = try Caller()
        let armed = try await caller.post(
            "/sim/faults",
            ["kind": "answer", "status": 503, "symbol": "MSFT", "skip": 1, "times": 2])
        #expect(armed.status == 200)
        var statuses: [Int] = []
        statuses.append(try await caller.order("buy", 1, "AAPL").status)
        for _ in 0..<4 { statuses.append(try await caller.order("buy", 1, "MSFT").status) }
        #expect(statuses == [200, 200, 503, 503, 200])
        #expect(try await caller.get("/sim/faults").json == [])
    }

    @Test func `a fault may strike any method and path`() async throws {
        let caller = try Caller()
        _ = try await caller.post(
            "/sim/faults",
            ["kind": "answer", "status": 500, "method": "GET", "path": "/v2/stocks*", "times": 9])
        #expect(try await caller.get("/v2/stocks/quotes/latest?symbols=AAPL").status == 500)
        #expect(try await caller.get("/v2/account").status == 200)
        #expect(try await caller.order("buy", 1, "AAPL").status == 200)
        _ = try await caller.delete("/sim/faults")
        #expect(try await caller.get("/v2/stocks/quotes/latest?symbols=AAPL").status == 200)
    }

    @Test func `a delay and another fault strike together`() async throws {
        let caller = try Caller()
        caller.simulator.arm(Fault(.delay(milliseconds: 1)))
        caller.simulator.arm(.timeoutAfterAcceptance)
        #expect(try await caller.order("buy", 1, "AAPL").status == 504)
        #expect(caller.simulator.receivedOrders.first?.fault == "delay 1 ms, 504 after acceptance")
        #expect(try await caller.order("buy", 1, "AAPL").status == 200)
    }

    @Test(
        arguments: [
            ["kind": "answer"], ["kind": "answer", "status": 99], ["kind": "delay"], ["kind": "love"], [:],
        ] as [JSONValue])
    func `a fault that makes no sense is refused`(_ fault: JSONValue) async throws {
        let caller = try Caller()
        #expect(try await caller.post("/sim/faults", fault).status == 422)
        #expect(try await caller.get("/sim/faults").json == [])
    }
}
