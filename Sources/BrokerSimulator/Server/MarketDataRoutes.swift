import Domain
import HTTPServer
import JSON

extension BrokerResponder {
    /// The routes of the market data interface.
    func addMarketDataRoutes(to router: inout Router) {
        addMarketData(&router, "quotes/latest", plural: "quotes", singular: "quote") {
            $0.quoteJSON($1, at: $2)
        }
        addMarketData(&router, "trades/latest", plural: "trades", singular: "trade") {
            $0.tradeJSON($1, at: $2)
        }
        on(&router, .get, "/v2/stocks/bars") { (request, core) throws(BrokerRejection) in
            try Self.bars(request, core)
        }
        on(&router, .get, "/v2/stocks/snapshots") { (request, core) throws(BrokerRejection) in
            Answer(.object(try Self.collect(request, core) { $0.snapshotJSON($1, at: $2) }))
        }
        on(&router, .get, "/v2/stocks/{symbol}/snapshot") { (request, core) throws(BrokerRejection) in
            let symbol = request.parameter("symbol").uppercased()
            let snapshot = try core.read { $0.snapshotJSON(symbol, at: $1)?.objectValue }
            guard let snapshot else { throw Self.unknownSymbol(symbol) }
            return Answer(.object((["symbol": .string(symbol)] as JSONObject).merging(snapshot)))
        }
    }

    /// Daily bars of up to 100 symbols, on one page.
    private static func bars(_ request: HTTPRequest, _ core: SimulatorCore) throws(BrokerRejection) -> Answer
    {
        guard let symbols = request.list("symbols"), !symbols.isEmpty, symbols.count <= 100 else {
            throw BrokerRejection(status: 400, code: 40_010_000, message: "symbols: 1 to 100 are required")
        }
        guard request.value("timeframe")?.lowercased() == "1day" else {
            throw .badParameter("timeframe: only 1Day is served here")
        }
        let today = try core.read { _, now in NewYork.date(now) }
        let first = try day(request, "start") ?? today.adding(days: -30)
        let last = try day(request, "end") ?? today
        var found = JSONObject()
        for symbol in symbols where first <= last {
            let bars = try core.bars(of: symbol, first...last)
            if !bars.isEmpty { found[symbol] = .array(bars.map(\.alpacaJSON)) }
        }
        return Answer(["bars": .object(found), "next_page_token": .null])
    }

    /// A day, or the day in New York of an instant.
    private static func day(_ request: HTTPRequest, _ name: String) throws(BrokerRejection) -> CalendarDate? {
        guard let text = request.value(name) else { return nil }
        if let day = CalendarDate(text) { return day }
        guard let instant = Timestamp(rfc3339: text) else { throw .badParameter("invalid \(name)") }
        return NewYork.date(instant)
    }

    private typealias Lookup = @Sendable (SimulatedExchange, String, Timestamp) -> JSONValue?

    private func addMarketData(
        _ router: inout Router, _ path: String, plural: String, singular: String, _ lookup: @escaping Lookup
    ) {
        on(&router, .get, "/v2/stocks/\(path)") { (request, core) throws(BrokerRejection) in
            Answer(.object([plural: .object(try Self.collect(request, core, lookup))]))
        }
        on(&router, .get, "/v2/stocks/{symbol}/\(path)") { (request, core) throws(BrokerRejection) in
            let symbol = request.parameter("symbol").uppercased()
            guard let value = try core.read({ lookup($0, symbol, $1) }) else {
                throw Self.unknownSymbol(symbol)
            }
            return Answer(["symbol": .string(symbol), singular: value])
        }
    }

    /// One member for each symbol that exists.
    private static func collect(
        _ request: HTTPRequest, _ core: SimulatorCore, _ lookup: @escaping Lookup
    ) throws(BrokerRejection) -> JSONObject {
        guard let symbols = request.list("symbols"), !symbols.isEmpty, symbols.count <= 500 else {
            throw BrokerRejection(status: 400, code: 40_010_000, message: "symbols: 1 to 500 are required")
        }
        return try core.read { exchange, now in
            var found = JSONObject()
            for symbol in symbols { found[symbol] = lookup(exchange, symbol, now) }
            return found
        }
    }

    private static func unknownSymbol(_ symbol: String) -> BrokerRejection {
        BrokerRejection(status: 400, code: 40_010_000, message: "invalid symbol: \(symbol)")
    }
}
