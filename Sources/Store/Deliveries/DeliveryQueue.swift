package import Domain
package import JSON
package import Postgres

/// A message that the rules ask for, before it is known to whom it goes.
package struct DeliveryRequest: Sendable, Hashable {
    /// What it tells, such as `approval-requested` or `order-filled`.
    package let kind: String
    package let proposalID: Identifier?
    package let orderID: Identifier?
    /// What it is about: messages to one channel about one subject keep their order and may share a place there.
    package let subject: String?
    /// 1 goes first, 9 last.
    package let priority: Int
    /// After this it is not sent any more.
    package let notAfter: Timestamp?
    /// What the message needs besides the rows it points to.
    package let data: JSONObject

    /// A message to everybody who is asked or told; where it names no subject of its own, its proposal is it.
    package init(
        kind: String, proposalID: Identifier? = nil, orderID: Identifier? = nil, subject: String? = nil,
        priority: Int = 5, notAfter: Timestamp? = nil, data: JSONObject = [:]
    ) {
        self.kind = kind
        self.proposalID = proposalID
        self.orderID = orderID
        self.subject = subject ?? proposalID.map { "proposal:\($0)" }
        self.priority = priority
        self.notAfter = notAfter
        self.data = data
    }
}

/// Puts messages into the outbox, in the transaction of their cause.
package enum DeliveryQueue {
    /// The name that is notified when there is something new to send.
    package static let notificationChannel = "countersign_deliveries"

    /// Queues each message once for every channel in use, or for those of them that are named; with none, keeps it
    /// to be read at `/deliveries`.
    package static func enqueue(
        _ requests: [DeliveryRequest], only channels: [Identifier]? = nil, in session: PostgresSession
    ) throws(PostgresError) {
        guard !requests.isEmpty else { return }
        try session.read(enqueue(requests, only: channels))
    }

    /// `enqueue`, among other statements.
    package static func enqueue(
        _ requests: [DeliveryRequest], only channels: [Identifier]? = nil
    ) -> PostgresReading<Void> {
        PostgresReading(
            enqueueSQL,
            [
                .packed(requests.map(\.kind)), .packedTextArray(requests.map { $0.proposalID?.text }),
                .packedTextArray(requests.map { $0.orderID?.text }), .ints(requests.map(\.priority)),
                .packedTextArray(requests.map { $0.notAfter?.rfc3339 }),
                .packed(requests.map { JSONValue.object($0.data).serialized() }),
                .packedTextArray(requests.map(\.subject)), channels.map { .texts($0) } ?? .null,
            ]
        ).notifying(notificationChannel)
    }

    /// Queues the release of orders for the worker's webhook; the identity of each message is its order's.
    ///
    /// With `leaseSeconds` they are taken already, for so long: by whoever queues them and sends them right after the
    /// commit. Should that one die before, others find them when the time is over.
    package static func enqueueReleases(
        of orders: [(id: Identifier, proposalID: Identifier, validUntil: Timestamp)], leaseSeconds: Int? = nil
    ) -> PostgresReading<[Identifier: DeliveryRecord]> {
        PostgresReading(
            enqueueReleasesSQL,
            [
                .packed(orders.map(\.id)), .packed(orders.map(\.proposalID)),
                .packed(orders.map(\.validUntil)), .optional(leaseSeconds),
            ]
        ) { (rows) throws(PostgresError) in
            var records: [Identifier: DeliveryRecord] = [:]
            for row in rows {
                let record = try DeliveryRecord(row)
                records[record.id] = record
            }
            return records
        }
        .notifying(leaseSeconds == nil ? notificationChannel : nil)
    }

    private static let enqueueSQL = """
        WITH request AS (
            SELECT kind, proposal_id::uuid, order_id::uuid, priority, not_after::timestamptz, data::jsonb, subject, place
            FROM unnest($1::text[], $2::text[], $3::text[], $4::smallint[], $5::text[], $6::text[], $7::text[])
                WITH ORDINALITY AS request (kind, proposal_id, order_id, priority, not_after, data, subject, place)
        ), \(toChannels(where: "$8::uuid[] IS NULL OR id = ANY ($8::uuid[])"))
        SELECT FROM message WHERE channel_id IS NOT NULL LIMIT 1
        """

    /// The parts of a statement, after one that is called `request`, that write each of its rows as a `message` to every
    /// channel in use that the condition allows.
    static func toChannels(where condition: String = "true") -> String {
        """
        named AS (
            SELECT id, id::text AS destination
            FROM channels
            WHERE disabled_at IS NULL AND (\(condition))
        ), target AS (
            SELECT id, destination FROM named
            UNION ALL
            SELECT NULL, 'kept' WHERE NOT EXISTS (SELECT FROM named)
        ), message AS (
            INSERT INTO deliveries
                (channel_id, destination, kind, proposal_id, order_id, priority, not_after, data, subject, state)
            SELECT target.id, target.destination, kind, proposal_id, order_id, priority, not_after, data, subject,
                CASE WHEN target.id IS NULL THEN 'kept' ELSE 'queued' END
            FROM request
            CROSS JOIN target
            ORDER BY place
            RETURNING channel_id
        )
        """
    }

    private static let enqueueReleasesSQL = """
        WITH d AS (
            INSERT INTO deliveries
                (id, destination, kind, proposal_id, order_id, priority, not_after, state, attempts, next_attempt_at)
            SELECT order_id::uuid, 'worker', 'order-released', proposal_id::uuid, order_id::uuid, 1,
                valid_until::timestamptz, 'queued', CASE WHEN $4::integer IS NULL THEN 0 ELSE 1 END,
                clock_timestamp() + make_interval(secs => coalesce($4::integer, 0))
            FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY
                AS released (order_id, proposal_id, valid_until, place)
            ORDER BY place
            RETURNING id, sequence, channel_id, destination, kind, proposal_id, order_id, subject, data, priority, state,
                attempts, created_at, next_attempt_at, not_after, finished_at, last_error, receipt
        )
        SELECT \(DeliveryRecord.columns)
        FROM d
        LEFT JOIN channels c ON c.id = d.channel_id
        """
}
