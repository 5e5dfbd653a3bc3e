import Domain
import HTTPServer
import JSON

extension BrokerResponder {
    /// The routes of the trading interface.
    func addTradingRoutes(to router: inout Router) {
        addAccountRoutes(to: &router)
        addOrderRoutes(to: &router)
        addPositionRoutes(to: &router)
    }

    func on(_ router: inout Router, _ method: HTTPMethod, _ pattern: String, _ action: @escaping Action) {
        router.on(method, pattern) { await respond(to: $0, action) }
    }

    private func addAccountRoutes(to router: inout Router) {
        on(&router, .get, "/v2/account") { (_, core) throws(BrokerRejection) in
            Answer(try core.read { $0.accountJSON(at: $1) })
        }
        on(&router, .get, "/v2/account/configurations") { (_, core) throws(BrokerRejection) in
            Answer(try core.read { exchange, _ in exchange.configurationJSON() })
        }
        on(&router, .patch, "/v2/account/configurations") { (request, core) throws(BrokerRejection) in
            Answer(try core.perform(ExchangeCommand(.configure, "", try request.json())))
        }
        on(&router, .get, "/v2/account/portfolio/history") { (_, core) throws(BrokerRejection) in
            Answer(try core.read { $0.portfolioHistoryJSON(at: $1) })
        }
        on(&router, .get, "/v2/account/activities") { (request, core) throws(BrokerRejection) in
            try Self.activities(request, core, types: request.list("activity_types"))
        }
        on(&router, .get, "/v2/account/activities/{type}") { (request, core) throws(BrokerRejection) in
            try Self.activities(request, core, types: [request.parameter("type").uppercased()])
        }
        on(&router, .get, "/v2/clock") { (_, core) throws(BrokerRejection) in
            Answer(try core.read { $0.clockJSON(at: $1) })
        }
        on(&router, .get, "/v2/calendar") { (request, core) throws(BrokerRejection) in
            try Self.calendar(request, core)
        }
        on(&router, .get, "/v2/assets/{symbol}") { (request, core) throws(BrokerRejection) in
            let symbol = request.parameter("symbol").uppercased()
            guard let asset = try core.read({ exchange, _ in exchange.assetJSON(symbol) }) else {
                throw .notFound("asset not found for \(symbol)")
            }
            return Answer(asset)
        }
    }

    private static func activities(
        _ request: HTTPRequest, _ core: SimulatorCore, types: [String]?
    ) throws(BrokerRejection) -> Answer {
        var listing = ActivityListing()
        listing.types = types.map { Set($0) }
        listing.category = request.value("category")
        listing.after = try request.instant("after")
        listing.until = try request.instant("until")
        if let day = try request.instant("date") {
            listing.after = Timestamp(microseconds: day.microseconds - 1)
            listing.until = day.adding(minutes: 1440)
        }
        listing.isAscending = request.value("direction") == "asc"
        listing.pageSize = try request.integer("page_size", in: 1...100, default: 100)
        listing.pageToken = request.value("page_token")
        return Answer(try core.read { [listing] exchange, _ in exchange.activitiesJSON(listing) })
    }

    private static func calendar(_ request: HTTPRequest, _ core: SimulatorCore) throws(BrokerRejection)
        -> Answer
    {
        let start = try request.instant("start")
        let end = try request.instant("end")
        return Answer(
            try core.read { exchange, now in
                let first = start ?? now
                let last = end ?? first.adding(minutes: 366 * 1440)
                return exchange.calendarJSON(
                    from: String(first.rfc3339.prefix(10)), through: String(last.rfc3339.prefix(10)))
            })
    }

    private func addPositionRoutes(to router: inout Router) {
        on(&router, .get, "/v2/positions") { (_, core) throws(BrokerRejection) in
            Answer(try core.read { $0.positionsJSON(at: $1) })
        }
        on(&router, .get, "/v2/positions/{symbol}") { (request, core) throws(BrokerRejection) in
            let name = request.parameter("symbol")
            let position = try core.read { $0.positionJSON($0.heldSymbol(name), at: $1) }
            guard let position else { throw .notFound("position does not exist") }
            return Answer(position)
        }
        on(&router, .delete, "/v2/positions/{symbol}") { (request, core) throws(BrokerRejection) in
            let name = request.parameter("symbol")
            let symbol = try core.read { exchange, _ in exchange.heldSymbol(name) }
            let body: JSONValue = [
                "qty": .text(request.value("qty")), "percentage": .text(request.value("percentage")),
            ]
            return Answer(try core.perform(ExchangeCommand(.close, symbol, body)))
        }
        on(&router, .delete, "/v2/positions") { (request, core) throws(BrokerRejection) in
            let body: JSONValue = ["cancel_orders": .bool(try request.flag("cancel_orders"))]
            return Answer(try core.perform(ExchangeCommand(.closeAll, "", body)), status: 207)
        }
    }
}

extension SimulatedExchange {
    /// The symbol of a position named by its symbol or by its asset's id.
    func heldSymbol(_ name: String) -> String {
        guard let id = Identifier(name) else { return name.uppercased() }
        return positions.keys.first { Self.assetID($0) == id } ?? name
    }
}
