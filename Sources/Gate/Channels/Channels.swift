package import Cryptography
package import Domain
import JSON
import Postgres
package import Store

/// Sets up where messages to people go.
package struct Channels: Sendable {
    let context: GateContext
    let box: SecretBox

    /// The use case.
    package init(_ context: GateContext) throws(CryptographyError) {
        self.context = context
        box = try SecretBox(key: context.secrets.channelKey)
    }

    /// Adds a channel; its secret is stored sealed, bound to the channel.
    package func add(_ channel: NewChannel, by actor: String) async throws -> ChannelRecord {
        try await context.pool.transaction { session in
            let user = try channel.userName.map { try Identity.user(named: $0, in: session) }
            if let user, user.disabledAt != nil {
                throw Refusal(.conflict, "\(user.name) is disabled; a channel of theirs would reach nobody.")
            }
            let faults = channel.faults(userEmail: user?.email)
            guard faults.isEmpty else { throw Refusal.invalid(faults) }
            let id = context.newIdentifier(at: try DatabaseClock.now(in: session))
            let sealed = channel.secret.map { secret in
                box.seal(Array(secret.utf8), associated: ChannelSettings.sealingContext(of: id))
            }
            let record: ChannelRecord
            do throws(PostgresError) {
                record = try ChannelStore.insert(
                    id: id, channel, userID: user?.id, sealedSecret: sealed, in: session)
            } catch {
                guard error.isUniqueViolation else { throw error }
                throw Refusal(
                    .conflict,
                    "There is already a channel named \(channel.name). Names stay taken, also after disabling."
                )
            }
            let entry = JournalDraft(
                kind: "channel.added", actor: actor, subject: record.subject,
                data: [
                    "name": .string(record.name), "kind": .string(record.kind.rawValue),
                    "user": .text(record.userName), "settings": record.settings.json,
                ])
            try JournalStore.append([entry], in: session)
            return record
        }
    }

    /// All channels, those in use first, by name.
    package func list() async throws -> [ChannelRecord] {
        try await context.pool.withSession { session in try ChannelStore.list(in: session) }
    }

    /// The channel of that name; throws `not-found`.
    package func find(named name: String) async throws -> ChannelRecord {
        try await context.pool.withSession { session in try Self.find(named: name, in: session) }
    }

    /// Takes a channel out of use; what waits for it is given up.
    ///
    /// False where it was already.
    @discardableResult
    package func disable(named name: String, reason: String, by actor: String) async throws -> Bool {
        guard !reason.isEmpty, reason.unicodeScalars.count <= 500 else {
            throw Refusal.invalid([JSONFault(pointer: "/reason", detail: "must have 1 to 500 characters")])
        }
        return try await context.pool.transaction { session in
            let channel = try Self.find(named: name, in: session)
            return try Self.disable(channel, reason: reason, by: actor, in: session)
        }
    }

    /// Takes a channel into use again after it was mended, with another secret where one is given.
    ///
    /// What was given up meanwhile stays so: some of it is too late. Returns the channel, and how many messages
    /// may be sent again; nil where it was in use.
    package func enable(
        named name: String, secret: String? = nil, by actor: String
    ) async throws -> (channel: ChannelRecord, deadLetters: Int)? {
        try await context.pool.transaction { session in
            let channel = try Self.find(named: name, in: session)
            var owner: UserRecord?
            if let name = channel.userName { owner = try Identity.user(named: name, in: session) }
            if let owner, owner.disabledAt != nil {
                throw Refusal(.conflict, "\(owner.name) is disabled; a channel of theirs would reach nobody.")
            }
            var box: [UInt8]?
            if let secret { box = try seal(secret, for: channel, userEmail: owner?.email) }
            guard try ChannelStore.enable(channel.id, sealedSecret: box, in: session) else { return nil }
            let entry = JournalDraft(
                kind: "channel.enabled", actor: actor, subject: channel.subject,
                data: ["name": .string(channel.name), "has_new_secret": .bool(secret != nil)])
            try JournalStore.append([entry], in: session)
            let dead = try DeadLetterStore.count(of: channel.id.text, in: session)
            return (try Self.find(named: name, in: session), dead.useful)
        }
    }

    /// The new secret of a channel, held to the rules of its kind.
    private func seal(
        _ secret: String, for channel: ChannelRecord, userEmail: String?
    ) throws -> [UInt8] {
        let draft = NewChannel(
            kind: channel.kind, name: channel.name, userName: channel.userName, settings: channel.settings,
            secret: secret)
        let faults = draft.faults(userEmail: userEmail)
        guard faults.isEmpty, let secret = draft.secret else { throw Refusal.invalid(faults) }
        return box.seal(Array(secret.utf8), associated: ChannelSettings.sealingContext(of: channel.id))
    }

    /// Takes all channels of a person out of use.
    static func disableAll(of user: UserRecord, by actor: String, in session: PostgresSession) throws {
        for channel in try ChannelStore.inUse(of: user.id, in: session) {
            _ = try disable(channel, reason: "\(user.name) was disabled", by: actor, in: session)
        }
    }

    private static func disable(
        _ channel: ChannelRecord, reason: String, by actor: String, in session: PostgresSession
    ) throws -> Bool {
        guard try ChannelStore.disable(channel.id, reason: reason, in: session) else { return false }
        let entry = JournalDraft(
            kind: "channel.disabled", actor: actor, subject: channel.subject,
            data: ["name": .string(channel.name), "reason": .string(reason)])
        try JournalStore.append([entry], in: session)
        return true
    }

    static func find(named name: String, in session: PostgresSession) throws -> ChannelRecord {
        guard Names.isThingName(name), let channel = try ChannelStore.find(name: name, in: session) else {
            throw Refusal(.notFound, "There is no channel named \(name.prefix(63)).")
        }
        return channel
    }
}
