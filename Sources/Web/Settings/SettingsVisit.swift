import Domain
import Gate
import HTTPServer
import JSON
import Store
import Templates

/// Somebody at a page of settings.
struct SettingsVisit: Sendable {
    static let purpose = "settings"

    let context: WebContext
    let session: SessionRecord
    let request: HTTPRequest
    /// The page's own address, to which its forms are sent and their nonces bound.
    let address: String
    /// What was wrong about the form that came.
    var problem: Problem?
    /// What the form said, to show it again; secrets are never shown again.
    var typed: FormFields?

    var person: Person { session.person }
    var mayChange: Bool { person.role.canAdminister }
    var actor: String { "user:\(person.name)" }

    var nonce: String { context.nonce(.person(session), Self.purpose, address) }
    var action: String { typed?.first("action") ?? "" }
    /// The form that came: the first part of its action.
    var form: String { String(action.prefix { $0 != "-" }) }

    /// What was just done, in words that are ours whatever the address says.
    var done: String { request.query.first("done").flatMap { Self.words[$0] } ?? "" }

    private static let words = [
        "saved": "Saved.", "channel": "Added. Send a test to see whether it arrives.", "added": "Added.",
        "ended": "Ended.",
        "revoked": "Revoked. It opens nothing any more.",
        "unlocked": "Unlocked.", "disabled": "Disabled.", "enabled": "Enabled again.",
        "pin": "The PIN is set. Everybody who was logged in under that name is logged out.",
        "tested": "The test message arrived.", "applied": "Applied. These limits count now.",
        "drafted": "A draft waits for another admin. Until one accepts it, the old limits count.",
        "rejected": "The draft was put aside.",
        "unchanged": "Those are the limits that count already; nothing changed.",
    ]

    var places: [TemplateValues] {
        var places = [("/settings", "Yourself"), ("/settings/policy", "Policy")]
        if person.role.canAudit {
            places += [
                ("/settings/people", "People"), ("/settings/keys", "Keys"),
                ("/settings/channels", "Channels"),
            ]
        }
        return places.map { place, label in
            let isHere = address == place || (place != "/settings" && address.hasPrefix(place + "/"))
            return ["PLACE_ADDRESS": .text(place), "PLACE": .text(label), "IS_HERE": .shown(isHere)]
        }
    }

    /// A field as it was sent, without blanks at its ends; nil where it is empty.
    func text(_ name: String) -> String? {
        let text = (typed?.first(name) ?? "").drop(while: \.isWhitespace).reversed().drop(
            while: \.isWhitespace)
        return text.isEmpty ? nil : String(text.reversed())
    }

    /// An amount of money that may be left out.
    func amount(_ name: String) throws -> ExactDecimal? {
        guard let text = text(name)?.filter({ $0 != "," && $0 != "$" }) else { return nil }
        guard let amount = ExactDecimal(text) else {
            throw Refusal.invalid([JSONFault(pointer: "/\(name)", detail: "must be a number such as 2500.00")]
            )
        }
        return amount
    }

    func goOn(_ done: String, to address: String? = nil) -> HTTPResponse {
        .redirect(to: "\(address ?? self.address)?done=\(done)")
    }
}

extension RouteTable {
    typealias SettingsReader = @Sendable (SettingsVisit) async throws -> SettingsPage
    typealias SettingsWriter = @Sendable (SettingsVisit) async throws -> HTTPResponse

    /// A page of settings and its forms.
    ///
    /// Each form is believed with its nonce, from this site, and with the PIN of whoever is logged in: a session that was
    /// left open, or stolen, changes nothing that outlasts it.
    mutating func settings(
        _ path: String, isFor: @escaping @Sendable (Role) -> Bool,
        mayChange: @escaping @Sendable (Role) -> Bool,
        _ page: @escaping SettingsReader, _ change: @escaping SettingsWriter
    ) {
        let context = context
        memberPage(.get, path) { request, session in
            let visit = SettingsVisit(
                context: context, session: session, request: request, address: request.address)
            guard isFor(session.person.role) else {
                throw Refusal(.notAllowed, "Only admins and auditors see this page.")
            }
            return try await page(visit).response(visit)
        }
        memberPage(.post, path) { request, session in
            try context.requireOwnForm(request)
            let form = try request.form()
            var visit = SettingsVisit(
                context: context, session: session, request: request, address: request.address, typed: form)
            guard
                context.isGood(form.first("nonce"), .person(session), SettingsVisit.purpose, visit.address)
            else { throw WebContext.staleForm }
            guard isFor(session.person.role), mayChange(session.person.role) else {
                throw Refusal(.notAllowed, "Only admins may change this.")
            }
            do {
                try await visit.prove()
                return try await change(visit)
            } catch let failure where Problem(failure).status < 500 {
                visit.problem = Problem(failure)
                return try await page(visit).response(visit)
            }
        }
    }
}

extension SettingsVisit {
    /// Goes on where the PIN on the form is that of whoever is logged in.
    fileprivate func prove() async throws {
        let pin = typed?.first("pin") ?? ""
        guard !pin.isEmpty else {
            throw Refusal.invalid([JSONFault(pointer: "/pin", detail: "is needed: every change asks for it")])
        }
        _ = try await context.identity.verifyPIN(person.id, pin, from: request.remoteAddress)
    }
}

extension HTTPRequest {
    /// The page's address, spelled as the route spells it.
    fileprivate var address: String { "/" + segments.joined(separator: "/") }
}
