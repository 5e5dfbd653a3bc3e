import Cryptography
import JSON
import Postgres
import Store

/// The key that signs here, made known before its first signature.
enum SigningKeys {
    /// Makes the key known; journalled the first time.
    static func register(_ secrets: GateSecrets, in session: PostgresSession) throws {
        let keyID = secrets.signingKeyID
        let isNew = try SigningKeyStore.register(
            keyID: keyID, publicKey: secrets.signingKey.publicKey.bytes, in: session)
        guard isNew else { return }
        let entry = JournalDraft(
            kind: "signing_key.registered", actor: "system", subject: "signing_key:\(keyID)",
            data: ["key_id": .string(keyID)])
        try JournalStore.append([entry], in: session)
    }
}
