package import Domain
import HTTPClient
import JSON

extension AlpacaClient {
    /// Sends an order, once.
    package func submit(_ terms: OrderTerms, clientOrderID: String) async throws(BrokerError) -> BrokerOrder {
        let url = configuration.tradingURL + "/v2/orders"
        let body = Self.submission(terms, clientOrderID: clientOrderID)
        let document = try Self.document(await send(request(.post, url, body: body), .change), .change)
        guard let order = AlpacaReading.order(document) else {
            throw AlpacaErrors.unreadable("it is not an order", .change)
        }
        guard order.clientOrderID == clientOrderID else {
            throw AlpacaErrors.unreadable("it is another order (\(order.clientOrderID))", .change)
        }
        return order
    }

    /// What is sent: exact decimals as text, exits as the class asks for them, and our own identity.
    static func submission(_ terms: OrderTerms, clientOrderID: String) -> JSONValue {
        var body = terms.json
        body["extended_hours"] = false
        body["client_order_id"] = .string(clientOrderID)
        return .object(body)
    }

    /// The order that was sent under that identity.
    package func order(clientOrderID: String) async throws(BrokerError) -> BrokerOrder {
        let query = [("client_order_id", clientOrderID), ("nested", "true")]
        let order = try Self.order(await ask("/v2/orders:by_client_order_id", query))
        guard order.clientOrderID == clientOrderID else {
            throw AlpacaErrors.unreadable("it is another order (\(order.clientOrderID))", .question)
        }
        return order
    }

    /// The order by the broker's own identity.
    package func order(id: String) async throws(BrokerError) -> BrokerOrder {
        try Self.order(await ask("/v2/orders/" + Self.encoded(id), [("nested", "true")]))
    }

    /// Every open order of the account, with its legs.
    package func openOrders() async throws(BrokerError) -> [BrokerOrder] {
        try await orders(status: "open", after: nil)
    }

    /// Every order sent after that instant, with its legs, oldest first.
    package func orders(since: Timestamp) async throws(BrokerError) -> [BrokerOrder] {
        try await orders(status: "all", after: since)
    }

    /// Asks for an order to be cancelled; whether it was shows in its state.
    package func cancel(id: String) async throws(BrokerError) {
        let url = configuration.tradingURL + "/v2/orders/" + Self.encoded(id)
        _ = try await send(request(.delete, url), .change)
    }

    /// Asks for every open order to be cancelled; tells of those that the broker would not.
    package func cancelAll() async throws(BrokerError) -> [BrokerRefusal] {
        let url = configuration.tradingURL + "/v2/orders"
        let document = try Self.document(await send(request(.delete, url), .change), .change)
        guard let items = document.arrayValue else {
            throw AlpacaErrors.unreadable("it is not a list of orders", .change)
        }
        return items.compactMap { item in
            guard let status = item["status"]?.intValue, !(200...299).contains(status) else { return nil }
            return BrokerRefusal(
                what: item["id"]?.stringValue ?? "?",
                message: item["body"]?["message"]?.stringValue ?? "the broker answered HTTP \(status)")
        }
    }

    /// Has the broker close a position at the market, by its own quantity where none is given.
    package func close(symbol: String, qty: ExactDecimal?) async throws(BrokerError) -> BrokerOrder {
        var url = configuration.tradingURL + "/v2/positions/" + Self.encoded(symbol)
        if let qty { url += "?qty=\(qty)" }
        let document = try Self.document(await send(request(.delete, url), .change), .change)
        guard let order = AlpacaReading.order(document) else {
            throw AlpacaErrors.unreadable("it is not an order", .change)
        }
        return order
    }

    private static func order(_ document: JSONValue) throws(BrokerError) -> BrokerOrder {
        guard let order = AlpacaReading.order(document) else {
            throw AlpacaErrors.unreadable("it is not an order", .question)
        }
        return order
    }

    private static let pageSize = 500
    private static let maxPages = 40

    /// Page by page, oldest first; pages overlap by a microsecond, since orders may share their instant.
    private func orders(status: String, after: Timestamp?) async throws(BrokerError) -> [BrokerOrder] {
        var orders: [BrokerOrder] = []
        var seen: Set<String> = []
        var after = after
        for _ in 1...Self.maxPages {
            let page = try await orderPage(status, after)
            let fresh = page.filter { seen.insert($0.id).inserted }
            orders += fresh
            guard page.count >= Self.pageSize else { return orders }
            guard !fresh.isEmpty, let last = page.last?.submittedAt else { break }
            after = Timestamp(microseconds: last.microseconds - 1)
        }
        throw BrokerError(
            .noAnswer, "The list of orders does not come to an end; \(orders.count) were read.")
    }

    private func orderPage(_ status: String, _ after: Timestamp?) async throws(BrokerError) -> [BrokerOrder] {
        var query = [
            ("status", status), ("nested", "true"), ("direction", "asc"), ("limit", "\(Self.pageSize)"),
        ]
        if let after { query.append(("after", after.rfc3339)) }
        return try Self.list(await ask("/v2/orders", query), "orders", AlpacaReading.order)
    }

    /// The elements of a list, all of them or none: a list with a gap would look like less risk than there is.
    static func list<Element>(
        _ document: JSONValue, _ what: String, _ read: (JSONValue) -> Element?
    ) throws(BrokerError) -> [Element] {
        guard let values = document.arrayValue else {
            throw AlpacaErrors.unreadable("it is no list of \(what)", .question)
        }
        let elements = values.compactMap(read)
        guard elements.count == values.count else {
            throw AlpacaErrors.unreadable(
                "\(values.count - elements.count) of \(values.count) \(what) make no sense", .question)
        }
        return elements
    }
}
