import HTTPServer

extension WebContext {
    /// Adds to every answer what keeps browsers from doing more with it than they should.
    func secure(_ response: inout HTTPResponse, for request: HTTPRequest) {
        func setDefault(_ name: String, _ value: String) {
            if response.headers.first(name) == nil { response.headers.add(name, value) }
        }
        setDefault("Cache-Control", "no-store")
        setDefault("Content-Security-Policy", Self.contentSecurityPolicy)
        setDefault("Referrer-Policy", "no-referrer")
        setDefault("X-Content-Type-Options", "nosniff")
        setDefault("X-Frame-Options", "DENY")
        setDefault("X-Robots-Tag", "noindex, nofollow")
        setDefault("Cross-Origin-Opener-Policy", "same-origin")
        setDefault("Cross-Origin-Resource-Policy", "same-origin")
        if address.isSecure { setDefault("Strict-Transport-Security", "max-age=31536000") }
    }

    private static let contentSecurityPolicy =
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

    /// The answer where no route fits: a problem document for programs, a page for people.
    func noRoute(status: Int, _ request: HTTPRequest) async -> HTTPResponse {
        var problem = Problem.of(status: status)
        guard isForPeople(request) else { return problem.response }
        if status == 404 {
            problem.detail =
                "There is no page at this address. If you typed it, check it; if you followed a link, it may be old."
        }
        return await errorPage(problem, request)
    }

    /// A problem as a document for programs, as a page for people.
    func answer(_ problem: Problem, _ request: HTTPRequest) -> HTTPResponse {
        isForPeople(request) ? errorPage(problem, request, around: .stranger, nil) : problem.response
    }

    private func isForPeople(_ request: HTTPRequest) -> Bool {
        request.segments.first != "api" && (request.headers.first("Accept") ?? "").contains("text/html")
    }
}
