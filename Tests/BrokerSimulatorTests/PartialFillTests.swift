import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct PartialFillTests {
    @Test func `a scripted part fills and the rest waits`() throws {
        var desk = Desk()
        try desk.apply(.partialFill, "", ["qty": "4", "symbol": "AAPL"])
        let other = try desk.trade("buy", "10", "MSFT")
        let id = try desk.trade("buy", "10", "AAPL", limit: "191")
        #expect(desk.status(other) == "filled")
        #expect(desk.status(id) == "partially_filled")
        #expect(desk.text(id, "filled_qty") == "4")
        desk.wait(seconds: 3600)
        #expect(desk.status(id) == "partially_filled")
        try desk.price("AAPL", "190.7")
        try desk.apply(.release, id)
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_avg_price") == "190.63")
        #expect(desk.fills.count == 3)
        #expect(desk.fills[0]["cum_qty"] == "10")
        #expect(desk.fills[0]["qty"] == "6")
        #expect(desk.fills[0]["leaves_qty"] == "0")
        #expect(desk.fills[1]["type"] == "partial_fill")
        #expect(desk.fills[1]["leaves_qty"] == "6")
    }

    @Test func `a part that does not hold the rest is followed by it`() throws {
        var desk = Desk()
        try desk.apply(.partialFill, "", ["qty": "4", "hold_rest": false])
        let id = try desk.trade("buy", "10", "AAPL")
        #expect(desk.status(id) == "partially_filled")
        desk.wait(seconds: 1)
        #expect(desk.status(id) == "filled")
    }

    @Test func `a tenth of orders fills in parts when told so, and all of them completely`() throws {
        var desk = Desk {
            $0.partialFillPercent = 10
            $0.cash = decimal("10000000")
        }
        var ids: [String] = []
        for _ in 0..<300 { ids.append(try desk.trade("buy", "100", "F")) }
        let parts = ids.filter { desk.status($0) == "partially_filled" }
        #expect((10...60).contains(parts.count))
        desk.wait(seconds: 1)
        #expect(ids.allSatisfy { desk.status($0) == "filled" })
        #expect(desk.position("F", "qty") == "30000")
    }

    @Test func `a cancelled part keeps what has filled`() throws {
        var desk = Desk()
        try desk.apply(.partialFill, "", ["qty": "4"])
        let id = try desk.trade("buy", "10", "AAPL", limit: "191")
        try desk.apply(.cancel, id)
        #expect(desk.status(id) == "canceled")
        #expect(desk.text(id, "filled_qty") == "4")
        #expect(desk.position("AAPL", "qty") == "4")
        #expect(desk.account("buying_power") == desk.account("cash"))
    }

    @Test func `an order may fill while its cancellation is under way`() throws {
        var desk = Desk { $0.cancelDelayMicroseconds = 5_000_000 }
        let id = try desk.trade("buy", "10", "AAPL", limit: "190")
        try desk.apply(.cancel, id)
        #expect(desk.status(id) == "pending_cancel")
        #expect(throws: BrokerRejection.self) { try desk.apply(.cancel, id) }
        try desk.price("AAPL", "189")
        #expect(desk.status(id) == "filled")
        desk.wait(seconds: 10)
        #expect(desk.status(id) == "filled")
    }

    @Test func `a script may fill any working order at any price`() throws {
        var desk = Desk()
        try desk.apply(.matching, "", ["mode": "manual"])
        let id = try desk.trade("buy", "10", "AAPL")
        #expect(desk.status(id) == "new")
        try desk.apply(.fill, id, ["qty": "3", "price": "180"])
        #expect(desk.text(id, "filled_avg_price") == "180")
        #expect(throws: BrokerRejection.self) { try desk.apply(.fill, id, ["qty": "8"]) }
        try desk.apply(.fill, id)
        #expect(desk.status(id) == "filled")
        #expect(throws: BrokerRejection.self) { try desk.apply(.fill, id) }
    }

    @Test func `a shown status hides the true one until it is taken away`() throws {
        var desk = Desk()
        let id = try desk.trade("buy", "10", "AAPL")
        try desk.apply(.status, id, ["status": "calculated"])
        #expect(desk.status(id) == "calculated")
        try desk.apply(.status, id, ["status": nil])
        #expect(desk.status(id) == "filled")
    }

    @Test func `an order gets more than was ordered where a test has it so, once`() throws {
        var desk = Desk()
        try desk.apply(.overfill, "", ["qty": "2", "symbol": "AAPL"])
        try desk.apply(.partialFill, "", ["qty": "4", "symbol": "AAPL", "hold_rest": false])
        let other = try desk.trade("buy", "10", "MSFT")
        let id = try desk.trade("buy", "10", "AAPL")
        #expect(desk.text(id, "filled_qty") == "4", "not with the first part")
        desk.wait(seconds: 1)
        #expect(desk.status(id) == "filled" && desk.status(other) == "filled")
        #expect(desk.text(id, "qty") == "10" && desk.text(id, "filled_qty") == "12")
        #expect(desk.fills[0]["qty"] == "8" && desk.fills[0]["leaves_qty"] == "0")
        #expect(desk.fills[0]["order_status"] == "filled" && desk.fills[0]["cum_qty"] == "12")
        #expect(desk.text(other, "filled_qty") == "10")
        let next = try desk.trade("buy", "1", "AAPL")
        #expect(desk.text(next, "filled_qty") == "1")
        #expect(desk.position("AAPL", "qty") == "13")
        #expect(throws: BrokerRejection.self) { try desk.apply(.overfill, "", ["qty": "0"]) }
    }
}
