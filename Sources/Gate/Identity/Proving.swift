package import Domain
import JSON
import Postgres
import Store

// Proving who one is by a PIN. Each try is counted and committed first, verified outside of any transaction, and
// taken back when it was right: guesses sent at once cannot get past the limit, and no connection is held
// while hashing. Whoever asks learns the same about a name that nobody has as about one that somebody has.

/// Whom somebody claims to be.
package enum Claimant: Sendable, Hashable {
    case name(String)
    case id(Identifier)
}

extension Identity {
    /// The person, where the PIN is right; throws `wrong-pin` or `locked`.
    package func verifyPIN(_ userID: Identifier, _ pin: String, from address: String) async throws -> Person {
        try await prove(.id(userID), pin, from: AttemptOrigin(address: address)) { user, _ in user.person }
    }

    /// What the body makes of the person in the transaction that takes the counted try back.
    func prove<Result: Sendable>(
        _ claimant: Claimant, _ pin: String, from origin: AttemptOrigin,
        _ body: @escaping @Sendable (UserRecord, PostgresSession) throws -> Result
    ) async throws -> Result {
        guard hasher.hasRoom else { throw Self.tooBusy }
        // Nobody has a PIN that long: it is wrong, at the cost of any other.
        let pin = pin.utf8.count <= 1024 ? pin : ""
        let attempt = try await context.pool.transaction { session in
            try reserve(claimant, from: origin, in: session)
        }
        let isRight = try await hasher.verify(pin, against: attempt.pinHash)
        let result: Result? = try await context.pool.transaction { session in
            guard isRight, let user = attempt.user, let pinHash = attempt.pinHash,
                let current = try AttemptStore.clear(user.id, verified: pinHash, in: session)
            else {
                try noteFailure(attempt, in: session)
                return nil
            }
            try settle(attempt, user.id, in: session)
            return try body(current, session)
        }
        guard let result else { throw wrong(attempt, claimant) }
        return result
    }

    /// Deletes counted tries of addresses and unknown names that count no more; for the hourly housekeeping.
    @discardableResult
    package func pruneAttempts() async throws -> Int {
        try await context.pool.withSession { session in
            try AttemptStore.prune(olderThanSeconds: settings.personWindowSeconds, in: session)
        }
    }

    // MARK: answers

    private func wrong(_ attempt: Attempt, _ claimant: Claimant) -> Refusal {
        let left = settings.pinAttempts - attempt.number
        let lockMinutes = settings.lockSeconds / 60
        let rest =
            switch left {
            case ...0: "That was one too many: it is locked for \(lockMinutes) minutes."
            case 1: "One more try is left before it is locked for \(lockMinutes) minutes."
            default: "\(left) tries are left before it is locked for \(lockMinutes) minutes."
            }
        // Who typed no name is told of none.
        let what =
            switch claimant {
            case .name: "The name or the PIN"
            case .id: "The PIN"
            }
        return Refusal(
            .wrongPIN, "\(what) is wrong. \(rest)",
            facts: ["attempts_left": .integer(max(0, left))])
    }

    /// In the minutes of other texts, rounded up: before that it is still locked.
    static func locked(until: Timestamp) -> Refusal {
        Refusal(
            .locked,
            "Too many wrong PINs: locked until \(NewYork.time(until.adding(seconds: 59)).text). Wait, or ask an administrator to unlock you.",
            facts: ["locked_until": .string(until.rfc3339)])
    }

    static let addressLocked = Refusal(
        .locked, "Too many wrong tries came from your address. Wait a quarter of an hour and try again.")

    private static let tooBusy = Refusal(
        .locked, "Too many people are proving who they are at this moment. Try again in a few seconds.")
}
