import Domain
import HTTPServer

/// The cookies that we ask browsers to keep.
struct BrowserCookies: Sendable {
    let isSecure: Bool

    /// Who is logged in.
    var session: String { isSecure ? "__Host-countersign" : "countersign_session" }
    /// To what browser the form at the login page was given.
    var form: String { isSecure ? "__Host-countersign-form" : "countersign_form" }
    /// Which personal link was opened; each on its own page's path.
    var link: String { isSecure ? "__Secure-countersign-link" : "countersign_link" }

    func setSession(_ token: String, lifetimeSeconds: Int) throws -> SetCookie {
        try SetCookie(session, token, maxAgeSeconds: lifetimeSeconds, isSecure: isSecure)
    }

    func endSession() throws -> SetCookie {
        try SetCookie(session, "ended", maxAgeSeconds: 0, isSecure: isSecure)
    }

    func setForm(_ value: String) throws -> SetCookie {
        try SetCookie(form, value, isSecure: isSecure)
    }

    func setLink(_ token: String, path: String, lifetimeSeconds: Int) throws -> SetCookie {
        try SetCookie(
            link, token, path: path, maxAgeSeconds: lifetimeSeconds, isSecure: isSecure)
    }
}
