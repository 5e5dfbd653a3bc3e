import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct ListingTests {
    private func ids(_ value: JSONValue) -> [String] {
        value.arrayValue?.compactMap { $0["id"]?.stringValue } ?? []
    }

    /// Two filled orders, one resting, a minute apart, and a bracket that has been entered.
    private func desk() throws -> (desk: Desk, ids: [String]) {
        var desk = Desk()
        var ids: [String] = []
        ids.append(try desk.trade("buy", "1", "AAPL"))
        desk.wait(seconds: 60)
        ids.append(try desk.trade("buy", "1", "MSFT"))
        desk.wait(seconds: 60)
        ids.append(try desk.trade("buy", "1", "NVDA", limit: "100"))
        desk.wait(seconds: 60)
        ids.append(
            try desk.trade(
                "buy", "1", "SPY",
                more: [
                    "order_class": "bracket", "take_profit": ["limit_price": "600"],
                    "stop_loss": ["stop_price": "500"],
                ]))
        return (desk, ids)
    }

    @Test func `lists open orders newest first, without held legs unless nested`() throws {
        let (desk, ids) = try desk()
        let flat = desk.exchange.ordersJSON(OrderListing())
        #expect(flat.arrayValue?.map { $0["status"]?.stringValue } == ["new", "new"])
        #expect(flat[0]?["type"] == "limit")
        #expect(self.ids(flat).last == ids[2])
        let nested = desk.exchange.ordersJSON(OrderListing(isNested: true))
        #expect(self.ids(nested) == [ids[3], ids[2]])
        #expect(nested[0]?["legs"]?.arrayValue?.count == 2)
    }

    @Test func `filters by scope, symbol, side and time`() throws {
        let (desk, ids) = try desk()
        let exchange = desk.exchange
        #expect(self.ids(exchange.ordersJSON(OrderListing(scope: .closed))) == [ids[3], ids[1], ids[0]])
        #expect(exchange.ordersJSON(OrderListing(scope: .all)).arrayValue?.count == 6)
        #expect(self.ids(exchange.ordersJSON(OrderListing(scope: .all, symbols: ["MSFT"]))) == [ids[1]])
        #expect(exchange.ordersJSON(OrderListing(scope: .all, side: .sell)).arrayValue?.count == 2)
        let second = Identifier(ids[1]).flatMap { exchange.orders[$0] }
        let after = OrderListing(scope: .all, after: second?.createdAt, isAscending: true, isNested: true)
        #expect(self.ids(exchange.ordersJSON(after)) == [ids[2], ids[3]])
        let until = OrderListing(scope: .all, until: second?.createdAt)
        #expect(self.ids(exchange.ordersJSON(until)) == [ids[0]])
    }

    @Test func `pages by limit and order id`() throws {
        let (desk, ids) = try desk()
        let page = OrderListing(scope: .all, limit: 2, isNested: true)
        #expect(self.ids(desk.exchange.ordersJSON(page)) == [ids[3], ids[2]])
        let next = OrderListing(scope: .all, limit: 2, isNested: true, beforeID: Identifier(ids[2]))
        #expect(self.ids(desk.exchange.ordersJSON(next)) == [ids[1], ids[0]])
        let later = OrderListing(scope: .all, isAscending: true, isNested: true, afterID: Identifier(ids[1]))
        #expect(self.ids(desk.exchange.ordersJSON(later)) == [ids[2], ids[3]])
    }

    @Test func `pages the statement without gap or repeat`() throws {
        var desk = Desk()
        for _ in 0..<25 { try desk.trade("buy", "1", "F") }
        var seen: [String] = []
        var token: String?
        repeat {
            let page = desk.exchange.activitiesJSON(ActivityListing(pageSize: 10, pageToken: token))
            seen += ids(page)
            token = ids(page).last
        } while token != nil
        #expect(seen.count == 25)
        #expect(Set(seen).count == 25)
    }
}
