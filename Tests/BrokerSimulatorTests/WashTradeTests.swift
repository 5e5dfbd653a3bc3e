import JSON
import Testing

@testable import BrokerSimulator

@Suite struct WashTradeTests {
    private func holding() throws -> Desk {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        return desk
    }

    @Test func `buying more beside a resting stop is refused`() throws {
        var desk = try holding()
        let stop = try desk.submit([
            "symbol": "AAPL", "side": "sell", "type": "stop", "stop_price": "180", "qty": "10",
        ])
        let refusal = desk.refusal([
            "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "1", "limit_price": "170",
        ])
        #expect(refusal?.status == 403)
        #expect(refusal?.message == "potential wash trade detected. use complex orders")
        #expect(refusal?.extras["reject_reason"] == "opposite side market/stop order exists")
        #expect(refusal?.extras["existing_order_id"] == stop["id"])
    }

    @Test func `limits are refused only where they cross`() throws {
        var desk = try holding()
        try desk.trade("sell", "5", "AAPL", limit: "200")
        let crossing = desk.refusal([
            "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "1", "limit_price": "200",
        ])
        #expect(crossing?.extras["reject_reason"] == "opposite side limit order exists")
        try desk.trade("buy", "1", "AAPL", limit: "199.99")
    }

    @Test func `bracket orders and other symbols are exempt`() throws {
        var desk = try holding()
        try desk.submit(["symbol": "AAPL", "side": "sell", "type": "stop", "stop_price": "180", "qty": "10"])
        try desk.submit([
            "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "1", "limit_price": "190",
            "order_class": "bracket", "take_profit": ["limit_price": "200"],
            "stop_loss": ["stop_price": "170"],
        ])
        try desk.trade("buy", "1", "MSFT", limit: "400")
    }

    @Test func `the stop of an entry that has not filled does not count`() throws {
        var desk = Desk()
        let oto: JSONObject = [
            "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "1", "limit_price": "150",
            "order_class": "oto", "stop_loss": ["stop_price": "140"],
        ]
        try desk.submit(oto)
        try desk.submit(oto)
        try desk.price("AAPL", "149")
        #expect(desk.position("AAPL", "qty") == "2")
        #expect(desk.refusal(oto)?.message == "potential wash trade detected. use complex orders")
    }
}
