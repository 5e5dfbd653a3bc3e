import Domain
import JSON
import Testing

struct AccountSnapshotTests {
    private static let report = """
        {"account": {"id": "904837e3-3b76-47ec-b432-046db621571b", "account_number": "PA1", "status": "ACTIVE",
          "currency": "USD", "cash": "50000.25", "equity": 103820.56, "last_equity": null,
          "buying_power": "262113.632", "multiplier": "4", "trading_blocked": false, "shorting_enabled": true,
          "a_field_from_the_future": {"x": 1}},
         "positions": [
          {"asset_id": "x", "symbol": "NVDA", "qty": "5", "side": "long", "market_value": "600.0",
           "avg_entry_price": "100.123456789012345678901", "current_price": "120.0", "qty_available": "4"},
          {"symbol": "AMD", "qty": 10, "side": "short", "market_value": "1000", "current_price": ""}],
         "open_orders": [
          {"id": "o1", "client_order_id": "cs-paper-1", "symbol": "NVDA", "side": "sell", "qty": "1",
           "filled_qty": "0", "type": "limit", "limit_price": "130", "stop_price": null, "order_class": "",
           "status": "new", "legs": null},
          {"id": "o2", "client_order_id": "cs-paper-2", "symbol": "X", "side": "buy", "qty": "10",
           "filled_qty": "4", "order_type": "limit", "limit_price": "10", "order_class": "bracket",
           "status": "partially_filled", "legs": [
            {"id": "o3", "symbol": "X", "side": "sell", "qty": "10", "type": "stop", "stop_price": "9",
             "status": "held", "order_class": "bracket"}]},
          {"symbol": "Y", "side": "buy", "qty": null, "notional": "250", "type": "market"}],
         "clock": {"timestamp": "2026-11-23T09:45:12.123456789-05:00", "is_open": true,
          "next_open": "2026-11-24T09:30:00-05:00", "next_close": "2026-11-23T16:00:00-05:00"}}
        """

    @Test func `reads what the broker says, strings or numbers, more fields or fewer`() throws {
        let snapshot = try AccountSnapshot.parse(try JSONParser.parse(Self.report), receivedAt: Sample.now)
        #expect(snapshot.accountNumber == "PA1" && snapshot.equity == Sample.decimal("103820.56"))
        #expect(snapshot.lastEquity == nil && snapshot.multiplier == ExactDecimal(4))
        #expect(snapshot.isShortingEnabled == true && !snapshot.isAccountBlocked)
        #expect(snapshot.positions.map(\.qty) == [ExactDecimal(5), ExactDecimal(-10)])
        #expect(snapshot.positions.map(\.marketValue) == [ExactDecimal(600), ExactDecimal(-1000)])
        #expect(snapshot.positions[0].avgEntryPrice == Sample.decimal("100.123456789"))
        #expect(snapshot.positions[0].qtyAvailable == ExactDecimal(4))
        #expect(snapshot.openOrders.map(\.symbol) == ["NVDA", "X", "X", "Y"])
        #expect(snapshot.openOrders.map(\.isExit) == [false, false, true, false])
        #expect(snapshot.openOrders[1].remainingQty == ExactDecimal(6))
        #expect(snapshot.clock?.nextClose == Timestamp(rfc3339: "2026-11-23T21:00:00Z"))
        #expect(snapshot.receivedAt == Sample.now)
    }

    @Test func `adds up what the open orders commit`() throws {
        let book = AccountBook(
            try AccountSnapshot.parse(try JSONParser.parse(Self.report), receivedAt: Sample.now))
        #expect(book.orders.openingNotional == ExactDecimal(60 + 250))
        #expect(book.orders["NVDA"].sells.reducingQty == .one)
        #expect(book.orders["X"].sells == SymbolExposure.Half())
        #expect(book.occupiedSymbols == ["NVDA", "AMD", "X", "Y"])
        #expect(book.grossExposure == ExactDecimal(1600))
        #expect(book.ownCash == Sample.decimal("49000.25"))
        #expect(book.clientOrderIDs == ["cs-paper-1", "cs-paper-2"])
    }

