import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// What everybody may change about themselves: PIN, sessions, tokens.
    mutating func addOwnSettings() {
        settings(
            "/settings", isFor: { _ in true }, mayChange: { _ in true },
            { visit in try await ownPage(visit) }, { visit in try await changeOwn(visit) })
    }
}

private func ownPage(_ visit: SettingsVisit, secret: (String, IssuedSecret)? = nil) async throws
    -> SettingsPage
{
    let identity = visit.context.identity
    let sessions = try await identity.sessions(of: visit.person.id)
    let keys = try await identity.keys().filter { $0.userID == visit.person.id }
    let inUse = keys.filter { $0.revokedAt == nil }
    var page = SettingsPage(
        title: "Yourself", lead: "You are \(visit.person.name), \(visit.person.role.rawValue).",
        parts: [sessionPart(sessions, own: visit.session), keyPart(keys, title: "Your personal tokens")])
    page.secret = secret
    page.forms = [
        .init(
            id: "pin", title: "Change your PIN", words: "It ends all your sessions, this one too.",
            fields: [
                .init(
                    name: "new_pin", label: "New PIN or password",
                    hint: "4 to 12 digits, or at least 8 characters.",
                    kind: .secret),
                .init(name: "again", label: "The new one again", kind: .secret),
            ], buttons: [("pin", "Change the PIN", false)]),
        sessionForm(sessions, own: visit.session),
        .init(
            id: "token", title: "Make a personal token",
            words: "For the API and the command line. It may do what you may.",
            fields: [.init(name: "name", label: "What it is for", hint: "Such as laptop.")],
            buttons: [("token", "Make it", false)]),
    ]
    if !inUse.isEmpty { page.forms.append(revokeForm(inUse)) }
    return page
}

private func changeOwn(_ visit: SettingsVisit) async throws -> HTTPResponse {
    let identity = visit.context.identity
    switch visit.action {
    case "pin":
        let pin = visit.typed?.first("new_pin") ?? ""
        guard pin == visit.typed?.first("again") else {
            throw Refusal.invalid([JSONFault(pointer: "/again", detail: "is not the same as the new one")])
        }
        do {
            try await identity.setOwnPIN(of: visit.person, to: pin)
        } catch let refusal as Refusal {
            throw refusal.aboutNewPIN
        }
        return .redirect(to: "/login")
    case "session-one", "session-all": return try await endSessions(visit, of: visit.person.id)
    case "token":
        let key = try await identity.createToken(
            named: visit.text("name") ?? "", forUserNamed: visit.person.name, by: visit.actor)
        return try await ownPage(visit, secret: ("The token \(key.record.name)", key.secret)).response(visit)
    case "revoke":
        guard let id = visit.text("key").flatMap(Identifier.init) else { throw Refusal.notFound("token") }
        try await identity.revokeKey(id, of: visit.person.id, by: visit.actor)
        return visit.goOn("revoked")
    default: throw Problem.malformed("The form says none of the things that can be done here.")
    }
}

// MARK: shared with the pages of people and keys

/// The sessions of somebody; the one that is looked from is marked.
func sessionPart(_ sessions: [SessionListing], own: SessionRecord? = nil) -> SettingsPage.Part {
    .init(
        title: "Sessions", words: sessions.isEmpty ? "Logged in nowhere." : "",
        columns: ["Began", "From", "Last used", "Ends"],
        rows: sessions.map {
            [
                .init($0.createdAt.tableWords + ($0.isOf(own) ? ", this one" : "")),
                .init($0.address ?? "not known"),
                .init($0.lastSeenAt.tableWords),
                .init($0.expiresAt.tableWords),
            ]
        })
}

func sessionForm(_ sessions: [SessionListing], own: SessionRecord? = nil) -> SettingsPage.Form {
    let choices = sessions.map {
        (
            value: $0.name,
            label: "since \($0.createdAt.tableWords), from \($0.address ?? "an unknown address")"
                + ($0.isOf(own) ? ", this one" : "")
        )
    }
    return .init(
        id: "session", title: "End sessions",
        fields: [.init(name: "session", label: "Session", kind: .choice(choices))],
        buttons: [("session-one", "End this one", false), ("session-all", "End all", true)])
}

extension SessionListing {
    /// Whether it is this session: its name is the digest of what is stored of the token.
    fileprivate func isOf(_ session: SessionRecord?) -> Bool {
        session.map { Hex.encode(SHA256.hash($0.tokenHash)) == name } ?? false
    }
}

func endSessions(_ visit: SettingsVisit, of id: Identifier) async throws -> HTTPResponse {
    let name = visit.action == "session-one" ? visit.text("session") ?? "" : nil
    try await visit.context.identity.endSessions(of: id, named: name, by: visit.actor)
    return visit.goOn("ended")
}

func keyPart(_ keys: [KeyRecord], title: String) -> SettingsPage.Part {
    .init(
        title: title, words: keys.isEmpty ? "There are none." : "",
        columns: ["Name", "Scope", "Begins", "Made", "Last used", "State"],
        rows: keys.map {
            [
                .init("\($0.userName.map { owner in "\(owner)'s " } ?? "")\($0.name)"),
                .init($0.scope.rawValue),
                .init($0.hint + "…"), .init($0.createdAt.tableWords),
                .init($0.lastUsedAt?.tableWords ?? "never"),
                .init($0.revokedAt.map { "revoked \($0.tableWords)" } ?? "in use"),
            ]
        })
}

func revokeForm(_ keys: [KeyRecord]) -> SettingsPage.Form {
    let choices = keys.map { key in
        (
            value: key.id.text,
            label: "\(key.userName.map { "\($0)'s " } ?? "")\(key.name), \(key.scope.rawValue)"
        )
    }
    return .init(
        id: "revoke", title: "Revoke", words: "It opens nothing from that moment on.",
        fields: [.init(name: "key", label: "Which", kind: .choice(choices))],
        buttons: [("revoke", "Revoke", true)])
}

extension Refusal {
    /// The same about the field of a new PIN, which is not the field of one's own.
    var aboutNewPIN: Refusal {
        Refusal(
            code, detail, facts: facts,
            faults: faults.map {
                JSONFault(pointer: $0.pointer == "/pin" ? "/new_pin" : $0.pointer, detail: $0.detail)
            })
    }
}
