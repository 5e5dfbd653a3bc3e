package import Domain
package import Postgres

/// A channel as the one who sends to it needs it.
package struct DestinationRecord: Sendable, Hashable {
    package let id: Identifier
    package let kind: ChannelKind
    package let name: String
    package let settings: ChannelSettings
    /// The sealed webhook address or password.
    package let sealedSecret: [UInt8]?
    /// Whom it belongs to; nil for nobody's channel.
    package let userID: Identifier?
    package let userName: String?
    package let userEmail: String?
    package let disabledAt: Timestamp?
    /// How many attempts there failed in a row.
    package let failures: Int

    static let columns = """
        c.id, c.kind, c.name, c.settings, c.sealed_secret, c.user_id, u.name AS user_name, u.email AS user_email,
        c.disabled_at, c.failures
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        kind = try row.word("kind")
        name = try row.text("name")
        settings = ChannelSettings(json: try row.json("settings"))
        sealedSecret = try row.optionalBytes("sealed_secret")
        userID = try row.optionalIdentifier("user_id")
        userName = try row.optionalText("user_name")
        userEmail = try row.optionalText("user_email")
        disabledAt = try row.optionalTimestamp("disabled_at")
        failures = try row.int("failures")
    }
}

/// Finds channels to send to.
package enum DestinationStore {
    /// The channels of these identities.
    package static func find(
        _ ids: [Identifier], in session: PostgresSession
    ) throws(PostgresError) -> [DestinationRecord] {
        guard !ids.isEmpty else { return [] }
        return try session.query(
            """
            SELECT \(DestinationRecord.columns)
            FROM channels c
            LEFT JOIN users u ON u.id = c.user_id
            WHERE c.id = ANY ($1::uuid[])
            """, [.texts(ids)]
        ).map { (row) throws(PostgresError) in try DestinationRecord(row) }
    }

    /// All channels that are in use.
    package static func inUse(in session: PostgresSession) throws(PostgresError) -> [DestinationRecord] {
        try session.query(
            """
            SELECT \(DestinationRecord.columns)
            FROM channels c
            LEFT JOIN users u ON u.id = c.user_id
            WHERE c.disabled_at IS NULL
            """
        ).map { (row) throws(PostgresError) in try DestinationRecord(row) }
    }

    /// The channel of that name, whatever its case.
    package static func find(
        named name: String, in session: PostgresSession
    ) throws(PostgresError) -> DestinationRecord? {
        try session.query(
            """
            SELECT \(DestinationRecord.columns)
            FROM channels c
            LEFT JOIN users u ON u.id = c.user_id
            WHERE lower(c.name) = lower($1)
            """, [.text(name)]
        ).first.map { (row) throws(PostgresError) in try DestinationRecord(row) }
    }
}
