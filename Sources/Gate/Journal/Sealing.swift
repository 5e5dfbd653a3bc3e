import Cryptography
import Domain
import Postgres
import Store

/// Seals the journal: gives each entry its place in the chain and signs checkpoints.
///
/// The body of a background loop.
package struct Sealing: Sendable {
    private let context: GateContext
    private let checkpointSeconds: Int

    /// The use case; `checkpointSeconds` is how long new entries wait for a checkpoint at most.
    package init(_ context: GateContext, checkpointSeconds: Int = 60) {
        self.context = context
        self.checkpointSeconds = checkpointSeconds
    }

    /// Seals the oldest entries that wait and says how many there were; 0 also where another server seals just now.
    @discardableResult
    package func sealOnce(limit: Int = 1000) async throws -> Int {
        try await seal(limit: limit, signs: false)
    }

    /// Seals all that waits and signs its end; for an export that is to be complete.
    @discardableResult
    package func sealAll() async throws -> Int {
        var total = 0
        while true {
            let sealed = try await seal(limit: 1000, signs: true)
            total += sealed
            if sealed == 0 { return total }
        }
    }

    private func seal(limit: Int, signs: Bool) async throws -> Int {
        try await context.pool.transaction { session in
            guard try SealingStore.tryLock(in: session) else { return 0 }
            let end = try SealingStore.end(in: session)
            let entries = try SealingStore.waiting(limit: limit, in: session)
            var hash = end.hash
            var hashes: [[UInt8]] = []
            hashes.reserveCapacity(entries.count)
            for (index, entry) in entries.enumerated() {
                hash = JournalChain.hash(
                    after: hash, position: end.position + 1 + index, entry: entry,
                    digest: { SHA256.hash($0) })
                hashes.append(hash)
            }
            if !entries.isEmpty {
                try SealingStore.append(entries, hashes: hashes, from: end.position + 1, in: session)
            }
            try sign(position: end.position + entries.count, hash: hash, now: signs, in: session)
            return entries.count
        }
    }

    /// Signs the end of the chain where it is the first, long ago or far behind that it was signed.
    private func sign(position: Int, hash: [UInt8], now isAsked: Bool, in session: PostgresSession) throws {
        guard position > 0 else { return }
        if let newest = try SealingStore.newestCheckpoint(in: session) {
            let behind = position - newest.checkpoint.position
            let isDue =
                isAsked || newest.ageSeconds >= checkpointSeconds
                || behind >= JournalCheckpoint.maxEntriesBetween
            guard behind > 0, isDue else { return }
        }
        try SigningKeys.register(context.secrets, in: session)
        let keyID = context.secrets.signingKeyID
        let signedAt = try DatabaseClock.now(in: session)
        let message = JournalCheckpoint.message(
            position: position, hash: hash, signedAt: signedAt, keyID: keyID)
        let checkpoint = JournalCheckpoint(
            position: position, hash: hash, signedAt: signedAt, keyID: keyID,
            signature: context.secrets.signingKey.sign(message))
        try SealingStore.insert(checkpoint, in: session)
    }
}
