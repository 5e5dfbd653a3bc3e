import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct OrderTypeTests {
    @Test func `a market order is taken as pending and fills at the quote`() throws {
        var desk = Desk()
        let answer = try desk.submit(["symbol": "AAPL", "side": "buy", "type": "market", "qty": "3"])
        #expect(answer["status"] == "pending_new")
        #expect(answer["filled_qty"] == "0")
        let id = answer["id"]?.stringValue ?? ""
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_avg_price") == "190.51")
        #expect(desk.text(id, "filled_qty") == "3")
        #expect(desk.account("cash") == "99428.47")
        #expect(desk.exchange.takeUpdates().map(\.event) == ["pending_new", "new", "fill"])
    }

    @Test func `a limit order waits for its price and gets a better one where there is one`() throws {
        var desk = Desk()
        let id = try desk.trade("buy", "2", "AAPL", limit: "190")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "189.99")
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_avg_price") == "190")
        let better = try desk.trade("buy", "2", "AAPL", limit: "195")
        #expect(desk.text(better, "filled_avg_price") == "190")
    }

    @Test func `a sale at a limit never gets less`() throws {
        var desk = Desk()
        try desk.trade("buy", "2", "AAPL")
        let id = try desk.trade("sell", "2", "AAPL", limit: "200")
        try desk.price("AAPL", "200")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "200.01")
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_avg_price") == "200")
    }

    @Test func `a sell stop becomes a market order when touched`() throws {
        var desk = Desk()
        try desk.trade("buy", "2", "AAPL")
        let id =
            try desk.submit([
                "symbol": "AAPL", "side": "sell", "type": "stop", "stop_price": "180", "qty": "2",
            ])["id"]?.stringValue ?? ""
        try desk.price("AAPL", "180.01")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "150")
        #expect(desk.text(id, "filled_avg_price") == "149.99")
    }

    @Test func `a buy stop does not chase beyond its collar`() throws {
        var desk = Desk()
        let id =
            try desk.submit([
                "symbol": "AAPL", "side": "buy", "type": "stop", "stop_price": "200", "qty": "2",
            ])["id"]?.stringValue ?? ""
        try desk.price("AAPL", "210")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "204.99")
        #expect(desk.text(id, "filled_avg_price") == "205")
    }

    @Test func `a stop limit waits for its limit once touched`() throws {
        var desk = Desk()
        try desk.trade("buy", "2", "AAPL")
        let id =
            try desk.submit([
                "symbol": "AAPL", "side": "sell", "type": "stop_limit", "stop_price": "180",
                "limit_price": "179",
                "qty": "2",
            ])["id"]?.stringValue ?? ""
        try desk.price("AAPL", "170")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "185")
        #expect(desk.text(id, "filled_avg_price") == "184.99")
    }

    @Test func `a trailing stop follows the price up and never down`() throws {
        var desk = Desk()
        try desk.price("AAPL", "100")
        try desk.trade("buy", "2", "AAPL")
        let id =
            try desk.submit([
                "symbol": "AAPL", "side": "sell", "type": "trailing_stop", "trail_percent": "10", "qty": "2",
            ])["id"]?.stringValue ?? ""
        #expect(desk.text(id, "stop_price") == "90")
        try desk.price("AAPL", "120")
        #expect(desk.text(id, "hwm") == "120")
        try desk.price("AAPL", "110")
        #expect(desk.text(id, "stop_price") == "108")
        #expect(desk.status(id) == "new")
        try desk.price("AAPL", "108")
        #expect(desk.text(id, "filled_avg_price") == "107.99")
    }

    @Test func `an immediate order gets what there is or nothing`() throws {
        var desk = Desk()
        let missed = try desk.trade("buy", "2", "AAPL", limit: "190", more: ["time_in_force": "ioc"])
        #expect(desk.status(missed) == "canceled")
        try desk.apply(.partialFill, "", ["qty": "3"])
        let part = try desk.trade("buy", "5", "AAPL", limit: "195", more: ["time_in_force": "ioc"])
        #expect(desk.status(part) == "canceled")
        #expect(desk.text(part, "filled_qty") == "3")
        try desk.apply(.partialFill, "", ["qty": "3"])
        let all = try desk.trade("buy", "5", "AAPL", limit: "195", more: ["time_in_force": "fok"])
        #expect(desk.text(all, "filled_qty") == "5")
    }

    @Test func `an amount buys a fraction and never more than the amount`() throws {
        var desk = Desk()
        let id =
            try desk.submit(["symbol": "AAPL", "side": "buy", "type": "market", "notional": "1000"])["id"]?
            .stringValue ?? ""
        #expect(desk.status(id) == "filled")
        #expect(desk.text(id, "filled_qty") == "5.24906829")
        #expect(desk.order(id)["qty"] == .null)
        #expect(desk.text(id, "notional") == "1000")
        #expect(desk.account("cash") == "99000")
    }

    @Test func `nothing trades without a quote`() throws {
        var desk = Desk()
        try desk.apply(.price, "AAPL", ["bid": "0", "ask": "0"])
        let id = try desk.trade("buy", "2", "AAPL")
        #expect(desk.status(id) == "new")
        #expect(desk.exchange.quoteJSON("AAPL", at: desk.now)?["ap"]?.numberText == "0")
        try desk.price("AAPL", "190")
        #expect(desk.status(id) == "filled")
    }

    @Test func `fills wait for the delay they are given`() throws {
        var desk = Desk { $0.fillDelayMicroseconds = 2_000_000 }
        let id = try desk.trade("buy", "2", "AAPL")
        #expect(desk.status(id) == "new")
        desk.wait(seconds: 1)
        #expect(desk.status(id) == "new")
        desk.wait(seconds: 1)
        #expect(desk.status(id) == "filled")
    }

    @Test func `the market may reject what it has accepted`() throws {
        var desk = Desk()
        try desk.apply(.reject)
        let rejected = try desk.trade("buy", "2", "AAPL")
        let next = try desk.trade("buy", "2", "AAPL")
        #expect(desk.status(rejected) == "rejected")
        #expect(desk.text(rejected, "failed_at") != nil)
        #expect(desk.status(next) == "filled")
        #expect(desk.account("buying_power") == "99618.98")
    }
}
