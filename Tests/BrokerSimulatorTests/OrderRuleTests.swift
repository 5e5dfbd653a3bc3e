import JSON
import Testing

@testable import BrokerSimulator

/// A request, and the refusal it must meet.
struct Refused: Sendable, CustomTestStringConvertible {
    let members: JSONObject
    let status: Int
    let code: Int
    let message: String

    var testDescription: String { message }

    init(_ members: JSONObject, _ status: Int, _ code: Int, _ message: String) {
        self.members = members
        self.status = status
        self.code = code
        self.message = message
    }

    static func parameter(_ members: JSONObject, _ message: String) -> Refused {
        Refused(members, 422, 40_010_001, message)
    }

    static func invalid(_ members: JSONObject, _ message: String) -> Refused {
        Refused(members, 422, 42_210_000, message)
    }
}

private let market: JSONObject = ["symbol": "AAPL", "side": "buy", "type": "market", "qty": "1"]
private let limit: JSONObject = [
    "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "1", "limit_price": "190",
]
private let bracket = limit.merging([
    "order_class": "bracket", "take_profit": ["limit_price": "200"], "stop_loss": ["stop_price": "180"],
])

private func with(_ base: JSONObject, _ changes: JSONObject) -> JSONObject { base.merging(changes) }

@Suite struct OrderRuleTests {
    @Test(arguments: [
        Refused.parameter(with(market, ["symbol": nil]), "symbol is required"),
        .parameter(with(market, ["side": ""]), "side is required"),
        .parameter(with(market, ["side": "hold"]), "invalid side"),
        .parameter(with(market, ["type": nil]), "type is required"),
        .parameter(with(market, ["time_in_force": "forever"]), "invalid time_in_force"),
        .parameter(with(market, ["symbol": "ZZZX"]), "asset \"ZZZX\" not found"),
        .parameter(with(market, ["qty": nil]), "qty or notional is required"),
        .parameter(with(market, ["notional": "10"]), "only one of qty or notional is accepted"),
        .parameter(with(market, ["qty": "0"]), "qty must be > 0"),
        .parameter(with(market, ["qty": "-1"]), "qty must be > 0"),
        .parameter(with(market, ["qty": "one"]), "qty is not a valid number"),
        .parameter(with(market, ["qty": "1e30"]), "qty is not a valid number"),
        .parameter(with(market, ["qty": "1000000000"]), "qty is too large"),
        .parameter(with(market, ["qty": "1.0123456789"]), "qty must be limited to 9 decimal places"),
        .parameter(with(limit, ["limit_price": nil]), "limit orders require limit price"),
        .parameter(with(limit, ["limit_price": "0"]), "limit_price must be > 0"),
        .parameter(with(limit, ["type": "stop_limit"]), "stop limit orders require stop price"),
        .parameter(with(market, ["limit_price": "1"]), "market orders must not have limit price"),
        .parameter(with(market, ["stop_price": "1"]), "market orders must not have stop price"),
        .parameter(
            with(market, ["type": "trailing_stop"]),
            "trailing stop orders require trail_price or trail_percent"),
        .parameter(
            with(limit, ["limit_price": "300"]), "limit price is more than 50% away from the market"),
        .invalid(
            with(limit, ["limit_price": "190.001"]),
            "invalid limit_price 190.001. sub-penny increment does not fulfill minimum pricing criteria"),
        .invalid(
            with(limit, ["symbol": "SNDL", "limit_price": "0.81255"]),
            "invalid limit_price 0.81255. sub-penny increment does not fulfill minimum pricing criteria"),
        .invalid(
            with(market, ["extended_hours": true]), "extended hours order must be DAY or GTC limit orders"),
        .invalid(
            with(limit, ["type": "stop", "limit_price": nil, "stop_price": "195", "time_in_force": "ioc"]),
            "ioc orders must be market or limit orders"),
    ]) func `refuses a request that is wrong by itself`(_ wanted: Refused) {
        expect(wanted)
    }

    @Test(arguments: [
        Refused.invalid(
            with(market, ["qty": "0.5", "time_in_force": "gtc"]), "fractional orders must be DAY orders"),
        .invalid(with(bracket, ["qty": "1.5"]), "fractional orders must be simple orders"),
        .invalid(
            with(limit, ["qty": "0.5", "extended_hours": true]),
            "fractional orders are not allowed in extended hours"),
        Refused(
            with(market, ["qty": "0.001"]), 403, 40_310_000,
            "cost basis must be >= minimal amount of order 1"),
        Refused(
            with(market, ["qty": nil, "notional": "0.99"]), 403, 40_310_000,
            "cost basis must be >= minimal amount of order 1"),
        .parameter(
            with(market, ["qty": nil, "notional": "10.001"]),
            "notional value must be limited to 2 decimal places"),
        .invalid(
            with(market, ["side": "sell", "qty": "0.5"]), "fractional orders cannot be sold short"),
    ]) func `refuses a fraction where only whole shares go`(_ wanted: Refused) {
        expect(wanted)
    }

