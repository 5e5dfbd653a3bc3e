import Cryptography
package import Domain
import JSON
import Postgres
package import Store

extension Channels {
    /// The channel of that identity; throws `not-found`.
    package func find(_ id: Identifier) async throws -> ChannelRecord {
        guard let channel = try await list().first(where: { $0.id == id }) else {
            throw Refusal.notFound("channel")
        }
        return channel
    }

    /// Gives a channel other settings, and another secret where one is given; kind, name and owner stay.
    ///
    /// A secret that was stored is only ever used where it was meant to go: who changes the mail server or whom to
    /// log in as types the password again, or a changed address would have it sent to a stranger.
    package func change(
        _ id: Identifier, to settings: ChannelSettings, secret: String?, by actor: String
    ) async throws -> ChannelRecord {
        try await context.pool.transaction { session in
            guard let (channel, sealed) = try ChannelStore.lock(id, in: session) else {
                throw Refusal.notFound("channel")
            }
            let old = channel.settings
            var settings = settings
            if channel.kind == .email { settings.baseURL = old.baseURL }
            let isForgotten = channel.kind == .email && settings.smtpUser == nil
            if secret == nil, sealed != nil, !isForgotten, settings.leadsElsewhere(than: old) {
                throw Refusal.invalid([
                    JSONFault(
                        pointer: "/password",
                        detail: "is needed again, because it would go to another address or for another name")
                ])
            }
            let owner = try channel.userID.flatMap { try UserStore.find($0, in: session) }
            let kept = isForgotten ? nil : sealed
            let draft = NewChannel(
                kind: channel.kind, name: channel.name, userName: channel.userName, settings: settings,
                secret: try secret ?? kept.map { try text(of: $0, id) })
            let faults = draft.faults(userEmail: owner?.email)
            guard faults.isEmpty else { throw Refusal.invalid(faults) }
            let box = secret == nil ? nil : draft.secret.map { seal($0, of: id) }
            try ChannelStore.change(id, settings, sealedSecret: box, in: session)
            let entry = JournalDraft(
                kind: "channel.changed", actor: actor, subject: channel.subject,
                data: [
                    "name": .string(channel.name), "from": old.json, "to": settings.json,
                    "has_new_secret": .bool(secret != nil),
                ])
            try JournalStore.append([entry], in: session)
            return try Self.find(named: channel.name, in: session)
        }
    }

    /// What is sealed, to hold it to the rules beside the new settings; it goes nowhere from here.
    private func text(of sealed: [UInt8], _ id: Identifier) throws -> String {
        guard let bytes = try? box.open(sealed, associated: ChannelSettings.sealingContext(of: id)) else {
            throw Refusal(
                .conflict,
                "The secret of this channel was sealed with another key and cannot be read. Type it again.")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// A secret as it is stored.
    private func seal(_ secret: String, of id: Identifier) -> [UInt8] {
        box.seal(Array(secret.utf8), associated: ChannelSettings.sealingContext(of: id))
    }
}

extension ChannelSettings {
    /// Whether a secret would go where it did not go before.
    fileprivate func leadsElsewhere(than old: ChannelSettings) -> Bool {
        smtp != old.smtp || smtpUser != old.smtpUser || baseURL != old.baseURL
    }
}
