import Cryptography
package import Domain
import JSON
import Postgres
package import Store

/// A key that was just made, with the only sight of its secret.
package struct CreatedKey: Sendable {
    package let record: KeyRecord
    package let secret: IssuedSecret
}

extension Identity {
    /// Whose the token of `Authorization: Bearer` is; throws `unauthenticated` where it is nobody's.
    package func authenticate(bearer token: String) async throws -> Caller {
        guard token.hasPrefix(Self.keyPrefix), token.utf8.count == Self.keyLength else {
            throw Self.unauthenticated
        }
        guard let holder = try await lookups.holder(secretHash: SHA256.hash(token)) else {
            throw Self.unauthenticated
        }
        guard let person = holder.person else {
            return .key(id: holder.id, name: holder.name, scope: holder.scope)
        }
        return .person(person, method: .token, keyID: holder.id)
    }

    /// Makes a key for a bot, a worker or a script.
    package func createKey(named name: String, scope: KeyScope, by actor: String) async throws -> CreatedKey {
        guard scope != .personal else {
            throw Refusal.invalid([
                JSONFault(
                    pointer: "/scope", detail: "must not be personal; a personal token belongs to a user")
            ])
        }
        return try await create(named: name, scope: scope, by: actor) { _ in nil }
    }

    /// Makes a personal token: it may what the person may.
    package func createToken(named name: String, forUserNamed userName: String, by actor: String) async throws
        -> CreatedKey
    {
        try await create(named: name, scope: .personal, by: actor) { session in
            let user = try Self.user(named: userName, in: session)
            guard user.disabledAt == nil else {
                throw Refusal(.conflict, "\(user.name) is disabled; a token would open nothing.")
            }
            return user.id
        }
    }

    /// All keys and tokens, those in use first; never their secrets.
    package func keys() async throws -> [KeyRecord] {
        try await context.pool.withSession { session in try KeyStore.list(in: session) }
    }

    /// Takes the key in use of that name out of use, at once; with a user's name, that user's token.
    package func revokeKey(named name: String, ofUserNamed userName: String? = nil, by actor: String)
        async throws
    {
        try await context.pool.transaction { session in
            let userID = try userName.map { try Self.user(named: $0, in: session).id }
            guard let key = try KeyStore.find(name: name, userID: userID, in: session) else {
                throw Refusal(.notFound, "There is no key named \(name.prefix(63)) in use.")
            }
            guard try KeyStore.revoke(key.id, in: session) else { return }
            try JournalStore.append([Self.entry("key.revoked", key, by: actor)], in: session)
        }
    }

    private static let keyPrefix = "csk_"
    private static let keyLength = 47

    private static let unauthenticated = Refusal(
        .unauthenticated,
        "The key is unknown or was revoked. Send one as \"Authorization: Bearer csk_…\"; `countersign key create`"
            + " makes one.")

    private func create(
        named name: String, scope: KeyScope, by actor: String,
        owner: @escaping @Sendable (PostgresSession) throws -> Identifier?
    ) async throws -> CreatedKey {
        guard Names.isThingName(name) else {
            throw Refusal.invalid([JSONFault(pointer: "/name", detail: Names.thingNameRule)])
        }
        let secret = IssuedSecret(Self.keyPrefix + Base64URL.encode(context.random(32)))
        return try await context.pool.transaction { session in
            let owner = try owner(session)
            let id = context.newIdentifier(at: try DatabaseClock.now(in: session))
            let record: KeyRecord
            do throws(PostgresError) {
                record = try KeyStore.insert(
                    id: id, name: name, scope: scope, userID: owner, secretHash: SHA256.hash(secret.text),
                    hint: String(secret.text.prefix(8)), in: session)
            } catch {
                guard error.isUniqueViolation else { throw error }
                throw Refusal(
                    .conflict, "There is already a key named \(name). Revoke it first, or take another name.")
            }
            try JournalStore.append([Self.entry("key.created", record, by: actor)], in: session)
            return CreatedKey(record: record, secret: secret)
        }
    }

    static func entry(_ kind: String, _ key: KeyRecord, by actor: String) -> JournalDraft {
        JournalDraft(
            kind: kind, actor: actor, subject: key.subject,
            data: [
                "name": .string(key.name), "scope": .string(key.scope.rawValue),
                "user": .text(key.userName),
            ])
    }
}
