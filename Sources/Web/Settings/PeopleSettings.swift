import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// People: who there is, what they may do, and from where they are logged in.
    mutating func addPeopleSettings() {
        settings(
            "/settings/people", isFor: \.canAudit, mayChange: \.canAdminister,
            { visit in try await peoplePage(visit) }, { visit in try await addPerson(visit) })
        settings(
            "/settings/people/{id}", isFor: \.canAudit, mayChange: \.canAdminister,
            { visit in try await personPage(visit) }, { visit in try await changePerson(visit) })
    }
}

private typealias Page = SettingsPage

private let roles: [(value: String, label: String)] = [
    ("viewer", "viewer: sees everything, decides nothing"), ("approver", "approver: approves and rejects"),
    ("operator", "operator: also stops and resumes trading"), ("admin", "admin: also changes the settings"),
    ("auditor", "auditor: sees everything and verifies the journal"),
]

private func limitFields(_ user: UserRecord?) -> [Page.Form.Field] {
    [
        .init(
            name: "email", label: "Mail address", hint: "Where mail to them goes. May be left empty.",
            value: user?.email ?? ""),
        .init(name: "role", label: "Role", kind: .choice(roles), value: user?.role.rawValue ?? "approver"),
        .init(
            name: "max_notional", label: "Most one decision may be about, in USD",
            hint: "Empty: no limit of their own.",
            value: user?.maxNotional?.description ?? ""),
        .init(
            name: "max_notional_per_day", label: "Most a day's decisions may be about, in USD",
            hint: "Empty: no limit of their own.", value: user?.maxNotionalPerDay?.description ?? ""),
    ]
}

private func state(_ user: UserRecord, at now: Timestamp) -> String {
    if user.disabledAt != nil { return "disabled" }
    if let until = user.lockedUntil, until > now { return "locked somewhere until \(until.newYorkClock)" }
    return user.hasPIN ? "active" : "no PIN yet"
}

private func peoplePage(_ visit: SettingsVisit) async throws -> SettingsPage {
    let users = try await visit.context.identity.users()
    let now = visit.context.dependencies.now()
    let (each, day) = (AmountForm(users.map(\.maxNotional)), AmountForm(users.map(\.maxNotionalPerDay)))
    let rows = users.map { user -> [Page.Part.Cell] in
        [
            .init(user.name, address: "/settings/people/\(user.id)"), .init(user.role.rawValue),
            .init(user.email ?? "none"), .init(user.maxNotional.map(each.money) ?? "none"),
            .init(user.maxNotionalPerDay.map(day.money) ?? "none"), .init(state(user, at: now)),
        ]
    }
    var page = SettingsPage(
        title: "People", lead: "Who may see, approve, stop and change. A name opens the person's page.",
        parts: [
            .init(
                title: "Everybody", columns: ["Name", "Role", "Mail", "Limit each", "Limit a day", "State"],
                rows: rows)
        ])
    if visit.mayChange {
        let first: [Page.Form.Field] = [
            .init(
                name: "name", label: "Name",
                hint: "A letter, then letters, digits, dots or dashes. It stays taken.")
        ]
        let last = Page.Form.Field(
            name: "new_pin", label: "Their first PIN or password",
            hint: "4 to 12 digits, or at least 8 characters. They change it on their own page.", kind: .secret
        )
        page.forms = [
            .init(
                id: "add", title: "Add a person", fields: first + limitFields(nil) + [last],
                buttons: [("add", "Add", false)])
        ]
    }
    return page
}

private func addPerson(_ visit: SettingsVisit) async throws -> HTTPResponse {
    guard let role = visit.text("role").flatMap(Role.init) else {
        throw Refusal.invalid([JSONFault(pointer: "/role", detail: "must be one of the roles")])
    }
    let pin = visit.typed?.first("new_pin") ?? ""
    do {
        _ = try await visit.context.identity.addUser(
            NewUser(
                name: visit.text("name") ?? "", email: visit.text("email"), role: role,
                maxNotional: try visit.amount("max_notional"),
                maxNotionalPerDay: try visit.amount("max_notional_per_day")),
            pin: pin.isEmpty ? nil : pin, by: visit.actor)
    } catch let refusal as Refusal {
        throw refusal.aboutNewPIN
    }
    return visit.goOn("added")
}

private func person(_ visit: SettingsVisit) async throws -> UserRecord {
    let id = visit.request.parameters["id"].flatMap(Identifier.init)
    guard let id, let user = try await visit.context.identity.users().first(where: { $0.id == id }) else {
        throw Refusal.notFound("person")
    }
    return user
}

private func personPage(_ visit: SettingsVisit) async throws -> SettingsPage {
    let user = try await person(visit)
    let sessions = try await visit.context.identity.sessions(of: user.id)
    let keys = try await visit.context.identity.keys().filter { $0.userID == user.id }
    var page = SettingsPage(
        title: user.name,
        lead: "\(user.role.rawValue), \(state(user, at: visit.context.dependencies.now())).",
        parts: [sessionPart(sessions), keyPart(keys, title: "Personal tokens")])
    guard visit.mayChange, user.disabledAt == nil else { return page }
    page.forms = [
        .init(
            id: "change", title: "What \(user.name) may do",
            words: user.id == visit.person.id
                ? "Your own role and limits are raised by another admin, where there is one." : "",
            fields: limitFields(user), buttons: [("change", "Save", false)]),
        .init(
            id: "pin", title: "Set a new PIN",
            words: "For somebody who forgot theirs. It also unlocks them and ends their sessions.",
            fields: [
                .init(
                    name: "new_pin", label: "New PIN or password",
                    hint: "4 to 12 digits, or at least 8 characters.",
                    kind: .secret)
            ], buttons: [("pin", "Set the PIN", false)]),
        sessionForm(sessions),
        .init(
            id: "access", title: "Unlock or disable",
            words:
                "Unlocking forgets the wrong PINs that were typed. Disabling ends sessions, tokens and channels at "
                + "once and for good; the name stays taken.",
            buttons: [("access-unlock", "Unlock", false), ("access-disable", "Disable \(user.name)", true)]),
    ]
    return page
}

private func changePerson(_ visit: SettingsVisit) async throws -> HTTPResponse {
    let user = try await person(visit)
    let identity = visit.context.identity
    switch visit.action {
    case "change":
        guard let role = visit.text("role").flatMap(Role.init) else {
            throw Refusal.invalid([JSONFault(pointer: "/role", detail: "must be one of the roles")])
        }
        try await identity.change(
            user.id,
            to: PersonChange(
                email: visit.text("email"), role: role, maxNotional: try visit.amount("max_notional"),
                maxNotionalPerDay: try visit.amount("max_notional_per_day")), by: visit.person)
        return visit.goOn("saved")
    case "pin":
        do {
            try await identity.setPIN(
                ofUserNamed: user.name, to: visit.typed?.first("new_pin") ?? "", by: visit.actor)
        } catch let refusal as Refusal {
            throw refusal.aboutNewPIN
        }
        return user.id == visit.person.id ? .redirect(to: "/login") : visit.goOn("pin")
    case "session-one", "session-all": return try await endSessions(visit, of: user.id)
    case "access-unlock":
        try await identity.unlockUser(named: user.name, by: visit.actor)
        return visit.goOn("unlocked")
    case "access-disable":
        try await identity.disableUser(named: user.name, by: visit.actor)
        return user.id == visit.person.id ? .redirect(to: "/login") : visit.goOn("disabled")
    default: throw Problem.malformed("The form says none of the things that can be done here.")
    }
}
