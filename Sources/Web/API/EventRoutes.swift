import Domain
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
            let owner = call.streamOwner
            try call.context.enterStream(owner)
            let streams = call.context.streams
            do {
                let events = try await feed.events(after: last)
                return .events(
                    ServerSentEventStream(guarded(events, for: owner) { streams.leave(owner.name) }))
            } catch {
                streams.leave(owner.name)
                throw error
            }
        }
    }
}

extension APICall {
    /// Who follows, for as long as the key is good and may read.
    fileprivate var streamOwner: StreamOwner {
        let (request, context) = (request, context)
        let name =
            switch caller {
            case .key(let id, _, _): "key:\(id)"
            case .person(let person, _, _): "user:\(person.id)"
            }
        return StreamOwner(name: name) {
            do {
                return try await context.caller(of: request).mayRead
            } catch is Refusal {
                return false
            } catch {
                // A database that is away says nothing about the key.
                return true
            }
        }
    }
}

private func lastEventID(_ request: HTTPRequest) throws -> Int? {
    guard let text = request.headers.first("Last-Event-ID"), !text.isEmpty else { return nil }
    guard text.utf8.count <= 18, let id = Int(text), id >= 0 else {
        throw Problem.malformed("Last-Event-ID is none that this server gave.")
    }
    return id
}
