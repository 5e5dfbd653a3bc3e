package import Domain
package import JSON
package import Postgres

/// A channel as those who set it up see it, without its secret.
package struct ChannelRecord: Sendable, Hashable {
    package let id: Identifier
    package let kind: ChannelKind
    package let name: String
    package let userID: Identifier?
    package let userName: String?
    package let settings: ChannelSettings
    package let hasSecret: Bool
    package let createdAt: Timestamp
    package let disabledAt: Timestamp?
    package let disabledReason: String?
    /// Since when every attempt there fails; nil while the last one succeeded.
    package let failingSince: Timestamp?

    /// How the journal names the channel as a subject.
    package var subject: String { "channel:\(id)" }

    /// The channel as lists show it.
    package var json: JSONValue {
        [
            "id": .string(id.text), "kind": .string(kind.rawValue), "name": .string(name),
            "user": .text(userName), "settings": settings.json, "has_secret": .bool(hasSecret),
            "created_at": .string(createdAt.rfc3339), "disabled_at": .text(disabledAt?.rfc3339),
            "disabled_reason": .text(disabledReason), "failing_since": .text(failingSince?.rfc3339),
        ]
    }

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        kind = try row.word("kind")
        name = try row.text("name")
        userID = try row.optionalIdentifier("user_id")
        userName = try row.optionalText("user_name")
        settings = ChannelSettings(json: try row.json("settings"))
        hasSecret = try row.bool("has_secret")
        createdAt = try row.timestamp("created_at")
        disabledAt = try row.optionalTimestamp("disabled_at")
        disabledReason = try row.optionalText("disabled_reason")
        failingSince = try row.optionalTimestamp("failing_since")
    }
}

