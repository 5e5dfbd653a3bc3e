import Domain
import HTTPServer
import JSON

extension BrokerResponder {
    /// The routes of orders.
    func addOrderRoutes(to router: inout Router) {
        on(&router, .post, "/v2/orders") { (request, core) throws(BrokerRejection) in
            Answer(try core.perform(ExchangeCommand(.submit, "", try request.json())))
        }
        on(&router, .get, "/v2/orders") { (request, core) throws(BrokerRejection) in
            let listing = try Self.listing(request)
            return Answer(try core.read { exchange, _ in exchange.ordersJSON(listing) })
        }
        on(&router, .delete, "/v2/orders") { (_, core) throws(BrokerRejection) in
            Answer(try core.perform(ExchangeCommand(.cancelAll)), status: 207)
        }
        on(&router, .get, "/v2/orders/{id}") { (request, core) throws(BrokerRejection) in
            let name = request.parameter("id")
            return try Self.order(core, nested: try request.flag("nested"), named: name) { exchange in
                Identifier(name).flatMap { exchange.orders[$0] }
            }
        }
        on(&router, .get, "/v2/orders:by_client_order_id") { (request, core) throws(BrokerRejection) in
            guard let name = request.value("client_order_id") else {
                throw .badParameter("client_order_id is required")
            }
            return try Self.order(core, nested: try request.flag("nested"), named: name) { exchange in
                exchange.byClientOrderID[name].flatMap { exchange.orders[$0] }
            }
        }
        on(&router, .patch, "/v2/orders/{id}") { (request, core) throws(BrokerRejection) in
            let body = try request.json()
            return Answer(try core.perform(ExchangeCommand(.replace, request.parameter("id"), body)))
        }
        on(&router, .delete, "/v2/orders/{id}") { (request, core) throws(BrokerRejection) in
            _ = try core.perform(ExchangeCommand(.cancel, request.parameter("id")))
            return Answer(nil, status: 204)
        }
    }

    private static func order(
        _ core: SimulatorCore, nested: Bool, named name: String,
        _ find: @Sendable (SimulatedExchange) -> SimulatedOrder?
    ) throws(BrokerRejection) -> Answer {
        let order = try core.read { exchange, _ in find(exchange).map { exchange.json($0, nested: nested) } }
        guard let order else { throw .notFound("order not found for \(name)") }
        return Answer(order)
    }

    private static func listing(_ request: HTTPRequest) throws(BrokerRejection) -> OrderListing {
        var listing = OrderListing()
        if let scope = request.value("status") {
            guard let known = OrderListing.Scope(rawValue: scope) else {
                throw .badParameter("invalid status")
            }
            listing.scope = known
        }
        if let side = request.value("side") {
            guard let known = SimulatedOrder.Side(rawValue: side) else { throw .badParameter("invalid side") }
            listing.side = known
        }
        listing.limit = try request.integer("limit", in: 1...500, default: 50)
        listing.after = try request.instant("after")
        listing.until = try request.instant("until")
        listing.isAscending = request.value("direction") == "asc"
        listing.isNested = try request.flag("nested")
        listing.symbols = request.list("symbols").map { Set($0) }
        listing.beforeID = request.value("before_order_id").flatMap { Identifier($0) }
        listing.afterID = request.value("after_order_id").flatMap { Identifier($0) }
        return listing
    }
}
