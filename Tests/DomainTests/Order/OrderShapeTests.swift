import Domain
import JSON
import Testing

struct OrderShapeTests {
    @Test(arguments: [
        Sample.terms(), Sample.terms(.sell, .market), Sample.terms(.buy, .stop, stop: "101"),
        Sample.terms(.buy, .stopLimit, limit: "102", stop: "101", tif: .gtc),
        Sample.terms(limit: "0.1234"), Sample.terms(limit: "1.00"), Sample.terms(tif: .opg),
        Sample.terms(.buy, .market, tif: .cls), Sample.terms(tif: .ioc), Sample.terms(tif: .fok),
        Sample.terms(qty: "0.01"), Sample.terms(stopLoss: "99.99", takeProfit: "100.01"),
        Sample.terms(.sell, stopLoss: "100.01", stopLossLimit: "100.01", takeProfit: "99.99"),
        Sample.terms(.buy, .market, stopLoss: "90", takeProfit: "110"),
        Sample.terms(tif: .gtc, stopLoss: "92"),
        Sample.terms(symbol: "BRK.B"),
    ])
    func `takes what the broker takes`(terms: OrderTerms) {
        #expect(OrderShape.faults(terms) == [])
    }

    @Test(arguments: [
        (Sample.terms(limit: nil), ["/limit_price"]),
        (Sample.terms(.buy, .market, stop: "90"), ["/stop_price"]),
        (Sample.terms(.buy, .stop), ["/stop_price"]),
        (Sample.terms(.buy, .stopLimit, limit: nil), ["/limit_price", "/stop_price"]),
        (Sample.terms(qty: "0"), ["/qty"]), (Sample.terms(qty: "-1"), ["/qty"]),
        (Sample.terms(qty: "1000000001", limit: "1"), ["/qty"]),
        (Sample.terms(qty: "1000000", limit: "1000001"), ["/qty"]),
        (Sample.terms(limit: "10000001"), ["/limit_price"]), (Sample.terms(limit: "0"), ["/limit_price"]),
        (Sample.terms(symbol: "nvda"), ["/symbol"]), (Sample.terms(symbol: "7UP"), ["/symbol"]),
        (Sample.terms(symbol: ""), ["/symbol"]), (Sample.terms(symbol: "ABCDEFGHIJK"), ["/symbol"]),
        (Sample.terms(symbol: "BTC/USD"), ["/symbol"]), (Sample.terms(symbol: "N\u{0410}"), ["/symbol"]),
    ])
    func `refuses what is no order of its type`(terms: OrderTerms, pointers: [String]) {
        #expect(OrderShape.structuralFaults(terms).map(\.pointer) == pointers)
    }

    @Test(arguments: [
        (Sample.terms(limit: "100.001"), ["/limit_price"]),
        (Sample.terms(limit: "0.12345"), ["/limit_price"]),
        (Sample.terms(stopLoss: "91.995"), ["/stop_loss/stop_price"]),
        (Sample.terms(qty: "0.5", tif: .gtc), ["/time_in_force"]),
        (Sample.terms(qty: "1.5", stopLoss: "92"), ["/qty"]),
        (Sample.terms(qty: "0.0099"), ["/qty"]), (Sample.terms(qty: "0.0100000001"), ["/qty"]),
        (Sample.terms(tif: .fok, stopLoss: "92"), ["/time_in_force"]),
        (Sample.terms(tif: .opg, stopLoss: "92", takeProfit: "110"), ["/time_in_force"]),
        (Sample.terms(.buy, .stop, stop: "101", tif: .ioc), ["/time_in_force"]),
        (Sample.terms(stopLoss: "100"), ["/stop_loss/stop_price"]),
        (Sample.terms(limit: "0.5", stopLoss: "0.495"), ["/stop_loss/stop_price"]),
        (Sample.terms(.sell, stopLoss: "99"), ["/stop_loss/stop_price"]),
        (Sample.terms(stopLoss: "92", stopLossLimit: "92.01"), ["/stop_loss/limit_price"]),
        (Sample.terms(.sell, stopLoss: "108", stopLossLimit: "107"), ["/stop_loss/limit_price"]),
        (Sample.terms(takeProfit: "100"), ["/take_profit/limit_price"]),
        (Sample.terms(.sell, takeProfit: "100"), ["/take_profit/limit_price"]),
        (Sample.terms(.buy, .market, stopLoss: "110", takeProfit: "110"), ["/take_profit/limit_price"]),
        (Sample.terms(.buy, .stop, stop: "101", stopLoss: "101"), ["/stop_loss/stop_price"]),
    ])
    func `refuses what the broker refuses`(terms: OrderTerms, pointers: [String]) {
        #expect(OrderShape.structuralFaults(terms) == [])
        #expect(OrderShape.brokerFaults(terms).map(\.pointer) == pointers)
    }

    @Test func `names every fault at once`() {
        let terms = Sample.terms(
            qty: "1.5", limit: "100.001", tif: .ioc, stopLoss: "120.001", takeProfit: "90")
        #expect(
            OrderShape.faults(terms).map(\.pointer) == [
                "/limit_price", "/stop_loss/stop_price", "/time_in_force", "/qty", "/time_in_force",
                "/stop_loss/stop_price", "/take_profit/limit_price", "/take_profit/limit_price",
            ])
    }
}
