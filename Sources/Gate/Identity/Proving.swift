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
        try await prove(.id(userID), pin, from: address) { user, _ in user.person }
    }

    /// What the body makes of the person in the transaction that takes the counted try back.
    func prove<Result: Sendable>(
        _ claimant: Claimant, _ pin: String, from address: String,
        _ body: @escaping @Sendable (UserRecord, PostgresSession) throws -> Result
    ) async throws -> Result {
        guard hasher.hasRoom else { throw Self.tooBusy }
        // Nobody has a PIN that long: it is wrong, at the cost of any other.
        let pin = pin.utf8.count <= 1024 ? pin : ""
        let attempt = try await context.pool.transaction { session in
            try reserve(claimant, from: address, in: session)
        }
        let isRight = try await hasher.verify(pin, against: attempt.pinHash)
        let result: Result? = try await context.pool.transaction { session in
            guard isRight, let user = attempt.user, let pinHash = attempt.pinHash,
                let current = try AttemptStore.clear(user.id, verified: pinHash, in: session)
            else {
                try journalFailure(attempt, from: address, in: session)
                return nil
            }
            try AttemptStore.forget(attempt.origin, notedAt: attempt.notedAt, in: session)
            return try body(current, session)
        }
        guard let result else { throw wrong(attempt) }
        return result
    }

    /// Deletes counted tries of addresses and unknown names that count no more; for the hourly housekeeping.
    @discardableResult
    package func pruneAttempts() async throws -> Int {
        try await context.pool.withSession { session in
            try AttemptStore.prune(olderThanSeconds: Self.unknownNameWindowSeconds, in: session)
        }
    }

    // MARK: counting

    private struct Attempt: Sendable {
        let user: UserRecord?
        let pinHash: String?
        /// Which one in a row it is.
        let number: Int
        let origin: String
        let notedAt: Timestamp
    }

    private static let unknownNameWindowSeconds = 86_400

    private func reserve(_ claimant: Claimant, from address: String, in session: PostgresSession) throws
        -> Attempt
    {
        let origin = AttemptOrigin.address(address)
        let recent = try AttemptStore.recent(
            origin, withinSeconds: settings.addressWindowSeconds, in: session)
        guard recent.count < settings.addressAttempts else { throw Self.addressLocked }
        let notedAt = try AttemptStore.note(origin, in: session)
        guard let user = try find(claimant, in: session) else {
            return try reserveUnknown(claimant, origin: origin, notedAt: notedAt, in: session)
        }
        let attempt = try AttemptStore.reserve(
            user.id, limit: settings.pinAttempts, lockSeconds: settings.lockSeconds, in: session)
        switch attempt {
        case .counted(let pinHash, let number):
            return Attempt(
                user: user, pinHash: pinHash, number: number, origin: origin, notedAt: notedAt)
        case .locked(let until): throw Self.locked(until: until)
        case .nobody:
            return try reserveUnknown(claimant, origin: origin, notedAt: notedAt, in: session)
        }
    }

    /// Counts and locks a name that nobody has as it would one that somebody has.
    private func reserveUnknown(
        _ claimant: Claimant, origin: String, notedAt: Timestamp, in session: PostgresSession
    ) throws -> Attempt {
        let name: String
        switch claimant {
        case .name(let typed): name = typed
        case .id(let id): name = id.text
        }
        let unknown = AttemptOrigin.unknownName(name, key: context.secrets.nonceKey)
        let recent = try AttemptStore.recent(
            unknown, withinSeconds: Self.unknownNameWindowSeconds, in: session)
        if let last = recent.last, recent.count.isMultiple(of: settings.pinAttempts) {
            let until = last.adding(seconds: settings.lockSeconds)
            if until > recent.now { throw Self.locked(until: until) }
        }
        _ = try AttemptStore.note(unknown, in: session)
        return Attempt(
            user: nil, pinHash: nil, number: recent.count % settings.pinAttempts + 1, origin: origin,
            notedAt: notedAt)
    }

    private func find(_ claimant: Claimant, in session: PostgresSession) throws -> UserRecord? {
        switch claimant {
        case .id(let id): return try UserStore.find(id, in: session)
        case .name(let name):
            guard Names.isPersonName(name) else { return nil }
            return try UserStore.find(name: name, in: session)
        }
    }

    private func journalFailure(_ attempt: Attempt, from address: String, in session: PostgresSession) throws
    {
        guard let user = attempt.user else { return }
        var entries = [
            JournalDraft(
                kind: "user.pin_wrong", actor: "system", subject: user.subject,
                data: [
                    "name": .string(user.name), "attempt": .integer(attempt.number),
                    "address": .string(address),
                ])
        ]
        if attempt.number >= settings.pinAttempts {
            entries.append(
                JournalDraft(
                    kind: "user.locked", actor: "system", subject: user.subject,
                    data: ["name": .string(user.name), "seconds": .integer(settings.lockSeconds)]))
        }
        try JournalStore.append(entries, in: session)
    }

    // MARK: answers

    private func wrong(_ attempt: Attempt) -> Refusal {
        let left = settings.pinAttempts - attempt.number
        let lockMinutes = settings.lockSeconds / 60
        let rest =
            switch left {
            case ...0: "That was one too many: it is locked for \(lockMinutes) minutes."
            case 1: "One more try is left before it is locked for \(lockMinutes) minutes."
            default: "\(left) tries are left before it is locked for \(lockMinutes) minutes."
            }
        return Refusal(
            .wrongPIN, "The name or the PIN is wrong. \(rest)",
            facts: ["attempts_left": .integer(max(0, left))])
    }

    private static func locked(until: Timestamp) -> Refusal {
        Refusal(
            .locked,
            "Too many wrong PINs: locked until \(until.rfc3339). Wait, or ask an administrator for a new PIN.",
            facts: ["locked_until": .string(until.rfc3339)])
    }

    private static let addressLocked = Refusal(
        .locked, "Too many wrong tries came from your address. Wait a quarter of an hour and try again.")

    private static let tooBusy = Refusal(
        .locked, "Too many people are proving who they are at this moment. Try again in a few seconds.")
}
