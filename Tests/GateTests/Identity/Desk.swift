import Cryptography
import Domain
import Gate
import Store

/// People at a desk: Alice approves (PIN 482915), and whoever a test adds.
struct Desk: Sendable {
    let ground: Ground
    let identity: Identity
    let alice: UserRecord
    static let pin = "482915"
    static let address = "192.0.2.7"

    static func with<R>(
        _ settings: IdentitySettings = IdentitySettings(), _ body: (Desk) async throws -> R
    ) async throws -> R {
        try await Ground.with { ground in
            let hasher = try PINHasher(cost: PasswordHash.Cost(operations: 1, memoryBytes: 8_192))
            let identity = Identity(context: ground.context, hasher: hasher, settings: settings)
            let alice = try await identity.addUser(
                NewUser(name: "alice", email: "alice@example.com", role: .approver), pin: pin, by: "cli:root")
            return try await body(Desk(ground: ground, identity: identity, alice: alice))
        }
    }

    func login(_ name: String = "alice", pin: String = pin, from address: String = address) async throws
        -> Login
    {
        try await identity.login(.name(name), pin: pin, from: address)
    }

    /// Lets the lock of everybody run out.
    func waitOutLocks() async throws {
        try await ground.attack(
            "UPDATE login_failures SET failed_at = failed_at - interval '16 minutes'"
        )
    }
}
