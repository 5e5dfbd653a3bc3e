import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// Server-sent events: what happens to proposals, orders and halts, as the journal tells it.
    mutating func addEvents() {
        api(.get, "/events") { call in
            try call.require(call.caller.mayRead, to: "follow events")
            var query = QueryReader(call.request)
            try query.finish()
            let last = try lastEventID(call.request)
            let feed = EventStream(pool: call.context.gate.pool, changes: call.context.changes)
            return .events(ServerSentEventStream(try await feed.events(after: last)))
        }
    }
}

private func lastEventID(_ request: HTTPRequest) throws -> Int? {
    guard let text = request.headers.first("Last-Event-ID"), !text.isEmpty else { return nil }
    guard let id = Int(text), id >= 0 else {
        throw Problem.malformed("Last-Event-ID is none that this server gave.")
    }
    return id
}
