import HTTPServer

/// Who may do what: a row for each route, one column for the scopes of keys and one for the roles of people.
///
/// What nobody has written down here is refused by `RightsMatrixTests`, so that a new route cannot come without its row.
struct RightsMatrix: Sendable {
    struct Row: Sendable {
        let method: HTTPMethod
        let pattern: String
        let kind: Kind
        /// Scopes and roles that may; everybody else is refused.
        let callers: Set<String>
    }

    enum Kind: Sendable {
        /// Of the API: a key or token in the header, 401 without, 403 with the wrong one.
        case api
        /// A page: a session, the login page without, 403 for those whom it does not concern.
        case page
        /// A form: the same, and refused to everybody who does not bring its nonce.
        case form
        /// What a page listens to: 401 without a session.
        case stream
        /// For everybody, and shows nothing of any trade.
        case open
        /// For whoever is on this machine, or has a key.
        case monitor
        /// For everybody who has a link or opens the login page; what it shows then is tested elsewhere.
        case link
    }

    static let scopes = ["propose", "work", "read", "alert", "operate"]
    static let roles = ["viewer", "approver", "operator", "admin", "auditor"]
    private static let everybody = roles.joined(separator: " ")
    private static let deciders = "approver operator admin"

    let rows: [Row]

    static let written = RightsMatrix(rows: [
        row(.get, "/", .page),
        api(.post, "/proposals", "propose \(deciders)"),
        api(.get, "/proposals", "propose read \(everybody)"),
        api(.get, "/proposals/{id}", "propose read \(everybody)"),
        api(.post, "/proposals/{id}/withdraw", "propose \(deciders)"),
        api(.post, "/proposals/{id}/decisions", deciders),
        api(.post, "/proposals/{id}/revoke", deciders),
        api(.post, "/emergency-stop", "operate operator admin"),
        api(.post, "/emergency-resume", "operate operator admin"),
        api(.post, "/halts", "operate operator admin"),
        api(.get, "/halts", "read operate \(everybody)"),
        api(.post, "/halts/{id}/clear", "operate operator admin"),
        api(.get, "/orders", "work read \(everybody)"),
        api(.get, "/orders/{id}", "work read \(everybody)"),
        api(.post, "/worker/sync", "work"),
        api(.post, "/orders/{id}/claim", "work"),
        api(.post, "/orders/{id}/reports", "work"),
        api(.get, "/commands", "work read operate \(everybody)"),
        api(.post, "/commands/{id}/reports", "work"),
        api(.post, "/commands/{id}/withdraw", "operate operator admin"),
        api(.post, "/positions/{symbol}/close", "operate operator admin"),
        api(.get, "/trading/status", "work read operate \(everybody)"),
        api(.get, "/risk/limits", "read \(everybody)"),
        api(.get, "/trading/account", "read \(everybody)"),
        api(.get, "/positions/active", "read \(everybody)"),
        api(.get, "/risk/metrics", "read \(everybody)"),
        api(.get, "/risk/mismatches", "read \(everybody)"),
        api(.post, "/risk/mismatches/{id}/clear", "operate operator admin"),
        api(.get, "/policy", "read \(everybody)"),
        api(.put, "/policy", "admin"),
        api(.get, "/policy/versions", "read \(everybody)"),
        api(.post, "/policy/drafts/{id}/accept", "admin"),
        api(.post, "/policy/drafts/{id}/reject", "admin"),
        api(.get, "/audit", "admin auditor"),
        api(.get, "/audit/checkpoint", "admin auditor"),
        row(.get, "/api/v1/signing-keys", .open),
        api(.get, "/events", "read \(everybody)"),
        row(.get, "/healthz", .open),
        row(.get, "/readyz", .open),
        row(.get, "/metrics", .monitor),
        row(.get, "/openapi.json", .open),
        row(.get, "/static/{name}", .open),
        row(.get, "/problems/{slug}", .open),
        row(.get, "/login", .link),
        row(.post, "/login", .link),
        row(.post, "/logout", .form),
        row(.get, "/proposals/{id}", .page),
        row(.post, "/proposals/{id}", .form, deciders),
        row(.get, "/r/{token}", .link),
        row(.post, "/r/{token}", .link),
        row(.post, "/proposals/{id}/revoke", .form, deciders),
        row(.get, "/history", .page),
        row(.get, "/orders", .page),
        row(.get, "/orders/{id}", .page),
        row(.get, "/positions", .page),
        api(.get, "/reports/daily/{date}", "read \(everybody)"),
        api(.get, "/reports/weekly/{week}", "read \(everybody)"),
        api(.post, "/alerts", "alert \(deciders)"),
        api(.get, "/alerts", "read alert \(everybody)"),
        api(.get, "/alerts/{id}", "read alert \(everybody)"),
        api(.post, "/alerts/{id}/ack", deciders),
        api(.post, "/alerts/{id}/resolve", "alert \(deciders)"),
        row(.get, "/alerts", .page),
        row(.get, "/alerts/{id}", .page),
        row(.post, "/alerts/{id}", .link),
        row(.get, "/risk", .page),
        api(.get, "/reviews/{week}", "read \(everybody)"),
        api(.post, "/reviews/{week}/answers", deciders),
        api(.post, "/reviews/{week}/sign", "operator admin"),
        row(.get, "/reviews", .page),
        row(.get, "/reviews/{week}", .page),
        row(.post, "/reviews/{week}", .form),
        row(.get, "/reports", .page),
        row(.get, "/reports/weekly/{week}/{chart}", .page),
        row(.get, "/reports/daily/{date}/{chart}", .page),
        row(.get, "/reports/weekly/{week}", .page),
        row(.get, "/reports/daily/{date}", .page),
        row(.get, "/halts", .page),
        row(.post, "/halts", .form, "operator admin"),
        row(.get, "/deliveries", .page),
        row(.post, "/deliveries", .form, "operator admin"),
        row(.get, "/live", .stream),
        row(.get, "/alerts/live", .stream),
        row(.get, "/proposals/{id}/live", .stream),
        row(.get, "/settings", .page),
        row(.post, "/settings", .form),
        row(.get, "/settings/people", .page, "admin auditor"),
        row(.post, "/settings/people", .form, "admin"),
        row(.get, "/settings/people/{id}", .page, "admin auditor"),
        row(.post, "/settings/people/{id}", .form, "admin"),
        row(.get, "/settings/keys", .page, "admin auditor"),
        row(.post, "/settings/keys", .form, "admin"),
        row(.get, "/settings/channels", .page, "admin auditor"),
        row(.post, "/settings/channels", .form, "admin"),
        row(.get, "/settings/channels/{id}", .page, "admin auditor"),
        row(.post, "/settings/channels/{id}", .form, "admin"),
        row(.get, "/settings/policy", .page),
        row(.post, "/settings/policy", .form, "admin"),
    ])

    /// The routes that have no row, and the rows that have no route.
    func differences(to routes: [(method: HTTPMethod, pattern: String)]) -> [String] {
        let there = Set(routes.map { "\($0.method) \($0.pattern)" })
        let written = Set(rows.map { "\($0.method) \($0.pattern)" })
        return there.subtracting(written).sorted().map { "no row for \($0)" }
            + written.subtracting(there).sorted().map { "no route for \($0)" }
    }

    private static func api(_ method: HTTPMethod, _ path: String, _ callers: String) -> Row {
        row(method, "/api/v1" + path, .api, callers)
    }

    private static func row(
        _ method: HTTPMethod, _ pattern: String, _ kind: Kind, _ callers: String = everybody
    ) -> Row {
        Row(
            method: method, pattern: pattern, kind: kind,
            callers: Set(callers.split(separator: " ").map(String.init)))
    }
}
