import Cryptography
package import Domain
import JSON
import Postgres
package import Store

/// What somebody gets who has proved who they are.
package struct Login: Sendable {
    package let person: Person
    /// What the cookie holds.
    package let token: IssuedSecret
    package let expiresAt: Timestamp
}

extension Identity {
    /// Begins a session for whoever knows the PIN, and ends the one that the browser had before.
    package func login(
        _ claimant: Claimant, pin: String, from address: String, replacing oldToken: String? = nil,
        byLink: Bool = false
    ) async throws -> Login {
        let token = IssuedSecret(Base64URL.encode(context.random(32)))
        let lifetime = settings.sessionSeconds
        let origin = AttemptOrigin(address: address, isByLink: byLink)
        return try await prove(claimant, pin, from: origin) { user, session in
            if let oldHash = oldToken.flatMap(Self.hash) {
                _ = try SessionStore.end(tokenHash: oldHash, in: session)
            }
            let expiresAt = try SessionStore.insert(
                tokenHash: SHA256.hash(token.text), userID: user.id, method: .pin, lifetimeSeconds: lifetime,
                address: String(address.prefix(64)), in: session)
            let entry = JournalDraft(
                kind: "session.started", actor: "user:\(user.name)", subject: user.subject,
                data: ["address": .string(address)])
            try JournalStore.append([entry], in: session)
            return Login(person: user.person, token: token, expiresAt: expiresAt)
        }
    }

    /// The session of a cookie; nil where it ended, is too old, or never was.
    ///
    /// It is kept from becoming idle only where the question is a person's doing (`isUse`), not an open page's own.
    package func session(token: String, isUse: Bool = true) async throws -> SessionRecord? {
        guard let hash = Self.hash(token) else { return nil }
        let idleSeconds = settings.idleSeconds
        return try await context.pool.withSession { session in
            try SessionStore.find(tokenHash: hash, idleSeconds: idleSeconds, isUse: isUse, in: session)
        }
    }

    /// Whether the session of a cookie is still good; asking does not count as using it.
    package func isGoodSession(token: String) async throws -> Bool {
        guard let hash = Self.hash(token) else { return false }
        let idleSeconds = settings.idleSeconds
        return try await context.pool.withSession { session in
            try SessionStore.isGood(tokenHash: hash, idleSeconds: idleSeconds, in: session)
        }
    }

    /// Ends the session of a cookie; harmless where it has ended.
    package func logout(token: String) async throws {
        guard let hash = Self.hash(token) else { return }
        try await context.pool.transaction { session in
            guard let userID = try SessionStore.end(tokenHash: hash, in: session),
                let user = try UserStore.find(userID, in: session)
            else { return }
            let entry = JournalDraft(
                kind: "session.ended", actor: "user:\(user.name)", subject: user.subject)
            try JournalStore.append([entry], in: session)
        }
    }

    /// What is stored of a token; nil for what cannot be one.
    private static func hash(_ token: String) -> [UInt8]? {
        token.utf8.count == 43 ? SHA256.hash(token) : nil
    }
}
