import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// Keys of bots, workers and scripts, and everybody's personal tokens.
    mutating func addKeySettings() {
        settings(
            "/settings/keys", isFor: \.canAudit, mayChange: \.canAdminister,
            { visit in try await keyPage(visit) }, { visit in try await changeKeys(visit) })
    }
}

private let scopes: [(value: String, label: String)] = [
    ("propose", "propose: for a bot"), ("work", "work: for the execution worker"),
    ("read", "read: sees everything"), ("alert", "alert: raises alerts"),
    ("operate", "operate: stops trading"),
]

private func keyPage(_ visit: SettingsVisit, secret: (String, IssuedSecret)? = nil) async throws
    -> SettingsPage
{
    let keys = try await visit.context.identity.keys()
    var page = SettingsPage(
        title: "Keys",
        lead: "What programs show to be let in. Of a key only its beginning is kept to be read.",
        parts: [
            keyPart(keys.filter { $0.userID == nil }, title: "Keys"),
            keyPart(keys.filter { $0.userID != nil }, title: "Personal tokens"),
        ])
    page.secret = secret
    guard visit.mayChange else { return page }
    page.forms = [
        .init(
            id: "create", title: "Make a key",
            fields: [
                .init(name: "name", label: "Name", hint: "Of the bot, worker or script."),
                .init(
                    name: "scope", label: "Scope", hint: "What it may do, and nothing else.",
                    kind: .choice(scopes)),
            ], buttons: [("create", "Make it", false)])
    ]
    let inUse = keys.filter { $0.revokedAt == nil }
    if !inUse.isEmpty { page.forms.append(revokeForm(inUse)) }
    return page
}

private func changeKeys(_ visit: SettingsVisit) async throws -> HTTPResponse {
    switch visit.action {
    case "create":
        guard let scope = visit.text("scope").flatMap(KeyScope.init) else {
            throw Refusal.invalid([JSONFault(pointer: "/scope", detail: "must be one of the scopes")])
        }
        let key = try await visit.context.identity.createKey(
            named: visit.text("name") ?? "", scope: scope, by: visit.actor)
        return try await keyPage(visit, secret: ("The key \(key.record.name)", key.secret)).response(visit)
    case "revoke":
        guard let id = visit.text("key").flatMap(Identifier.init) else { throw Refusal.notFound("key") }
        try await visit.context.identity.revokeKey(id, by: visit.actor)
        return visit.goOn("revoked")
    default: throw Problem.malformed("The form says none of the things that can be done here.")
    }
}
