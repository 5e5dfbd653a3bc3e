import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// The page of a proposal, at its own address and behind a personal link.
    mutating func addProposalPages() {
        let context = context
        page(.get, "/proposals/{id}") { request in
            let id = request.parameters["id"].flatMap(Identifier.init)
            let visitor = try await context.visitor(request, of: id)
            if case .stranger = visitor { return context.toLogin(request) }
            guard let id, let scene = try await context.scene(id) else { throw Refusal.notFound("proposal") }
            return try await ProposalPage(context, scene, visitor).notingLink(of: request).response
        }
        page(.get, "/r/{token}") { request in
            let token = request.parameters["token"] ?? ""
            guard let holder = try await context.holder(token: token) else { throw deadLink }
            // On to a clean address: what stands in the address bar ends up in histories and screen shots.
            let seconds = min(
                max(60, holder.link.expiresAt.seconds(since: context.dependencies.now())), 7 * 86_400)
            let path = holder.link.path
            if holder.link.purpose == .alert, try await !context.hasAlert(holder.link.subjectID) {
                throw deadLink
            }
            return HTTPResponse.redirect(to: path)
                .setting(try context.cookies.setLink(token, path: path, lifetimeSeconds: seconds))
        }
        page(.post, "/proposals/{id}") { request in
            guard let id = request.parameters["id"].flatMap(Identifier.init) else {
                return context.toLogin(request)
            }
            let holder = try await context.holder(of: request, for: id)
            return try await DecisionForm(context, request, id, holder: holder).submit()
        }
        page(.post, "/r/{token}") { request in
            guard let holder = try await context.holder(token: request.parameters["token"] ?? "") else {
                throw deadLink
            }
            switch holder.link.purpose {
            case .proposal:
                return try await DecisionForm(context, request, holder.link.subjectID, holder: holder)
                    .submit()
            case .alert:
                return try await AcknowledgementForm(context, request, holder.link.subjectID, holder: holder)
                    .submit()
            }
        }
        page(.post, "/proposals/{id}/revoke") { request in try await revoke(context, request) }
    }
}

/// One answer for links that are forged, old or of people who left: nobody learns which.
private let deadLink = Problem(
    slug: "not-found", title: "This link opens nothing", status: 404,
    detail:
        "It is incomplete, or its time is over. Open the newest message, or log in to see what waits for you."
)

extension ReviewLink {
    /// The page it leads to.
    var path: String {
        switch purpose {
        case .proposal: "/proposals/\(subjectID)"
        case .alert: "/alerts/\(subjectID)"
        }
    }
}

private func revoke(_ context: WebContext, _ request: HTTPRequest) async throws -> HTTPResponse {
    try context.requireOwnForm(request)
    guard let session = try await context.session(of: request) else { return context.toLogin(request) }
    guard let id = request.parameters["id"].flatMap(Identifier.init) else {
        throw Refusal.notFound("proposal")
    }
    let form = try request.form()
    let visitor = Visitor.person(session)
    guard context.isGood(form.first("nonce"), visitor, "revoke", id.text) else { throw WebContext.staleForm }
    let reason = form.first("reason").flatMap { $0.isBlank ? nil : String($0.prefix(TextLimits.reason)) }
    do {
        guard JSONReader.isText(reason ?? "") else {
            throw Refusal.invalid([JSONFault(pointer: "/reason", detail: JSONFault.controlCharacters)])
        }
        _ = try await context.revoking.revoke(id, reason: reason, by: session.person)
    } catch let refusal as Refusal {
        guard let scene = try await context.scene(id) else { throw refusal }
        return try ProposalPage(context, scene, visitor, problem: Problem(refusal)).response
    }
    return .redirect(to: "/proposals/\(id)")
}

extension WebContext {
    /// Who looks at the page of a proposal: somebody logged in, else the holder of its link.
    func visitor(_ request: HTTPRequest, of id: Identifier?) async throws -> Visitor {
        if let session = try await session(of: request) { return .person(session) }
        guard let id, let holder = try await holder(of: request, for: id) else { return .stranger }
        return .holder(holder)
    }

    /// Asks who it is, and comes back here afterwards.
    func toLogin(_ request: HTTPRequest) -> HTTPResponse {
        let next = localAddress(request.path)
        return .redirect(to: next == "/" ? "/login" : "/login?next=\(next)")
    }
}
