import Postgres
import Store

/// Looks up keys in groups: those that arrive while one look-up is in flight are looked up by the next, together.
///
/// Nothing is remembered from one look-up to the next, so a key that was revoked opens nothing from that moment on.
struct KeyLookups: Sendable {
    private let groups: RequestGroups<[UInt8], KeyHolder?>

    init(_ pool: PostgresPool) {
        groups = RequestGroups { hashes in
            let holders = try await pool.withSession { session in
                try KeyStore.holders(secretHashes: Set(hashes), in: session)
            }
            return hashes.map { holders[$0] }
        }
    }

    /// Who holds the key with that hash; nil where nobody does.
    func holder(secretHash: [UInt8]) async throws -> KeyHolder? { try await groups.answer(secretHash) }
}
