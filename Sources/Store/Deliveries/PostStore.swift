package import Domain
package import JSON
package import Postgres

/// The message that stands in a channel for a subject.
package struct PostRecord: Sendable, Hashable {
    /// What the provider needs to find the message again.
    package let receipt: JSONObject
    /// False once the provider refused a change for good.
    package let isEditable: Bool

    /// A message that stands.
    package init(receipt: JSONObject, isEditable: Bool = true) {
        self.receipt = receipt
        self.isEditable = isEditable
    }

    /// The same message once the provider refused a change for good.
    package var closed: PostRecord { PostRecord(receipt: receipt, isEditable: false) }
}

/// Remembers which message stands where, so that it can be changed when its subject does.
package enum PostStore {
    /// The message that stands in a channel for a subject.
    package static func find(
        _ channelID: Identifier, _ subject: String, in session: PostgresSession
    ) throws(PostgresError) -> PostRecord? {
        try session.query(
            """
            SELECT receipt, is_editable
            FROM posts
            WHERE channel_id = $1 AND subject = $2
            """, [channelID.postgresValue, .text(subject)]
        ).first.map { (row) throws(PostgresError) in
            PostRecord(
                receipt: try row.json("receipt").objectValue ?? [:], isEditable: try row.bool("is_editable"))
        }
    }

    /// Keeps the message that stands there now, which may be another than before.
    package static func save(
        _ post: PostRecord, of delivery: DeliveryRecord, in session: PostgresSession
    ) throws(PostgresError) {
        guard let channelID = delivery.channelID, let subject = delivery.subject else { return }
        _ = try session.execute(
            """
            INSERT INTO posts (channel_id, subject, delivery_id, receipt, is_editable)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (channel_id, subject) DO UPDATE
            SET receipt = excluded.receipt,
                is_editable = excluded.is_editable,
                delivery_id = CASE WHEN posts.receipt = excluded.receipt
                    THEN posts.delivery_id ELSE excluded.delivery_id END,
                changed_at = clock_timestamp()
            """,
            [
                channelID.postgresValue, .text(subject), delivery.id.postgresValue,
                JSONValue.object(post.receipt).postgresValue, .bool(post.isEditable),
            ])
    }
}
