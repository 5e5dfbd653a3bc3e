import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct OrderChangeTests {
    private func rejection(_ body: () throws -> Void) -> BrokerRejection? {
        do {
            try body()
            return nil
        } catch {
            return error as? BrokerRejection
        }
    }

    @Test func `a replacement is a new order that knows the old one`() throws {
        var desk = Desk()
        let old = try desk.trade("buy", "10", "AAPL", limit: "150")
        let new = try desk.apply(
            .replace, old, ["qty": 5, "limit_price": "155.5", "client_order_id": "cs-2"])
        let id = new["id"]?.stringValue ?? ""
        #expect(id != old)
        #expect(new["replaces"]?.stringValue == old)
        #expect(desk.status(old) == "replaced")
        #expect(desk.text(old, "replaced_by") == id)
        #expect(desk.status(id) == "new")
        #expect(desk.text(id, "limit_price") == "155.5")
        #expect(desk.text(id, "qty") == "5")
        #expect(desk.account("buying_power") == "99222.5")
        #expect(desk.exchange.byClientOrderID["cs-2"]?.text == id)
    }

    @Test func `only a working order is replaced`() throws {
        var desk = Desk()
        let filled = try desk.trade("buy", "10", "AAPL")
        #expect(
            rejection { try desk.apply(.replace, filled, ["qty": "5"]) }?.message
                == "order is already in \"filled\" state")
        try desk.apply(.market, "", ["open": false])
        let waiting = try desk.trade("buy", "10", "AAPL")
        let refusal = rejection { try desk.apply(.replace, waiting, ["qty": "5"]) }
        #expect(refusal?.code == 42_210_000)
        #expect(refusal?.message == "cannot replace order in accepted status")
    }

    @Test func `a replacement must be affordable and well formed`() throws {
        var desk = Desk { $0.cash = decimal("1000") }
        let id = try desk.trade("buy", "5", "AAPL", limit: "150", more: ["client_order_id": "a"])
        #expect(
            rejection { try desk.apply(.replace, id, ["qty": "7"]) }?.message == "insufficient buying power")
        #expect(rejection { try desk.apply(.replace, id, ["qty": "0"]) }?.message == "qty must be > 0")
        #expect(rejection { try desk.apply(.replace, id, ["limit_price": "1.001"]) }?.status == 422)
        #expect(
            rejection { try desk.apply(.replace, id, ["client_order_id": "a"]) }?.message
                == "client_order_id must be unique")
        #expect(desk.status(id) == "new")
        try desk.apply(.replace, id, ["qty": "6"])
    }

    @Test func `a replaced stop leg takes its place in the group`() throws {
        var desk = Desk()
        let id = try desk.trade(
            "buy", "10", "AAPL",
            more: [
                "order_class": "bracket", "take_profit": ["limit_price": "210"],
                "stop_loss": ["stop_price": "180"],
            ])
        let stop = desk.leg(id, "stop")["id"]?.stringValue ?? ""
        try desk.apply(.replace, stop, ["stop_price": "185"])
        #expect(desk.leg(id, "stop")["stop_price"] == "185")
        #expect(desk.leg(id, "stop")["status"] == "held")
        try desk.price("AAPL", "184")
        #expect(desk.leg(id, "stop")["status"] == "filled")
        #expect(desk.leg(id, "limit")["status"] == "canceled")
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `what has ended cannot be cancelled, what does not exist is not found`() throws {
        var desk = Desk()
        let id = try desk.trade("buy", "1", "AAPL")
        let ended = rejection { try desk.apply(.cancel, id) }
        #expect(ended?.status == 422)
        #expect(ended?.message == "order is already in \"filled\" state")
        #expect(rejection { try desk.apply(.cancel, "0") }?.code == 40_410_000)
    }

    @Test func `cancelling all names every entry once`() throws {
        var desk = Desk()
        let first = try desk.trade("buy", "1", "AAPL", limit: "150")
        let second = try desk.trade(
            "buy", "1", "MSFT", limit: "400",
            more: [
                "order_class": "bracket", "take_profit": ["limit_price": "500"],
                "stop_loss": ["stop_price": "300"],
            ])
        let answer = try desk.apply(.cancelAll)
        #expect(answer.arrayValue?.map { $0["id"]?.stringValue } == [first, second])
        #expect(desk.exchange.openOrders.isEmpty)
    }

    @Test func `closing a position sells what is available`() throws {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        let part = try desk.apply(.close, "AAPL", ["percentage": "25"])
        #expect(part["qty"] == "2.5")
        #expect(part["side"] == "sell")
        #expect(desk.position("AAPL", "qty") == "7.5")
        try desk.apply(.close, "AAPL", ["qty": "0.5"])
        try desk.apply(.close, "AAPL")
        #expect(desk.position("AAPL", "qty") == nil)
        #expect(rejection { try desk.apply(.close, "AAPL") }?.message == "position does not exist")
    }

    @Test func `closing a short position buys`() throws {
        var desk = Desk { $0.isShortingEnabled = true }
        try desk.trade("sell", "5", "AAPL")
        let order = try desk.apply(.close, "AAPL")
        #expect(order["side"] == "buy")
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `closing all answers for each position`() throws {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        try desk.trade("buy", "10", "MSFT")
        try desk.trade("sell", "4", "MSFT", limit: "500")
        let mixed = try desk.apply(.closeAll)
        #expect(mixed[0]?["status"]?.intValue == 200)
        #expect(mixed[1]?["status"]?.intValue == 403)
        #expect(mixed[1]?["body"]?["held_for_orders"] == "4")
        let rest = try desk.apply(.closeAll, "", ["cancel_orders": true])
        #expect(rest.arrayValue?.count == 1)
        #expect(desk.exchange.positions.isEmpty)
    }
}
