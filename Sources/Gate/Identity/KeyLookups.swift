import Postgres
import Store

/// Looks up keys in groups: those that arrive while one look-up is in flight are looked up by the next, together.
///
/// Nothing is remembered from one look-up to the next, so a key that was revoked opens nothing from that moment on.
actor KeyLookups {
    private typealias Waiter = (hash: [UInt8], done: CheckedContinuation<KeyHolder?, any Error>)

    private static let groupLimit = 256

    private let pool: PostgresPool
    private var waiting: [Waiter] = []
    private var isRunning = false

    init(_ pool: PostgresPool) { self.pool = pool }

    /// Who holds the key with that hash; nil where nobody does.
    func holder(secretHash: [UInt8]) async throws -> KeyHolder? {
        try await withCheckedThrowingContinuation { done in
            waiting.append((secretHash, done))
            guard !isRunning else { return }
            isRunning = true
            Task { await run() }
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            let group = Array(waiting.prefix(Self.groupLimit))
            waiting.removeFirst(group.count)
            let hashes = Set(group.map(\.hash))
            do {
                let holders = try await pool.withSession { session in
                    try KeyStore.holders(secretHashes: hashes, in: session)
                }
                for waiter in group { waiter.done.resume(returning: holders[waiter.hash]) }
            } catch {
                for waiter in group { waiter.done.resume(throwing: error) }
            }
        }
        isRunning = false
    }
}
