import Domain
import JSON
import Testing

struct OrderTermsTests {
    @Test func `reads as one line`() {
        let terms = Sample.terms(qty: "400", limit: "118.2")
        #expect(terms.headline == "BUY 400 NVDA LIMIT 118.20 DAY")
        #expect(Sample.terms(.sell, qty: "0.5", .market).headline == "SELL 0.5 NVDA MARKET DAY")
        #expect(
            Sample.terms(.buy, .stopLimit, limit: "102", stop: "101", tif: .gtc).headline
                == "BUY 10 NVDA STOP 101.00 LIMIT 102.00 GTC")
        #expect(Sample.terms(limit: "0.1234").headline == "BUY 10 NVDA LIMIT 0.1234 DAY")
    }

    @Test func `is of the class its exits make it`() {
        #expect(Sample.terms().orderClass == .simple)
        #expect(Sample.terms(stopLoss: "92").orderClass == .oto)
        #expect(Sample.terms(takeProfit: "110").orderClass == .oto)
        #expect(Sample.terms(stopLoss: "92", takeProfit: "110").orderClass == .bracket)
    }

    @Test func `values on the careful side`() {
        let market = Sample.decimal("105")
        #expect(Sample.terms().workingPrice(reference: market) == Sample.decimal("100"))
        #expect(Sample.terms(.buy, .market).workingPrice(reference: market) == market)
        #expect(Sample.terms(.buy, .market).workingPrice(reference: nil) == nil)
        #expect(Sample.terms(.buy, .stop, stop: "103").workingPrice(reference: market) == market)
        #expect(
            Sample.terms(.buy, .stop, stop: "107").workingPrice(reference: market) == Sample.decimal("107"))
        #expect(Sample.terms(.sell).workingPrice(reference: market) == market)
        #expect(Sample.terms(.sell, limit: "120").workingPrice(reference: market) == Sample.decimal("120"))
        #expect(Sample.terms().notional(reference: nil) == Sample.decimal("1000"))
    }

    @Test func `sets aside what the broker sets aside`() {
        let fifty = ExactDecimal(50)
        #expect(Sample.terms().reservePrice(reference: fifty) == Sample.decimal("100"))
        #expect(Sample.terms(.buy, .market).reservePrice(reference: fifty) == Sample.decimal("51.25"))
        #expect(
            Sample.terms(.buy, .market).reservePrice(reference: Sample.decimal("49.99"))
                == Sample.decimal("51.9896"))
        #expect(Sample.terms(.sell).reservePrice(reference: ExactDecimal(100)) == ExactDecimal(103))
        #expect(
            Sample.terms(.sell, limit: "110").reservePrice(reference: ExactDecimal(100)) == ExactDecimal(110))
    }

    @Test func `is hashed as sorted names and shortest decimals`() {
        let terms = Sample.terms(qty: "400.0", limit: "118.20", stopLoss: "108.70", takeProfit: "130")
        #expect(
            terms.canonical(clientOrderID: "cs-paper-1")
                == #"{"client_order_id":"cs-paper-1","limit_price":"118.2","order_class":"bracket","qty":"400","#
                + #""side":"buy","stop_loss":{"stop_price":"108.7"},"symbol":"NVDA","#
                + #""take_profit":{"limit_price":"130"},"time_in_force":"day","type":"limit"}"#)
        var other = terms
        other.qty = Sample.decimal("401")
        #expect(other.canonical(clientOrderID: "cs-paper-1") != terms.canonical(clientOrderID: "cs-paper-1"))
        #expect(terms.canonical(clientOrderID: "cs-paper-2") != terms.canonical(clientOrderID: "cs-paper-1"))
    }

    @Test(arguments: [
        Sample.terms(), Sample.terms(.sell, .market),
        Sample.terms(.buy, .stopLimit, limit: "102", stop: "101"),
        Sample.terms(qty: "3", stopLoss: "92", stopLossLimit: "91.5", takeProfit: "110"),
        Sample.terms(qty: "0.000000001", .market, tif: .ioc),
    ])
    func `survives being written and read`(terms: OrderTerms) throws {
        var object = terms.json
        object["id"] = "x"
        #expect(try OrderTerms.parse(.object(object)) == terms)
    }

    @Test func `refuses a document that is no order`() {
        #expect(throws: ValidationFailure.self) { try OrderTerms.parse(["symbol": "NVDA"]) }
        #expect(throws: ValidationFailure.self) { try OrderTerms.parse(.null) }
        var object = Sample.terms().json
        object["limit_price"] = nil
        #expect(throws: ValidationFailure.self) { try OrderTerms.parse(.object(object)) }
    }

    @Test func `products never trap`() {
        let largest = Sample.decimal("999999999999999.999999999999999999")
        let smallest = Sample.decimal("0.000000000000000001")
        let ceiling = Sample.decimal("1e14") * ExactDecimal(10)
        #expect(largest.saturatingProduct(largest) == ceiling)
        #expect((-largest).saturatingProduct(largest) == -ceiling)
        #expect(largest.saturatingProduct(smallest) == Sample.decimal("0.001"))
        #expect(smallest.saturatingProduct(smallest) == .zero)
        #expect(Sample.decimal("0.000000001").saturatingProduct(Sample.decimal("0.0001")).decimalPlaces == 13)
        #expect(largest.ratio(to: Sample.decimal("0.000000001")) != nil)
        #expect(largest.ratio(to: smallest) == nil)
        #expect(ExactDecimal(1).ratio(to: ExactDecimal(3)) == Sample.decimal("0.333333333333"))
    }
}
