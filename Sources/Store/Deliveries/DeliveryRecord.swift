package import Domain
package import JSON
import Postgres

/// How far a message has come.
package enum DeliveryState: String, Sendable, Hashable, CaseIterable {
    /// Waits for its first or its next attempt.
    case queued
    /// The destination took it.
    case sent
    /// Given up; it can be sent again by hand.
    case dead
    /// Not worth sending any more: what it asked is settled.
    case dropped
    /// No channel was set up; it is kept to be read.
    case kept
}

/// A message in the outbox.
package struct DeliveryRecord: Sendable, Hashable {
    package let id: Identifier
    /// Its place among all messages, for lists.
    package let sequence: Int
    package let channelID: Identifier?
    /// A channel's identity, `worker` or `kept`.
    package let destination: String
    /// The channel's name, or the destination's own word.
    package let destinationName: String
    package let channelKind: ChannelKind?
    package let kind: String
    package let proposalID: Identifier?
    package let orderID: Identifier?
    /// What it is about: messages to one channel about one subject keep their order and may share a place there.
    package let subject: String?
    package let data: JSONObject
    package let priority: Int
    package let state: DeliveryState
    package let attempts: Int
    package let createdAt: Timestamp
    package let nextAttemptAt: Timestamp
    package let notAfter: Timestamp?
    package let finishedAt: Timestamp?
    /// Why the last attempt failed, without secrets.
    package let lastError: String?
    /// What the destination gave back to find the message again.
    package let receipt: JSONValue?

    /// The destination of releases: the execution worker's webhook.
    package static let workerDestination = "worker"

    static let columns = """
        d.id, d.sequence, d.channel_id, d.destination, c.name AS channel_name, c.kind AS channel_kind, d.kind,
        d.proposal_id, d.order_id, d.subject, d.data, d.priority, d.state, d.attempts, d.created_at, d.next_attempt_at,
        d.not_after, d.finished_at, d.last_error, d.receipt
        """
    static let source = "FROM deliveries d LEFT JOIN channels c ON c.id = d.channel_id"

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        sequence = try row.int("sequence")
        channelID = try row.optionalIdentifier("channel_id")
        destination = try row.text("destination")
        destinationName = try row.optionalText("channel_name") ?? destination
        channelKind = try row.optionalText("channel_kind").flatMap(ChannelKind.init(rawValue:))
        kind = try row.text("kind")
        proposalID = try row.optionalIdentifier("proposal_id")
        orderID = try row.optionalIdentifier("order_id")
        subject = try row.optionalText("subject")
        data = try row.json("data").objectValue ?? [:]
        priority = try row.int("priority")
        state = try row.word("state")
        attempts = try row.int("attempts")
        createdAt = try row.timestamp("created_at")
        nextAttemptAt = try row.timestamp("next_attempt_at")
        notAfter = try row.optionalTimestamp("not_after")
        finishedAt = try row.optionalTimestamp("finished_at")
        lastError = try row.optionalText("last_error")
        receipt = try row.optionalJSON("receipt")
    }
}

extension DeliveryRecord {
    /// The message as the API shows it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "kind": .string(kind), "state": .string(state.rawValue),
            "destination": .string(destinationName), "channel_kind": .text(channelKind?.rawValue),
            "proposal_id": .text(proposalID?.text), "order_id": .text(orderID?.text),
            "attempts": .integer(attempts), "last_error": .text(lastError),
            "created_at": .string(createdAt.rfc3339),
            "next_attempt_at": .text(state == .queued ? nextAttemptAt.rfc3339 : nil),
            "not_after": .text(notAfter?.rfc3339), "finished_at": .text(finishedAt?.rfc3339),
        ]
    }
}
