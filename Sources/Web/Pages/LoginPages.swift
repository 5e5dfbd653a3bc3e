import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Templates

extension RouteTable {
    /// Logging in and out.
    mutating func addLogin() {
        let context = context
        page(.get, "/login") { request in
            let next = localAddress(request.query.first("next"))
            if try await context.session(of: request) != nil { return .redirect(to: next) }
            return try loginPage(context, request, next: next)
        }
        page(.post, "/login") { request in try await logIn(context, request) }
        page(.post, "/logout") { request in
            try context.requireOwnForm(request)
            guard let session = try await context.session(of: request) else {
                return .redirect(to: "/login")
            }
            let nonce = try request.form().first("nonce")
            guard context.isGood(nonce, .person(session), "logout", "") else { throw WebContext.staleForm }
            try await context.identity.logout(token: request.cookie(context.cookies.session) ?? "")
            return HTTPResponse.redirect(to: "/login").setting(try context.cookies.endSession())
        }
    }
}

private let purpose = "login"

private func loginPage(
    _ context: WebContext, _ request: HTTPRequest, next: String, name: String = "", problem: Problem? = nil
) throws -> HTTPResponse {
    let browser = request.cookie(context.cookies.form).flatMap { $0.utf8.count == 43 ? $0 : nil }
    let value = browser ?? Base64URL.encode(context.gate.random(32))
    var values: TemplateValues = [
        "NEXT": .text(next), "NAME": .text(name),
        "NONCE": .text(
            context.nonces.make(.browser(value), purpose: purpose, page: "", at: context.dependencies.now())),
    ]
    if let problem { values = values.merging(problem.values) }
    let page = try context.page(
        "login.html", problem == nil ? "Log in" : "Error: Log in", values, visitor: .stranger,
        status: problem?.status ?? 200)
    return page.setting(try context.cookies.setForm(value))
}

private func logIn(_ context: WebContext, _ request: HTTPRequest) async throws -> HTTPResponse {
    try context.requireOwnForm(request)
    let form = try request.form()
    let next = localAddress(form.first("next"))
    let name = form.first("name") ?? ""
    let browser = request.cookie(context.cookies.form) ?? ""
    let isGood = context.nonces.isValid(
        form.first("nonce") ?? "", .browser(browser), purpose: purpose, page: "",
        at: context.dependencies.now())
    guard isGood, !browser.isEmpty else {
        return try loginPage(context, request, next: next, name: name, problem: WebContext.staleForm)
    }
    do {
        let login = try await context.identity.login(
            .name(name), pin: form.first("pin") ?? "", from: request.remoteAddress,
            replacing: request.cookie(context.cookies.session))
        return HTTPResponse.redirect(to: next).setting(try context.sessionCookie(login))
    } catch let refusal as Refusal {
        return try loginPage(context, request, next: next, name: name, problem: Problem(refusal))
    }
}

extension WebContext {
    /// The cookie of a new session; it lives as long as the session.
    func sessionCookie(_ login: Login) throws -> SetCookie {
        let seconds = max(60, login.expiresAt.seconds(since: dependencies.now()))
        return try cookies.setSession(login.token.text, lifetimeSeconds: min(seconds, 86_400 * 30))
    }
}
