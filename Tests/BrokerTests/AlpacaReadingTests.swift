import Broker
import BrokerSimulator
import Domain
import HTTPServer
import JSON
import Testing

/// Asking: the account, orders, fills and quotes, with the broker's gaps and traps.
@Suite struct AlpacaReadingTests {
    private func buy(_ symbol: String, _ qty: Int, _ limit: Int) -> OrderTerms {
        OrderTerms(
            symbol: symbol, side: .buy, qty: ExactDecimal(qty), type: .limit, limitPrice: ExactDecimal(limit))
    }

    @Test func `account, clock, calendar, positions and fills tell what happened`() async throws {
        try await withSimulator { simulator, broker in
            simulator.setPrice("NVDA", try decimal("118"))
            _ = try await broker.submit(buy("NVDA", 10, 120), clientOrderID: "one")
            let order = try await broker.order(clientOrderID: "one")
            #expect(order.status == .filled)
            #expect(order.filledQty == ExactDecimal(10))
            #expect(order.isFinal)

            let account = try await broker.account()
            #expect(account.accountNumber == "SIM1")
            #expect(account.json["equity"]?.stringValue != nil)
            #expect(try await broker.clock().isOpen)
            let days = try await broker.calendar(from: "2026-11-23", through: "2026-11-27")
            #expect(!days.isEmpty)
            #expect(try await broker.positions().map(\.symbol) == ["NVDA"])

            let fills = try await broker.fills(since: testNow.adding(seconds: -60))
            #expect(fills.map(\.orderID) == [order.id])
            #expect(fills.reduce(.zero) { $0 + $1.qty } == ExactDecimal(10))
            #expect(try await broker.openOrders().isEmpty)
            #expect(try await broker.orders(since: testNow.adding(seconds: -60)).map(\.id) == [order.id])
        }
    }

    @Test
    func `daily bars come in order, made ones and given ones, and none of what the broker does not know`()
        async throws
    {
        try await withSimulator { simulator, broker in
            let (first, last) = (
                try #require(CalendarDate("2026-11-02")), try #require(CalendarDate("2026-11-20"))
            )
            let made = try await broker.dailyBars("NVDA", from: first, through: last)
            #expect(made.count == 12 && made.map(\.day) == made.map(\.day).sorted())
            #expect(try await broker.dailyBars("NVDA", from: first, through: last) == made)
            await simulator.script(
                "bars/AMD",
                [
                    "bars": [
                        ["day": "2026-11-03", "open": "10.5", "high": "11", "low": "10", "close": "10.25"]
                    ]
                ])
            let given = try await broker.dailyBars("AMD", from: first, through: last)
            let close = try decimal("10.25")
            #expect(given.count == 1 && given.first?.close == close)
            #expect(given.first?.day == CalendarDate("2026-11-03"))
            #expect(try await broker.dailyBars("ZZZQ", from: first, through: last).isEmpty)
            #expect(try await broker.dailyBars("../x", from: first, through: last).isEmpty)
        }
    }

