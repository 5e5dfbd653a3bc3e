import Domain
import Gate
import HTTPServer
import JSON

extension RouteTable {
    /// Orders, and what the execution worker asks and tells.
    mutating func addWork() {
        let orders = OrderReading(context.gate)
        let synchronising = Synchronising(context.gate)
        let claiming = Claiming(context.gate)
        let reporting = Reporting(context.gate)
        api(.get, "/orders") { call in try await listOrders(call, orders) }
        api(.get, "/orders/{id}") { call in
            try call.require(call.caller.mayRead || call.caller.mayWork, to: "read orders")
            return .json(try await orders.find(call.identifier(of: "order")).json)
        }
        work("/worker/sync") { call, body in
            try await synchronising.sync(body, actor: call.caller.journalActor)
        }
        work("/orders/{id}/claim") { call, body in
            let id = try call.identifier(of: "order")
            return try await claiming.claim(id, body, actor: call.caller.journalActor)
        }
        work("/orders/{id}/reports") { call, body in
            let id = try call.identifier(of: "order")
            return try await reporting.report(id, body, actor: call.caller.journalActor).json
        }
        let commanding = Commanding(context.gate)
        work("/commands/{id}/reports") { call, body in
            let id = try call.identifier(of: "command")
            return try await commanding.report(id, body, actor: call.caller.journalActor).json
        }
        api(.get, "/commands") { call in
            try call.require(
                call.caller.mayRead || call.caller.mayOperate || call.caller.mayWork, to: "read commands")
            var query = QueryReader(call.request)
            let limit = query.int("limit", in: 1...500) ?? 50
            try query.finish()
            return listResponse(try await commanding.list(limit: limit).map(\.json), next: nil)
        }
        api(.post, "/commands/{id}/withdraw") { call in
            try call.require(call.caller.mayOperate, to: "take back a command")
            let id = try call.identifier(of: "command")
            let reader = JSONReader(try call.request.json())
            let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
            try reader.finish()
            return .json(try await commanding.withdraw(id, reason: reason, by: call.caller).json)
        }
        api(.post, "/positions/{symbol}/close") { call in
            try call.require(call.caller.mayOperate, to: "close a position")
            let symbol = (call.request.parameters["symbol"] ?? "").uppercased()
            guard OrderShape.isSymbol(symbol) else { throw Refusal.notFound("position") }
            let reader = JSONReader(try call.request.json())
            let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
            try reader.finish()
            let command = try await commanding.close(
                symbol: symbol, reason: reason, by: call.caller.journalActor)
            return .json(command.json, status: 202)
        }
    }

    /// What only a worker's key may send.
    private mutating func work(
        _ path: String, _ body: @escaping @Sendable (APICall, JSONValue) async throws -> JSONValue
    ) {
        api(.post, path) { call in
            try call.require(call.caller.mayWork, to: "act as execution worker; it takes a key of scope work")
            return .json(try await body(call, call.request.json()))
        }
    }
}

private func listOrders(_ call: APICall, _ orders: OrderReading) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead || call.caller.mayWork, to: "read orders")
    var query = QueryReader(call.request)
    let state = query.choice("state", OrderState.self)
    let symbol = query.text("symbol")?.uppercased()
    let (limit, before) = query.page()
    try query.finish()
    let page = try await orders.list(
        states: state.map { [$0] } ?? [], symbol: symbol, below: before, limit: limit)
    return listResponse(page.items.map(\.json), next: page.next)
}
