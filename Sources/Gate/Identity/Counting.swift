import Domain
import JSON
import Postgres
import Store

/// A try at a PIN that was counted and may be verified.
struct Attempt: Sendable {
    let user: UserRecord?
    let pinHash: String?
    /// Which one in a row it is, of this person at this place.
    let number: Int
    let origin: AttemptOrigin
    /// The person at this place, and by link, which a right PIN takes back.
    let pairs: [String]
    /// Under what it is counted: the place, the person, and those pairs.
    let counters: [Counter]

    struct Counter: Sendable {
        let name: String
        let notedAt: Timestamp
    }
}

// Three counters limit guessing, and none lets a stranger lock somebody out for good:
// the person at one place (five wrong in a row lock the pair), the place (for people who are not known there), and the
// person from all places where they are not known. Where somebody showed the right PIN in the last 30 days, or holds a
// link that was sent to them, only their own counters there count: the pair's, and the link's.
extension Identity {
    func reserve(_ claimant: Claimant, from origin: AttemptOrigin, in session: PostgresSession) throws
        -> Attempt
    {
        let user = try find(claimant, in: session)
        let subject = subject(of: claimant, user)
        let pairs = origin.pairs(with: subject)
        try AttemptStore.lock(subject, in: session)
        let number = try pairs.map { try numberOfNext($0, in: session) }.max() ?? 1
        let all = try AttemptStore.recent(subject, withinSeconds: settings.personWindowSeconds, in: session)
        let here = try AttemptStore.recent(
            origin.place, withinSeconds: settings.addressWindowSeconds, in: session)
        let isKnown = try AttemptStore.isKnown(origin.place, to: user?.id, in: session)
        if !isKnown, !origin.isByLink {
            guard here.count < settings.addressAttempts else { throw Self.addressLocked }
            if let last = all.last, all.count >= settings.personAttempts {
                throw Self.locked(until: last.adding(seconds: settings.personWindowSeconds))
            }
        }
        let names = (origin.isByLink ? [] : [origin.place]) + [subject] + pairs
        let counters = try names.map { name in
            Attempt.Counter(name: name, notedAt: try AttemptStore.note(name, in: session))
        }
        var pinHash: String?
        if let user { pinHash = try AttemptStore.pinHash(of: user.id, in: session) }
        return Attempt(
            user: user, pinHash: pinHash, number: number, origin: origin, pairs: pairs, counters: counters)
    }

    /// Which one in a row the next try under a pair would be; throws where the pair is locked.
    private func numberOfNext(_ pair: String, in session: PostgresSession) throws -> Int {
        let tries = try AttemptStore.recent(pair, withinSeconds: settings.personWindowSeconds, in: session)
        guard let last = tries.last, tries.count > 0 else { return 1 }
        if tries.count >= settings.personAttempts {
            throw Self.locked(until: last.adding(seconds: settings.personWindowSeconds))
        }
        if tries.count.isMultiple(of: settings.pinAttempts) {
            let until = last.adding(seconds: settings.lockSeconds)
            if until > tries.now { throw Self.locked(until: until) }
        }
        return tries.count % settings.pinAttempts + 1
    }

    /// Takes a right try back, and what was wrong before it at this place.
    func settle(_ attempt: Attempt, _ userID: Identifier, in session: PostgresSession) throws {
        for counter in attempt.counters {
            try AttemptStore.forget(counter.name, notedAt: counter.notedAt, in: session)
        }
        for pair in attempt.pairs { try AttemptStore.forgetAll(pair, in: session) }
        try AttemptStore.remember(attempt.origin.place, of: userID, in: session)
    }

    /// Writes a wrong try of somebody who exists to the journal, and tells them where it locked their name.
    func noteFailure(_ attempt: Attempt, in session: PostgresSession) throws {
        guard let user = attempt.user else { return }
        var entries = [
            JournalDraft(
                kind: "user.pin_wrong", actor: "system", subject: user.subject,
                data: [
                    "name": .string(user.name), "attempt": .integer(attempt.number),
                    "address": .string(attempt.origin.words),
                ])
        ]
        if attempt.number >= settings.pinAttempts {
            entries.append(
                JournalDraft(
                    kind: "user.locked", actor: "system", subject: user.subject,
                    data: [
                        "name": .string(user.name), "seconds": .integer(settings.lockSeconds),
                        "address": .string(attempt.origin.words),
                    ]))
            if try AttemptStore.markLocked(user.id, seconds: settings.lockSeconds, in: session) {
                try PersonalDelivery.enqueue(lockNotice(of: attempt), to: user.id, in: session)
            }
        }
        try JournalStore.append(entries, in: session)
    }

    /// Takes back all wrong tries at somebody's PIN, wherever they came from.
    package func unlockUser(named name: String, by actor: String) async throws {
        try await context.pool.transaction { session in
            let user = try Self.user(named: name, in: session)
            try AttemptStore.unlock(user.id, subject: "user:\(user.id)", in: session)
            let entry = JournalDraft(
                kind: "user.unlocked", actor: actor, subject: user.subject,
                data: ["name": .string(user.name)])
            try JournalStore.append([entry], in: session)
        }
    }

    private func lockNotice(of attempt: Attempt) -> DeliveryRequest {
        let minutes = settings.lockSeconds / 60
        let place = attempt.origin.words
        return DeliveryRequest(
            kind: "login-locked", priority: 3,
            data: [
                "detail": .string(
                    "Somebody typed a wrong PIN for your name \(settings.pinAttempts) times from \(place), so that "
                        + "place is locked for \(minutes) minutes. If it was you, wait, or ask an administrator to "
                        + "unlock you. If it was not, tell an administrator, and change your PIN if anybody may know it."
                )
            ])
    }

    private func find(_ claimant: Claimant, in session: PostgresSession) throws -> UserRecord? {
        let user: UserRecord?
        switch claimant {
        case .id(let id): user = try UserStore.find(id, in: session)
        case .name(let name):
            user = Names.isPersonName(name) ? try UserStore.find(name: name, in: session) : nil
        }
        return user?.disabledAt == nil ? user : nil
    }

    private func subject(of claimant: Claimant, _ user: UserRecord?) -> String {
        if let user { return "user:\(user.id)" }
        switch claimant {
        case .id(let id): return "user:\(id)"
        case .name(let name): return AttemptOrigin.unknownName(name, key: context.secrets.nonceKey)
        }
    }
}
