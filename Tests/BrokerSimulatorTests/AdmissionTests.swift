import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct AdmissionTests {
    @Test func `a client order id is unique for ever`() throws {
        var desk = Desk()
        let order: JSONObject = [
            "symbol": "AAPL", "side": "buy", "type": "market", "qty": "1", "client_order_id": "cs-1",
        ]
        let id = try desk.submit(order)["id"]?.stringValue ?? ""
        #expect(desk.status(id) == "filled")
        desk.wait(seconds: 90 * 86_400)
        let refusal = desk.refusal(order.merging(["qty": "2"]))
        #expect(refusal?.code == 40_010_001)
        #expect(refusal?.message == "client_order_id must be unique")
        #expect(desk.exchange.sequence.count == 1)
    }

    @Test func `a refused order uses up no client order id`() throws {
        var desk = Desk()
        let order: JSONObject = [
            "symbol": "AAPL", "side": "buy", "type": "market", "qty": "100000", "client_order_id": "cs-1",
        ]
        #expect(desk.refusal(order)?.status == 403)
        try desk.submit(order.merging(["qty": "1"]))
    }

    @Test func `a client order id has at most 128 characters`() throws {
        var desk = Desk()
        let base: JSONObject = ["symbol": "AAPL", "side": "buy", "type": "market", "qty": "1"]
        let long = String(repeating: "x", count: 129)
        #expect(desk.refusal(base.merging(["client_order_id": .string(long)]))?.code == 40_010_001)
        try desk.submit(base.merging(["client_order_id": .string(String(long.dropLast()))]))
    }

    @Test func `open purchases reserve buying power`() throws {
        var desk = Desk { $0.cash = decimal("1000") }
        let id = try desk.trade("buy", "6", "AAPL", limit: "100")
        #expect(desk.account("buying_power") == "400")
        #expect(desk.account("cash") == "1000")
        let refusal = desk.refusal([
            "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "5", "limit_price": "100",
        ])
        #expect(refusal?.code == 40_310_000)
        #expect(refusal?.message == "insufficient buying power")
        #expect(refusal?.extras["buying_power"] == "400")
        #expect(refusal?.extras["cost_basis"] == "500")
        try desk.apply(.cancel, id)
        #expect(desk.account("buying_power") == "1000")
    }

    @Test func `a market purchase must afford a higher price than the last`() throws {
        var desk = Desk { $0.cash = decimal("1000") }
        try desk.price("AAPL", "100")
        #expect(
            desk.refusal(["symbol": "AAPL", "side": "buy", "type": "market", "qty": "10"])?.status == 403)
        try desk.trade("buy", "9", "AAPL")
        #expect(desk.account("cash") == "99.91")
    }

    @Test func `nothing more is sold than is held and not promised`() throws {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        let first = try desk.trade("sell", "7", "AAPL", limit: "250")
        let refusal = desk.refusal(["symbol": "AAPL", "side": "sell", "type": "market", "qty": "4"])
        #expect(refusal?.message == "insufficient qty available for order (requested: 4, available: 3)")
        #expect(refusal?.extras["existing_qty"] == "10")
        #expect(refusal?.extras["held_for_orders"] == "7")
        #expect(refusal?.extras["related_orders"]?[0] == .string(first))
        #expect(desk.position("AAPL", "qty_available") == "3")
        try desk.trade("sell", "3", "AAPL")
        #expect(desk.position("AAPL", "qty") == "7")
    }

    @Test func `one order does not flip a position unless the exchange is told to allow it`() throws {
        var strict = Desk { $0.isShortingEnabled = true }
        try strict.trade("buy", "5", "AAPL")
        #expect(throws: BrokerRejection.self) { try strict.trade("sell", "8", "AAPL") }
        var lenient = Desk {
            $0.isShortingEnabled = true
            $0.allowsPositionFlips = true
        }
        try lenient.trade("buy", "5", "AAPL")
        try lenient.trade("sell", "8", "AAPL")
        #expect(lenient.position("AAPL", "qty") == "-3")
        #expect(lenient.position("AAPL", "side") == "short")
    }

    @Test func `selling short needs permission`() throws {
        var denied = Desk()
        let short: JSONObject = ["symbol": "AAPL", "side": "sell", "type": "market", "qty": "5"]
        #expect(denied.refusal(short)?.message == "account is not allowed to short")
        var allowed = Desk { $0.isShortingEnabled = true }
        try allowed.submit(short)
        #expect(allowed.position("AAPL", "qty") == "-5")
        #expect(allowed.position("AAPL", "avg_entry_price") == "190.49")
        #expect(allowed.position("AAPL", "cost_basis") == "-952.45")
        #expect(allowed.account("cash") == "100952.45")
        #expect(allowed.fills.first?["side"] == "sell_short")
        try allowed.apply(.configure, "", ["no_shorting": true])
        #expect(allowed.refusal(short)?.message == "account is not allowed to short")
        try allowed.trade("buy", "5", "AAPL")
        #expect(allowed.position("AAPL", "qty") == nil)
    }

    @Test func `a suspended account refuses new orders and says who wished it`() throws {
        var desk = Desk()
        try desk.trade("buy", "1", "AAPL")
        let configuration = try desk.apply(.configure, "", ["suspend_trade": true])
        #expect(configuration["suspend_trade"] == true)
        #expect(desk.exchange.accountJSON(at: desk.now)["trade_suspended_by_user"] == true)
        let refusal = desk.refusal(["symbol": "AAPL", "side": "buy", "type": "market", "qty": "1"])
        #expect(refusal?.status == 403)
        #expect(refusal?.message == "new orders are rejected by user request")
        #expect(throws: BrokerRejection.self) { try desk.apply(.close, "AAPL") }
        try desk.apply(.configure, "", ["suspend_trade": false])
        try desk.trade("buy", "1", "AAPL")
    }

    @Test func `a blocked account refuses new orders`() throws {
        var desk = Desk()
        try desk.apply(.account, "", ["trading_blocked": true])
        #expect(desk.refusal(["symbol": "AAPL", "side": "buy", "type": "market", "qty": "1"])?.status == 403)
        #expect(desk.exchange.accountJSON(at: desk.now)["trading_blocked"] == true)
    }

    @Test func `an order must be what its intent says`() {
        var desk = Desk()
        let refusal = desk.refusal([
            "symbol": "AAPL", "side": "buy", "type": "market", "qty": "1", "position_intent": "buy_to_close",
        ])
        #expect(
            refusal?.message
                == "position intent mismatch, inferred: buy_to_open, specified: buy_to_close")
    }

    @Test func `an asset may be withdrawn from trading`() throws {
        var desk = Desk()
        try desk.apply(.asset, "AAPL", ["tradable": false, "fractionable": false])
        let order: JSONObject = ["symbol": "AAPL", "side": "buy", "type": "market", "qty": "1.5"]
        #expect(desk.refusal(order)?.message == "asset \"AAPL\" is not active")
        try desk.apply(.asset, "AAPL", ["tradable": true])
        #expect(desk.refusal(order)?.message == "asset \"AAPL\" is not fractionable")
    }
}
