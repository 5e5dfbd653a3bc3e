// What a test tells the simulator, under /sim, without keys. Bodies and answers are JSON.
//
// GET    /sim                     time, market, open orders, armed faults
// GET    /sim/received            every POST to /v2/orders that ever came in; ?client_order_id= filters:
//                                 {"count", "items": [{number, at, client_order_id, body, fault, status,
//                                 order_id}]}
// GET    /sim/updates             order events like those of the trade update stream
// POST   /sim/faults              arms a fault: {"kind": "delay", "milliseconds": 500} |
//                                 {"kind": "answer", "status": 504, "performs": true, "body"?, "headers"?} |
//                                 {"kind": "drop", "performs": true} | {"kind": "truncate"};
//                                 and "method" (POST; "*" for all), "path" (/v2/orders; a "*" at its end
//                                 matches what follows), "symbol", "skip" (0), "times" (1)
// GET    /sim/faults              those armed · DELETE disarms them all
// POST   /sim/prices/{symbol}     {"price"} | {"bid", "ask", "last"?}; "bid_size"?, "ask_size"?,
//                                 "timestamp"? (a stale quote); 0 as bid or ask: no quote
// POST   /sim/assets/{symbol}     {"tradable"?, "fractionable"?, "shortable"?}
// POST   /sim/bars/{symbol}       {"bars": [{"day", "open", "high", "low", "close"}]}: daily bars in the place of made ones
// POST   /sim/market              {"open": true | false | null}: opens, closes (day orders expire), or goes
//                                 back to its hours
// POST   /sim/clock               {"now"?: instant, "advance_seconds"?: 60, "frozen"?: true}; {} is the real
//                                 time again
// POST   /sim/matching            {"mode": "manual" | "automatic"}: manual fills nothing by itself
// POST   /sim/partial-fills       {"qty"?, "symbol"?, "hold_rest"?: true}: the next order fills in part only
// POST   /sim/overfills           {"qty", "symbol"?}: the next order to fill gets so many shares more than were ordered
// POST   /sim/rejections          {"orders": 1}: the next ones are accepted and then rejected
// POST   /sim/orders/{id}/fill    {"qty"?, "price"?}: an execution now; {id} may be the client's order id
// POST   /sim/orders/{id}/release lets the rest of a partial fill go on
// POST   /sim/orders/{id}/status  {"status": "calculated" | null}: shows any status, whatever is true
// POST   /sim/account             members to lay over the account, such as {"trading_blocked": true}
// POST   /sim/cash                {"amount": "-500", "type"?: "CSW"}: a deposit or withdrawal

import Domain
import HTTPServer
import JSON

/// Answers the control calls of tests.
struct ControlRoutes: Sendable {
    let core: SimulatorCore

    private typealias Action = @Sendable (HTTPRequest) throws(BrokerRejection) -> JSONValue

    func add(to router: inout Router) {
        addReading(to: &router)
        addFaults(to: &router)
        addCommands(to: &router)
        on(&router, .post, "/sim/bars/{symbol}") { (request) throws(BrokerRejection) in
            let values = try request.json()["bars"]?.arrayValue ?? []
            let bars = values.compactMap { DailyBar(control: $0) }
            guard bars.count == values.count else { throw .badParameter("invalid bars") }
            core.add(bars, of: request.parameter("symbol").uppercased())
            return ["bars": .integer(bars.count)]
        }
        on(&router, .post, "/sim/clock") { (request) throws(BrokerRejection) in try setClock(request.json()) }
    }

    private func on(
        _ router: inout Router, _ method: HTTPMethod, _ pattern: String, _ action: @escaping Action
    ) {
        router.on(method, pattern) { request in
            do throws(BrokerRejection) {
                return .json(try action(request).bytes())
            } catch {
                return BrokerResponder.response(error)
            }
        }
    }

