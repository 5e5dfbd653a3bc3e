package import Cryptography
import Dispatch
import Synchronization

/// Hashes and verifies PINs beside the threads that run tasks, a few at a time: each takes 64 MiB and much work.
package final class PINHasher: Sendable {
    private let cost: PasswordHash.Cost
    private let lanes: [DispatchQueue]
    private let maxWaiting: Int
    private let waiting = Mutex((count: 0, next: 0))
    /// A hash of nothing anybody knows, verified where there is none, so that the answer takes as long.
    private let decoy: String

    /// A hasher; memory for as many hashes as it has lanes is the most it takes.
    package init(cost: PasswordHash.Cost = .interactive, lanes: Int = 2, maxWaiting: Int = 64)
        throws(CryptographyError)
    {
        precondition(lanes > 0)
        self.cost = cost
        self.lanes = (1...lanes).map { DispatchQueue(label: "pin-hashing-\($0)") }
        self.maxWaiting = maxWaiting
        decoy = try PasswordHash.create(SecureRandom.token(), cost: cost)
    }

    /// Whether another one may line up.
    package var hasRoom: Bool { waiting.withLock { $0.count < maxWaiting } }

    /// The text to store for a PIN.
    package func hash(_ pin: String) async throws -> String {
        let cost = cost
        return try await run { try PasswordHash.create(pin, cost: cost) }
    }

    /// Whether the PIN made the hash; where there is no hash, works as long and answers no.
    package func verify(_ pin: String, against hash: String?) async throws -> Bool {
        let decoy = decoy
        return try await run { PasswordHash.verify(pin, against: hash ?? decoy) && hash != nil }
    }

    private func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result
    {
        let lane = waiting.withLock { waiting in
            waiting.count += 1
            waiting.next = (waiting.next + 1) % lanes.count
            return lanes[waiting.next]
        }
        defer { waiting.withLock { $0.count -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            lane.async { continuation.resume(with: Swift.Result { try body() }) }
        }
    }
}