    @Test(arguments: [
        Refused.invalid(
            with(bracket, ["take_profit": nil]), "bracket orders require take_profit.limit_price"),
        .invalid(with(bracket, ["stop_loss": [:]]), "bracket orders require stop_loss.stop_price"),
        .invalid(with(bracket, ["time_in_force": "ioc"]), "bracket orders must be DAY or GTC orders"),
        .invalid(
            with(bracket, ["extended_hours": true]), "bracket orders must not be extended hours orders"),
        .invalid(
            with(bracket, ["take_profit": ["limit_price": "180"]]),
            "take_profit.limit_price must be > stop_loss.stop_price"),
        .invalid(
            with(bracket, ["stop_loss": ["stop_price": "190"]]),
            "stop_loss.stop_price must be <= base_price - 0.01"),
        .invalid(
            with(bracket, ["take_profit": ["limit_price": "190"]]),
            "take_profit.limit_price must be >= base_price + 0.01"),
        .invalid(
            with(bracket, ["order_class": "oto"]), "oto orders must not have both take_profit and stop_loss"),
        .invalid(
            with(limit, ["order_class": "oto"]),
            "oto orders require take_profit.limit_price or stop_loss.stop_price"),
        .invalid(with(market, ["order_class": "oco"]), "oco orders must be limit orders"),
        .invalid(with(bracket, ["order_class": "oco", "side": "sell"]), "oco orders must be exit orders"),
        .invalid(with(bracket, ["order_class": ""]), "simple orders must not have take_profit or stop_loss"),
        .invalid(
            with(market, ["order_class": "mleg"]), "multi-leg orders are not supported by the simulator"),
        .parameter(with(market, ["order_class": "heap"]), "invalid order_class"),
    ]) func `refuses a group of orders that makes no sense`(_ wanted: Refused) {
        expect(wanted)
    }

    @Test(arguments: [
        Refused.invalid(
            with(market, ["side": "sell", "type": "stop", "stop_price": "190.5"]),
            "stop price must be less than current price"),
        .invalid(
            with(market, ["type": "stop", "stop_price": "190.5"]),
            "stop price must be greater than current price"),
    ]) func `refuses a stop that would trade at once`(_ wanted: Refused) {
        expect(wanted)
    }

    @Test func `names the base price beside a stop's refusal`() {
        var desk = Desk()
        let refusal = desk.refusal(with(bracket, ["stop_loss": ["stop_price": "190"]]))
        #expect(refusal?.extras["base_price"] == "190")
    }

    @Test func `takes the edges of its rules`() throws {
        var desk = Desk()
        try desk.submit(with(limit, ["limit_price": "190.01"]))
        try desk.submit(with(limit, ["symbol": "SNDL", "limit_price": "0.8124"]))
        try desk.submit(
            with(
                bracket,
                [
                    "symbol": "MSFT", "limit_price": "420", "take_profit": ["limit_price": "420.01"],
                    "stop_loss": ["stop_price": "419.99"],
                ]))
        #expect(desk.exchange.sequence.count == 5)
    }

    @Test func `takes numbers as numbers or as text and empty fields as absent`() throws {
        var desk = Desk()
        let body = try JSONParser.parse(
            Array(
                """
                {"symbol":"AAPL","side":"buy","type":"limit","qty":2.0,"limit_price":10.5,
                "time_in_force":"day","order_class":"","client_order_id":"","notional":null,
                "take_profit":null,"extended_hours":false}
                """.utf8))
        let order = try desk.apply(.submit, "", body)
        #expect(order["qty"]?.stringValue == "2")
        #expect(order["limit_price"]?.stringValue == "10.5")
        #expect(order["order_class"]?.stringValue == "")
        #expect(order["client_order_id"]?.stringValue?.count == 36)
    }

    @Test func `refuses a body that is no object`() throws {
        var desk = Desk()
        #expect(throws: BrokerRejection.self) { try desk.apply(.submit, "", "buy") }
        #expect(desk.exchange.sequence.isEmpty)
    }

    private func expect(_ wanted: Refused) {
        var desk = Desk { $0.isShortingEnabled = true }
        let refusal = desk.refusal(wanted.members)
        #expect(refusal?.message == wanted.message)
        #expect(refusal?.status == wanted.status)
        #expect(refusal?.code == wanted.code)
        #expect(desk.exchange.sequence.isEmpty)
    }
}
