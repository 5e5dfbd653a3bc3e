package import Domain
import JSON
import Postgres
package import Store

/// What somebody may do and where mail to them goes, as it is to be.
package struct PersonChange: Sendable, Hashable {
    package let email: String?
    package let role: Role
    package let maxNotional: ExactDecimal?
    package let maxNotionalPerDay: ExactDecimal?

    /// A change.
    package init(email: String?, role: Role, maxNotional: ExactDecimal?, maxNotionalPerDay: ExactDecimal?) {
        self.email = email
        self.role = role
        self.maxNotional = maxNotional
        self.maxNotionalPerDay = maxNotionalPerDay
    }
}

// What admins do to people from the pages, and people to themselves. Nobody raises what they may do themselves while
// somebody else could do it for them, and the last admin stays one; the database holds to the latter as well.
extension Identity {
    /// Changes what a person may do.
    package func change(_ id: Identifier, to change: PersonChange, by admin: Person) async throws {
        let faults = Self.faults(change)
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        try await context.pool.transaction { session in
            try Self.requireAdmin(admin, in: session)
            let user = try Self.inUse(id, in: session)
            if user.id == admin.id, Self.raises(user, change),
                try UserStore.hasOtherAdmin(than: admin.id, in: session)
            {
                throw Refusal(
                    .secondPersonRequired,
                    "Nobody raises their own role or limits while there is another admin. Ask one to do it for you."
                )
            }
            if user.role == .admin, change.role != .admin {
                try Self.requireOtherAdmin(than: user, in: session)
            }
            try UserStore.update(
                id, email: change.email, role: change.role, maxNotional: change.maxNotional,
                maxNotionalPerDay: change.maxNotionalPerDay, in: session)
            let entry = JournalDraft(
                kind: "user.changed", actor: "user:\(admin.name)", subject: user.subject,
                data: ["name": .string(user.name), "from": Self.json(user), "to": Self.json(change)])
            try JournalStore.append([entry], in: session)
        }
    }

    /// Sets one's own PIN; whoever asks has just shown the old one.
    package func setOwnPIN(of person: Person, to pin: String) async throws {
        try await setPIN(ofUserNamed: person.name, to: pin, by: "user:\(person.name)")
    }

    /// The sessions of a person that are good at the moment.
    package func sessions(of id: Identifier) async throws -> [SessionListing] {
        try await context.pool.withSession { try SessionStore.list(of: id, in: $0) }
    }

    /// Ends one of a person's sessions, or all of them where no name is given.
    package func endSessions(of id: Identifier, named name: String?, by actor: String) async throws {
        try await context.pool.transaction { session in
            guard let user = try UserStore.find(id, in: session) else { throw Refusal.notFound("person") }
            let ended: Int
            if let name {
                guard try SessionStore.end(named: name, of: id, in: session) else {
                    throw Refusal.notFound("session")
                }
                ended = 1
            } else {
                ended = try SessionStore.endAll(of: id, in: session)
            }
            let entry = JournalDraft(
                kind: "session.ended", actor: actor, subject: user.subject,
                data: ["name": .string(user.name), "sessions_ended": .integer(ended)])
            try JournalStore.append([entry], in: session)
        }
    }

    /// Takes a key out of use; `owner` where it must be that person's own token.
    package func revokeKey(_ id: Identifier, of owner: Identifier? = nil, by actor: String) async throws {
        try await context.pool.transaction { session in
            guard let key = try KeyStore.find(id, in: session), owner == nil || key.userID == owner else {
                throw Refusal.notFound("key")
            }
            guard try KeyStore.revoke(id, in: session) else { return }
            try JournalStore.append([Self.entry("key.revoked", key, by: actor)], in: session)
        }
    }

    /// Goes on where somebody else would remain who can administer.
    static func requireOtherAdmin(than user: UserRecord, in session: PostgresSession) throws {
        guard try UserStore.hasOtherAdmin(than: user.id, in: session) else {
            throw Refusal(
                .conflict,
                "\(user.name) is the last admin in use. Make somebody else an admin first, with a PIN; without one "
                    + "nobody could change the settings.")
        }
    }

    /// The role as it is now, not as it was when the session began.
    private static func requireAdmin(_ admin: Person, in session: PostgresSession) throws {
        guard let user = try UserStore.find(admin.id, in: session), user.disabledAt == nil,
            user.role.canAdminister
        else { throw Refusal(.notAllowed, "Only admins may change this.") }
    }

    private static func inUse(_ id: Identifier, in session: PostgresSession) throws -> UserRecord {
        guard let user = try UserStore.find(id, in: session) else { throw Refusal.notFound("person") }
        guard user.disabledAt == nil else {
            throw Refusal(
                .conflict, "\(user.name) is disabled. Names stay taken; add the person under another.")
        }
        return user
    }

    /// Whether the change lets the person do more than before.
    private static func raises(_ user: UserRecord, _ change: PersonChange) -> Bool {
        func isAbove(_ new: ExactDecimal?, _ old: ExactDecimal?) -> Bool {
            guard let old else { return false }
            return new.map { $0 > old } ?? true
        }
        let gains =
            (change.role.canDecide && !user.role.canDecide)
            || (change.role.canOperate && !user.role.canOperate)
            || (change.role.canAdminister && !user.role.canAdminister)
        return gains || isAbove(change.maxNotional, user.maxNotional)
            || isAbove(change.maxNotionalPerDay, user.maxNotionalPerDay)
    }

    private static func faults(_ change: PersonChange) -> [JSONFault] {
        var faults: [JSONFault] = []
        if let email = change.email, !Names.isMailAddress(email) {
            faults.append(
                JSONFault(pointer: "/email", detail: "must be a mail address such as a@example.com"))
        }
        if let limit = change.maxNotional, !limit.isPositive {
            faults.append(JSONFault(pointer: "/max_notional", detail: "must be above 0"))
        }
        if let limit = change.maxNotionalPerDay, !limit.isPositive {
            faults.append(JSONFault(pointer: "/max_notional_per_day", detail: "must be above 0"))
        }
        return faults
    }

    private static func json(_ user: UserRecord) -> JSONValue {
        json(
            PersonChange(
                email: user.email, role: user.role, maxNotional: user.maxNotional,
                maxNotionalPerDay: user.maxNotionalPerDay))
    }

    private static func json(_ change: PersonChange) -> JSONValue {
        [
            "email": .text(change.email), "role": .string(change.role.rawValue),
            "max_notional": .text(change.maxNotional?.description),
            "max_notional_per_day": .text(change.maxNotionalPerDay?.description),
        ]
    }
}
