import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// Event streams for open pages, to whoever may see the page, for as long as they may.
    mutating func addLivePages() {
        let context = context
        open(.get, "/live") { request in
            guard let session = try await context.session(of: request) else { throw noStream }
            return try context.pageStream(.inbox, request, context.owner(session, request))
        }
        open(.get, "/alerts/live") { request in
            guard let session = try await context.session(of: request) else { throw noStream }
            return try context.pageStream(.alerts, request, context.owner(session, request))
        }
        open(.get, "/proposals/{id}/live") { request in
            guard let id = request.parameters["id"].flatMap(Identifier.init) else { throw noStream }
            switch try await context.visitor(request, of: id) {
            case .person(let session):
                return try context.pageStream(.proposal(id), request, context.owner(session, request))
            case .holder(let holder):
                return try context.pageStream(.proposal(id), request, context.owner(holder))
            case .stranger: throw noStream
            }
        }
    }
}

private let noStream = Problem(
    slug: "unauthenticated", title: "Not logged in", status: 401,
    detail: "Pages are kept up to date for people who are logged in.")

extension WebContext {
    fileprivate func owner(_ session: SessionRecord, _ request: HTTPRequest) -> StreamOwner {
        let identity = identity
        let token = request.cookie(cookies.session) ?? ""
        return StreamOwner(name: "user:\(session.person.id)") {
            // A database that is away says nothing about the session; nothing is told meanwhile either.
            (try? await identity.isGoodSession(token: token)) ?? true
        }
    }

    fileprivate func owner(_ holder: LinkHolder) -> StreamOwner {
        StreamOwner(name: "link:\(holder.person.id):\(holder.link.subjectID)") {
            do { return try await self.holder(token: holder.token) != nil } catch { return true }
        }
    }

    fileprivate func pageStream(
        _ subject: PageSubject, _ request: HTTPRequest, _ owner: StreamOwner
    ) throws -> HTTPResponse {
        var query = QueryReader(request)
        let after = query.int("after", in: 0...Int(Int32.max) * 1_000_000)
        try query.finish()
        let resumed = request.headers.first("Last-Event-ID").flatMap { Int($0) }
        try enterStream(owner)
        let events = PageStream(pool: gate.pool, changes: changes, subject: subject)
            .events(after: resumed ?? after)
        let streams = streams
        return .events(
            ServerSentEventStream(guarded(events, for: owner) { streams.leave(owner.name) }))
    }
}