    @Test(arguments: [
        "{}", #"{"bars": {"NVDA": [{"t": "2026-11-03T05:00:00Z"}]}}"#,
        #"{"bars": {"NVDA": [{"t": "2026-11-03T05:00:00Z", "o": 1, "h": 0.5, "l": 1, "c": 1}]}}"#,
    ])
    func `bars that make no sense are no answer`(_ body: String) async throws {
        let server = try CannedServer { _ in .json(body) }
        let day = try #require(CalendarDate("2026-11-03"))
        await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).dailyBars("NVDA", from: day, through: day)
        }
    }

    @Test func `the broker says which symbols it takes orders in`() async throws {
        try await withSimulator { simulator, broker in
            await simulator.script("assets/XOM", ["tradable": false])
            // What is no symbol does not become part of an address.
            let expected: [(symbol: String, reason: UntradedReason?)] = [
                ("NVDA", nil), ("BRK.B", nil), ("XOM", .notTradable), ("ZZZQ", .unknown),
                ("../account", .unknown),
            ]
            for (symbol, reason) in expected {
                let told = try await broker.untradedReason(of: symbol)
                #expect(told == reason, "\(symbol)")
            }
        }
    }

    @Test(arguments: ["{}", #"{"tradable": "yes"}"#, "[]", ""])
    func `an asset that makes no sense says nothing of its symbol`(_ body: String) async throws {
        let server = try CannedServer { _ in .json(body) }
        await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).untradedReason(of: "NVDA")
        }
        await server.stop()
    }

    @Test(arguments: [401, 403, 429, 500, 503])
    func `a broker that refuses to say does not make a symbol unknown`(_ status: Int) async throws {
        let server = try CannedServer { _ in .json(#"{"code": 1, "message": "no"}"#, status: status) }
        await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).untradedReason(of: "NVDA")
        }
        await server.stop()
    }

    @Test func `what the server reads is what the broker wrote`() async throws {
        try await withSimulator { simulator, broker in
            simulator.setPrice("NVDA", try decimal("118"))
            var bracket = buy("NVDA", 10, 120)
            bracket.stopLoss = StopLoss(stopPrice: try decimal("100"))
            bracket.takeProfitLimitPrice = try decimal("140")
            _ = try await broker.submit(bracket, clientOrderID: "one")
            let open = try await broker.openOrders()
            let report: JSONValue = [
                "account": try await broker.account().json,
                "positions": .array(try await broker.positions().map(\.json)),
                "open_orders": .array(open.map(\.json)), "clock": try await broker.clock().json,
            ]
            let snapshot = try AccountSnapshot.parse(report, receivedAt: testNow)
            #expect(snapshot.positions.map(\.qty) == [ExactDecimal(10)])
            #expect(snapshot.openOrders.filter(\.isExit).count == 2)
            #expect(snapshot.clock?.isOpen == true)
        }
    }

    @Test func `cancelling is asked for once, and a final order cannot be cancelled`() async throws {
        try await withSimulator { simulator, broker in
            simulator.setPrice("NVDA", try decimal("118"))
            let open = try await broker.submit(buy("NVDA", 10, 50), clientOrderID: "one")
            #expect(try await broker.openOrders().map(\.id) == [open.id])
            try await broker.cancel(id: open.id)
            #expect(try await broker.order(id: open.id).status == .canceled)
            let error = await #expect(throws: BrokerError.self) { try await broker.cancel(id: open.id) }
            guard case .rejected(status: 422, _) = error?.kind else {
                Issue.record("\(String(describing: error?.kind))")
                return
            }
        }
    }

    @Test func `an order that is not there is not found`() async throws {
        try await withSimulator { _, broker in
            let error = await #expect(throws: BrokerError.self) {
                _ = try await broker.order(clientOrderID: "nobody's order & more")
            }
            #expect(error?.kind == .notFound)
        }
    }

    @Test func `open orders are read past the broker's page, even where they share an instant`() async throws
    {
        try await withSimulator({ $0.cash = ExactDecimal(100_000_000) }) { simulator, broker in
            simulator.setPrice("NVDA", try decimal("118"))
            for number in 1...520 {
                simulator.setTime(testNow.adding(seconds: number / 7), frozen: true)
                _ = try await broker.submit(buy("NVDA", 1, 50), clientOrderID: "order-\(number)")
            }
            let orders = try await broker.openOrders()
            #expect(Set(orders.map(\.id)).count == 520)
            #expect(orders.count == 520)
        }
    }

    @Test func `an unknown symbol does not hide the quotes of the others`() async throws {
        let server = try CannedServer { request in
            let symbols = (request.query.first("symbols") ?? "").split(separator: ",")
            if symbols.contains("NOPE") {
                return .json(#"{"message":"invalid symbol: NOPE"}"#, status: 400)
            }
            let quotes = symbols.map {
                #""\#($0)":{"ap":118.21,"bp":118.2,"t":"2026-11-23T14:30:00.123456789Z"}"#
            }
            return .json("{\"quotes\":{\(quotes.joined(separator: ","))}}")
        }
        let quotes = try await alpaca(at: server.url).quotes(["AAPL", "NOPE", "NVDA"])
        #expect(Set(quotes.map(\.symbol)) == ["AAPL", "NVDA"])
        #expect(quotes.first?.ask.description == "118.21")
        #expect(quotes.first?.receivedAt == testNow)
        await server.stop()
    }

    @Test func `an unknown word for the state counts as open`() {
        let order = BrokerOrder(id: "a", clientOrderID: "b", symbol: "NVDA", statusWord: "on_the_moon")
        #expect(order.status == nil)
        #expect(!order.isFinal)
    }

    @Test func `a list with an order that makes no sense is no list`() async throws {
        let server = try CannedServer { _ in
            .json(
                #"[{"id":"a","client_order_id":"b","symbol":"NVDA","status":"new"},{"id":"c"}]"#
            )
        }
        let error = await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).openOrders()
        }
        #expect(error?.kind == .noAnswer)
        await server.stop()
    }

    @Test func `the address must fit the mode`() {
        #expect(TradingHost.objection(to: "https://api.alpaca.markets", mode: .paper) != nil)
        #expect(TradingHost.objection(to: "https://API.alpaca.markets:443/v2", mode: .paper) != nil)
        #expect(TradingHost.objection(to: "https://paper-api.alpaca.markets/", mode: .live) != nil)
        for mode in TradingMode.allCases {
            #expect(TradingHost.objection(to: TradingHost.defaultURL(mode: mode), mode: mode) == nil)
            #expect(TradingHost.objection(to: "http://127.0.0.1:9300", mode: mode) == nil)
        }
        #expect(TradingHost.warning(aboutKeyID: "AKX", mode: .paper) != nil)
        #expect(TradingHost.warning(aboutKeyID: "PKX", mode: .live) != nil)
        #expect(TradingHost.warning(aboutKeyID: "PKX", mode: .paper) == nil)
    }
}
