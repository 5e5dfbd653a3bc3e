package import Domain
import JSON
import Postgres
package import Store

/// Sends again what was given up, after what stood in the way was mended.
package struct DeadLetters: Sendable {
    /// What became of the messages of one destination that had been given up.
    package struct Replay: Sendable, Hashable {
        /// The destination's name.
        package let destination: String
        /// How many are queued again, or would be.
        package let queued: Int
        /// How many came too late: expired, or asking what is settled.
        package let leftOut: Int
    }

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Queues one message again.
    @discardableResult
    package func retry(_ id: Identifier, by actor: String) async throws -> DeliveryRecord {
        try await context.pool.transaction { session in
            guard let record = try DeliveryQueries.find(id, in: session) else {
                throw Refusal.notFound("delivery")
            }
            try Self.requireRevivable(record, in: session)
            guard try DeadLetterStore.revive(id, in: session),
                let revived = try DeliveryQueries.find(id, in: session)
            else { throw Refusal(.conflict, "Only a delivery that was given up can be sent again.") }
            let entry = JournalDraft(
                kind: "delivery.retried", actor: actor, subject: "delivery:\(id)",
                data: [
                    "kind": .string(record.kind), "destination": .string(record.destinationName),
                    "last_error": .text(record.lastError),
                ])
            try JournalStore.append([entry], in: session)
            return revived
        }
    }

    /// Queues all messages again that one destination did not take: a channel by its name, or `worker`.
    ///
    /// With `isTrial` nothing changes and the counts tell what would happen.
    @discardableResult
    package func retryAll(
        of name: String, isTrial: Bool = false, by actor: String
    ) async throws -> Replay {
        try await context.pool.transaction { session in
            let (destination, shown) = try Self.destination(name, in: session)
            let (useful, late) = try DeadLetterStore.count(of: destination, in: session)
            guard !isTrial, useful > 0 else {
                return Replay(destination: shown, queued: useful, leftOut: late)
            }
            let queued = try DeadLetterStore.reviveAll(of: destination, in: session)
            let entry = JournalDraft(
                kind: "deliveries.retried", actor: actor,
                subject: destination == shown ? "destination:\(shown)" : "channel:\(destination)",
                data: [
                    "destination": .string(shown), "queued": .integer(queued), "left_out": .integer(late),
                ])
            try JournalStore.append([entry], in: session)
            return Replay(destination: shown, queued: queued, leftOut: late)
        }
    }

    private static func destination(
        _ name: String, in session: PostgresSession
    ) throws -> (destination: String, name: String) {
        if name == DeliveryRecord.workerDestination { return (name, name) }
        let channel = try Channels.find(named: name, in: session)
        guard channel.disabledAt == nil else {
            throw Refusal(
                .conflict,
                "The channel \(channel.name) is disabled. Mend it, then: countersign channel enable \(channel.name)"
            )
        }
        return (channel.id.text, channel.name)
    }

    private static func requireRevivable(_ record: DeliveryRecord, in session: PostgresSession) throws {
        guard record.state == .dead else {
            throw Refusal(
                .conflict,
                "This delivery is \(record.state.rawValue); only one that was given up can be sent again.")
        }
        if let notAfter = record.notAfter, try DatabaseClock.now(in: session) >= notAfter {
            throw Refusal(.conflict, "It is too late: this message was of use until \(notAfter.rfc3339).")
        }
        if let channelID = record.channelID,
            try DestinationStore.find([channelID], in: session).first?.disabledAt != nil
        {
            throw Refusal(
                .conflict,
                "The channel \(record.destinationName) is disabled. Mend it, then: countersign channel enable "
                    + record.destinationName)
        }
    }
}
