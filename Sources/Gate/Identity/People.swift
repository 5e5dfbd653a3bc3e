import Domain
import JSON
import Postgres
package import Store

extension Identity {
    /// Adds a person; without a PIN they are asked but cannot decide.
    ///
    /// `actor` is who does it: `cli:root`.
    package func addUser(_ user: NewUser, pin: String?, by actor: String) async throws -> UserRecord {
        let faults = Self.faults(user) + Self.pinFaults(pin, of: user.name)
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        var pinHash: String?
        if let pin { pinHash = try await hasher.hash(pin) }
        let hash = pinHash
        let isGiven = hash != nil && Self.isAnother(actor, than: user.name)
        return try await context.pool.transaction { session in
            guard try UserStore.find(name: user.name, in: session) == nil else {
                throw Self.nameTaken(user.name)
            }
            let id = context.newIdentifier(at: try DatabaseClock.now(in: session))
            let record: UserRecord
            do throws(PostgresError) {
                record = try UserStore.insert(user, id: id, pinHash: hash, isGiven: isGiven, in: session)
            } catch {
                throw error.isUniqueViolation ? Self.nameTaken(user.name) as any Error : error
            }
            try JournalStore.append([Self.added(record, by: actor)], in: session)
            return record
        }
    }

    /// Everybody, by name.
    package func users() async throws -> [UserRecord] {
        try await context.pool.withSession { session in try UserStore.list(in: session) }
    }

    /// Somebody by name.
    package func user(named name: String) async throws -> UserRecord {
        try await context.pool.withSession { session in try Self.user(named: name, in: session) }
    }

    /// Takes a person out of use: sessions, tokens and channels end at once.
    ///
    /// False where they were already.
    @discardableResult
    package func disableUser(named name: String, by actor: String) async throws -> Bool {
        try await context.pool.transaction { session in
            let user = try Self.user(named: name, in: session)
            if user.role == .admin, user.disabledAt == nil {
                try Self.requireOtherAdmin(than: user, in: session)
            }
            guard try UserStore.disable(user.id, in: session) else { return false }
            let ended = try SessionStore.endAll(of: user.id, in: session)
            let entry = JournalDraft(
                kind: "user.disabled", actor: actor, subject: user.subject,
                data: ["name": .string(user.name), "sessions_ended": .integer(ended)])
            try JournalStore.append([entry], in: session)
            try Channels.disableAll(of: user, by: actor, in: session)
            return true
        }
    }

    /// Sets a person's PIN, unlocks them and ends their sessions.
    package func setPIN(ofUserNamed name: String, to pin: String, by actor: String) async throws {
        let faults = Self.pinFaults(pin, of: name)
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        let hash = try await hasher.hash(pin)
        try await context.pool.transaction { session in
            let user = try Self.user(named: name, in: session)
            guard user.disabledAt == nil else {
                throw Refusal(.conflict, "\(user.name) is disabled; a PIN would open nothing.")
            }
            try UserStore.setPIN(
                user.id, hash: hash, isGiven: Self.isAnother(actor, than: user.name), in: session)
            try AttemptStore.unlock(user.id, subject: "user:\(user.id)", in: session)
            let ended = try SessionStore.endAll(of: user.id, in: session)
            let entry = JournalDraft(
                kind: "user.pin_changed", actor: actor, subject: user.subject,
                data: ["name": .string(user.name), "sessions_ended": .integer(ended)])
            try JournalStore.append([entry], in: session)
        }
    }

    static func user(named name: String, in session: PostgresSession) throws -> UserRecord {
        guard Names.isPersonName(name), let user = try UserStore.find(name: name, in: session) else {
            throw Refusal(.notFound, "There is no user named \(name.prefix(63)).")
        }
        return user
    }

    /// Whether somebody sets another person's PIN; whoever works on the database could do anything anyway.
    private static func isAnother(_ actor: String, than name: String) -> Bool {
        actor.hasPrefix("user:") && actor != "user:\(name)"
    }

    /// Refuses as a second person whoever was given their PIN by another within a day.
    ///
    /// Whoever added them, or set their PIN anew, could otherwise be both people.
    static func requireOwnPIN(
        of person: Person, unlessAlone: Bool = false, in session: PostgresSession
    ) throws {
        guard try UserStore.hasGivenPIN(person.id, in: session) else { return }
        if unlessAlone, try HaltStore.otherOperators(than: person.name, in: session) == 0 { return }
        throw Refusal(
            .secondPersonRequired,
            "Somebody else set the PIN of \(person.name) within the last 24 hours, and may know it. Until a day has "
                + "passed, \(person.name) does not count as the second person; ask somebody else.")
    }

    private static func faults(_ user: NewUser) -> [JSONFault] {
        var faults: [JSONFault] = []
        if !Names.isPersonName(user.name) {
            faults.append(JSONFault(pointer: "/name", detail: Names.personNameRule))
        }
        if let email = user.email, !Names.isMailAddress(email) {
            faults.append(
                JSONFault(pointer: "/email", detail: "must be a mail address such as a@example.com"))
        }
        for (key, limit) in [
            ("max_notional", user.maxNotional), ("max_notional_per_day", user.maxNotionalPerDay),
        ] {
            if let limit, !limit.isPositive {
                faults.append(JSONFault(pointer: "/\(key)", detail: "must be above 0"))
            }
        }
        return faults
    }

    private static func pinFaults(_ pin: String?, of name: String) -> [JSONFault] {
        guard let pin else { return [] }
        do {
            _ = try NewPIN(pin, of: name)
            return []
        } catch {
            return error.faults
        }
    }

    private static func nameTaken(_ name: String) -> Refusal {
        Refusal(.conflict, "There is already a user named \(name). Names stay taken, also after disabling.")
    }

    private static func added(_ user: UserRecord, by actor: String) -> JournalDraft {
        JournalDraft(
            kind: "user.added", actor: actor, subject: user.subject,
            data: [
                "name": .string(user.name), "role": .string(user.role.rawValue), "email": .text(user.email),
                "has_pin": .bool(user.hasPIN), "max_notional": .text(user.maxNotional?.description),
                "max_notional_per_day": .text(user.maxNotionalPerDay?.description),
            ])
    }
}