    private func addReading(to router: inout Router) {
        on(&router, .get, "/sim") { (_) throws(BrokerRejection) in try summary() }
        on(&router, .get, "/sim/received") { (request) throws(BrokerRejection) in
            let wanted = request.value("client_order_id")
            let items = core.received.filter { wanted == nil || $0.clientOrderID == wanted }
            return ["count": .integer(items.count), "items": .array(items.map(\.json))]
        }
        on(&router, .get, "/sim/updates") { (_) throws(BrokerRejection) in
            let updates = core.updates
            return .array(try core.read { exchange, _ in updates.map { exchange.json($0) } })
        }
    }

    private func addFaults(to router: inout Router) {
        on(&router, .get, "/sim/faults") { (_) throws(BrokerRejection) in
            .array(core.faults.map { ["name": .string($0.name), "times": .integer($0.times)] })
        }
        on(&router, .post, "/sim/faults") { (request) throws(BrokerRejection) in
            let fault = try Fault(try request.json())
            core.add(fault)
            return ["armed": .string(fault.name)]
        }
        on(&router, .delete, "/sim/faults") { (_) throws(BrokerRejection) in
            core.removeFaults()
            return [:]
        }
    }

    private func addCommands(to router: inout Router) {
        let plain: [(String, ExchangeCommand.Action)] = [
            ("market", .market), ("matching", .matching), ("partial-fills", .partialFill),
            ("overfills", .overfill), ("rejections", .reject), ("account", .account), ("cash", .cash),
        ]
        for (path, action) in plain {
            on(&router, .post, "/sim/\(path)") { (request) throws(BrokerRejection) in
                try core.perform(ExchangeCommand(action, "", try request.json()))
            }
        }
        for (path, action) in [("prices", ExchangeCommand.Action.price), ("assets", .asset)] {
            on(&router, .post, "/sim/\(path)/{symbol}") { (request) throws(BrokerRejection) in
                try core.perform(
                    ExchangeCommand(action, request.parameter("symbol").uppercased(), try request.json()))
            }
        }
        for action in [ExchangeCommand.Action.fill, .release, .status] {
            on(&router, .post, "/sim/orders/{id}/\(action.rawValue)") { (request) throws(BrokerRejection) in
                let name = request.parameter("id")
                let id = try core.read { exchange, _ in exchange.byClientOrderID[name]?.text ?? name }
                return try core.perform(ExchangeCommand(action, id, try request.json()))
            }
        }
    }

    private func setClock(_ body: JSONValue) throws(BrokerRejection) -> JSONValue {
        let frozen = body["frozen"]?.boolValue ?? false
        if let text = body["now"]?.stringValue {
            guard let instant = Timestamp(rfc3339: text) else { throw .badParameter("invalid now") }
            core.setTime(instant, frozen: frozen)
        } else if let seconds = body["advance_seconds"]?.intValue, abs(seconds) < 1_000_000_000 {
            let now = try core.read { _, now in now }
            core.setTime(now.adding(seconds: seconds), frozen: frozen)
        } else if frozen {
            core.setTime(nil, frozen: true)
        } else {
            core.resetTime()
        }
        return try core.read { $0.clockJSON(at: $1) }
    }

    private func summary() throws(BrokerRejection) -> JSONValue {
        let faults = core.faults.count
        let received = core.received.count
        return try core.read { exchange, now in
            [
                "account_number": .string(exchange.settings.accountNumber), "now": .time(now),
                "is_open": .bool(exchange.isMarketOpen(at: now)), "orders": .integer(exchange.sequence.count),
                "open_orders": .integer(exchange.openIDs.count),
                "positions": .integer(exchange.positions.count),
                "received": .integer(received), "faults": .integer(faults),
            ]
        }
    }
}

extension SimulatedExchange {
    /// An order event as the trade update stream writes it.
    func json(_ update: OrderUpdate) -> JSONValue {
        var members: JSONObject = [
            "event": .string(update.event), "timestamp": .time(update.at),
            "order": json(update.order, nested: false),
        ]
        if let execution = update.executionID {
            members["execution_id"] = .string(execution)
            members["price"] = .decimal(update.price)
            members["qty"] = .decimal(update.quantity)
        }
        return .object(members)
    }
}