/// Where messages to people go.
///
/// What is needed to send to them is read elsewhere.
package enum ChannelStore {
    /// Adds a channel; the database refuses a second one of that name.
    package static func insert(
        id: Identifier, _ channel: NewChannel, userID: Identifier?, sealedSecret: [UInt8]?,
        in session: PostgresSession
    ) throws(PostgresError) -> ChannelRecord {
        try session.execute(
            """
            INSERT INTO channels (id, kind, name, user_id, settings, sealed_secret)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                id.postgresValue, .text(channel.kind.rawValue), .text(channel.name), .optional(userID),
                channel.settings.json.postgresValue, .optional(sealedSecret),
            ])
        return try ChannelRecord(select("c.id = $1", [id.postgresValue], in: session).only())
    }

    /// The channel of that name in whatever case, disabled or not.
    package static func find(name: String, in session: PostgresSession) throws(PostgresError)
        -> ChannelRecord?
    {
        guard let row = try select("lower(c.name) = lower($1)", [.text(name)], in: session).first else {
            return nil
        }
        return try ChannelRecord(row)
    }

    /// All channels, those in use first, by name.
    package static func list(in session: PostgresSession) throws(PostgresError) -> [ChannelRecord] {
        try records(select("true", [], in: session))
    }

    /// The channels in use that belong to a person.
    package static func inUse(of userID: Identifier, in session: PostgresSession) throws(PostgresError)
        -> [ChannelRecord]
    {
        try records(
            select("c.user_id = $1 AND c.disabled_at IS NULL", [userID.postgresValue], in: session))
    }

    /// Takes a channel out of use and gives up what waits for it; false where it was already.
    package static func disable(_ id: Identifier, reason: String, in session: PostgresSession)
        throws(PostgresError) -> Bool
    {
        let changed = try session.execute(
            """
            UPDATE channels
            SET disabled_at = clock_timestamp(),
                disabled_reason = $2
            WHERE id = $1
              AND disabled_at IS NULL
            """, [id.postgresValue, .text(reason)])
        guard changed == 1 else { return false }
        try session.execute(
            """
            UPDATE deliveries
            SET state = 'dead',
                finished_at = clock_timestamp(),
                last_error = 'The channel was disabled: ' || $2::text
            WHERE destination = $1::uuid::text
              AND state = 'queued'
            """, [id.postgresValue, .text(reason)])
        return true
    }

    /// Who is told that a channel is lost: its owner's other channels, else those of admins, else all others.
    package static func informed(
        ofLosing id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> [Identifier] {
        try session.query(
            """
            WITH candidate AS (
                SELECT c.id, coalesce(c.user_id = lost.user_id, false) AS is_owners,
                    coalesce(u.role = 'admin', false) AS is_admins
                FROM channels c
                CROSS JOIN (SELECT user_id FROM channels WHERE id = $1) AS lost
                LEFT JOIN users u ON u.id = c.user_id
                WHERE c.id <> $1 AND c.disabled_at IS NULL
            )
            SELECT id
            FROM candidate
            WHERE CASE
                WHEN (SELECT bool_or(is_owners) FROM candidate) THEN is_owners
                WHEN (SELECT bool_or(is_admins) FROM candidate) THEN is_admins
                ELSE true END
            """, [id.postgresValue]
        ).map { (row) throws(PostgresError) in try row.identifier("id") }
    }

    /// Takes a channel into use again, with another secret where one is given; false where it is in use.
    package static func enable(
        _ id: Identifier, sealedSecret: [UInt8]?, in session: PostgresSession
    ) throws(PostgresError) -> Bool {
        try session.execute(
            """
            UPDATE channels
            SET disabled_at = NULL,
                disabled_reason = NULL,
                failures = 0,
                failing_since = NULL,
                paced_until = NULL,
                lane_free_at = clock_timestamp(),
                sealed_secret = coalesce($2, sealed_secret)
            WHERE id = $1
              AND disabled_at IS NOT NULL
            """, [id.postgresValue, .optional(sealedSecret)]) == 1
    }

    /// The channel of that identity, and its sealed secret, locked until the transaction ends.
    package static func lock(
        _ id: Identifier, in session: PostgresSession
    ) throws(PostgresError) -> (record: ChannelRecord, sealedSecret: [UInt8]?)? {
        let rows = try session.query(
            """
            SELECT sealed_secret
            FROM channels
            WHERE id = $1
            FOR NO KEY UPDATE
            """, [id.postgresValue])
        guard let row = rows.first else { return nil }
        let record = try ChannelRecord(select("c.id = $1", [id.postgresValue], in: session).only())
        return (record, try row.optionalBytes("sealed_secret"))
    }

    /// Gives a channel other settings, and another secret where one is given; what was told of failures before is
    /// about the old ones and forgotten.
    package static func change(
        _ id: Identifier, _ settings: ChannelSettings, sealedSecret: [UInt8]?, in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            UPDATE channels
            SET settings = $2,
                sealed_secret = coalesce($3, sealed_secret),
                failures = 0,
                failing_since = NULL,
                lane_free_at = least(lane_free_at, clock_timestamp() + interval '1 minute')
            WHERE id = $1
            """, [id.postgresValue, settings.json.postgresValue, .optional(sealedSecret)])
    }

    private static func records(_ rows: PostgresRows) throws(PostgresError) -> [ChannelRecord] {
        var records: [ChannelRecord] = []
        for row in rows { records.append(try ChannelRecord(row)) }
        return records
    }

    private static func select(
        _ condition: StaticString, _ parameters: [PostgresValue], in session: PostgresSession
    ) throws(PostgresError) -> PostgresRows {
        try session.query(
            """
            SELECT c.id, c.kind, c.name, c.user_id, u.name AS user_name, c.settings,
                c.sealed_secret IS NOT NULL AS has_secret, c.created_at, c.disabled_at, c.disabled_reason,
                c.failing_since
            FROM channels AS c
            LEFT JOIN users AS u ON u.id = c.user_id
            WHERE \(condition)
            ORDER BY c.disabled_at IS NOT NULL, lower(c.name)
            """, parameters)
    }
}