    @Test func `a held leg counts once its entry is filled, and a pair once`() throws {
        func book(_ entryStatus: String, filled: String, _ legs: String) throws -> AccountBook {
            let document = try JSONParser.parse(
                """
                {"account": {"account_number": "1", "status": "ACTIVE", "equity": "1", "cash": "1",
                 "buying_power": "1"}, "positions": [{"symbol": "A", "qty": "30", "market_value": "300"}],
                 "open_orders": [{"symbol": "A", "side": "buy", "qty": "10", "filled_qty": "\(filled)",
                  "type": "limit", "limit_price": "10", "status": "\(entryStatus)", "order_class": "oto",
                  "legs": [\(legs)]}]}
                """)
            return AccountBook(try AccountSnapshot.parse(document, receivedAt: Sample.now))
        }
        let stop =
            #"{"symbol":"A","side":"sell","qty":"10","type":"stop","stop_price":"9","status":"held","order_class":"oto"}"#
        let profit =
            #"{"symbol":"A","side":"sell","qty":"10","type":"limit","limit_price":"12","status":"new","order_class":"bracket"}"#
        #expect(try book("new", filled: "0", stop).orders["A"].sells.protectiveQty == .zero)
        #expect(try book("new", filled: "0", stop).orders["A"].buys.openingQty == ExactDecimal(10))
        let filled = try book("filled", filled: "10", stop).orders["A"]
        #expect(filled.sells.protectiveQty == ExactDecimal(10))
        #expect(filled.openings == 0)
        #expect(filled.buys == SymbolExposure.Half())
        #expect(
            try book("filled", filled: "10", stop + "," + profit).orders["A"].sells.protectiveQty
                == ExactDecimal(10))
        #expect(
            try book("filled", filled: "10", stop + "," + stop).orders["A"].sells.protectiveQty
                == ExactDecimal(10))
    }

    @Test func `works with the least a broker sends`() throws {
        let document = try JSONParser.parse(
            """
            {"account": {"account_number": "1", "status": "ACTIVE", "equity": "1", "cash": "1",
             "buying_power": "1"}, "positions": [], "open_orders": []}
            """)
        let snapshot = try AccountSnapshot.parse(document, receivedAt: Sample.now)
        #expect(snapshot.clock == nil && snapshot.positions == [] && snapshot.isShortingEnabled == nil)
    }

    @Test(arguments: [
        ("account", "/account"), ("positions", "/positions"), ("open_orders", "/open_orders"),
    ])
    func `unknown holdings are not none`(key: String, pointer: String) throws {
        var document = try #require(try JSONParser.parse(Self.report).objectValue)
        document[key] = nil
        #expect(pointers(.object(document)) == [pointer])
    }

    @Test func `names every fault`() throws {
        let document = try JSONParser.parse(
            """
            {"account": {"account_number": "1", "status": "ACTIVE", "equity": "NaN", "cash": [], "buying_power": ""},
             "positions": [{"symbol": "A", "qty": "1"}, {"qty": "1", "market_value": "1"}, 7],
             "open_orders": [{"symbol": "A", "qty": "1"}, {"symbol": "A", "side": "buy"}],
             "clock": {"is_open": "yes", "timestamp": "today"}}
            """)
        #expect(
            pointers(document) == [
                "/positions/2", "/account/equity", "/account/cash", "/account/buying_power",
                "/positions/0/market_value", "/positions/1/symbol", "/positions/2/symbol",
                "/open_orders/0/side",
                "/open_orders/1/qty", "/clock/is_open", "/clock/timestamp",
            ])
    }

    @Test func `reads quotes by our names and by the market data API's`() throws {
        let expected = Quote(
            symbol: "NVDA", bid: Sample.decimal("99.9"), ask: .zero, quotedAt: Sample.now,
            receivedAt: Sample.now)
        #expect(try Quote.parse(expected.json, receivedAt: Sample.now) == expected)
        var foreign: JSONValue = ["S": "NVDA", "bp": 99, "ap": 0, "ax": "Q", "bs": 1]
        #expect(throws: ValidationFailure.self) { try Quote.parse(foreign, receivedAt: Sample.now) }
        foreign = .object((foreign.objectValue ?? [:]).merging(["t": .string(Sample.now.rfc3339)]))
        #expect(try Quote.parse(foreign, receivedAt: Sample.now).bid == ExactDecimal(99))
        #expect(expected.price(for: .sell) == Sample.decimal("99.9"))
        #expect(expected.price(for: .buy) == nil)
    }

    private func pointers(_ document: JSONValue) -> [String] {
        do {
            _ = try AccountSnapshot.parse(document, receivedAt: Sample.now)
            return []
        } catch {
            return error.faults.map(\.pointer)
        }
    }
}
