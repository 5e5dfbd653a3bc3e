package import Domain
package import Postgres

/// To which mode and account a database belongs.
package struct DeploymentRecord: Sendable, Hashable {
    package let mode: TradingMode
    /// Nil until a worker first reported it.
    package let accountNumber: String?
    package let createdAt: Timestamp
}

/// The stamp of the database.
package enum DeploymentStore {
    /// The stamp; nil before the first start.
    package static func find(in session: PostgresSession) throws(PostgresError) -> DeploymentRecord? {
        try session.read(find)
    }

    /// `find`, among other statements.
    package static var find: PostgresReading<DeploymentRecord?> {
        PostgresReading("SELECT mode, account_number, created_at FROM deployment") {
            (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in
                DeploymentRecord(
                    mode: try row.word("mode"), accountNumber: try row.optionalText("account_number"),
                    createdAt: try row.timestamp("created_at"))
            }
        }
    }

    /// Stamps the database; false where it is stamped already.
    package static func stamp(_ mode: TradingMode, in session: PostgresSession) throws(PostgresError) -> Bool
    {
        try session.execute(
            """
            INSERT INTO deployment (mode)
            VALUES ($1)
            ON CONFLICT DO NOTHING
            """, [.text(mode.rawValue)]) == 1
    }

    /// Binds the database to an account; false where it is bound to one already.
    package static func bind(accountNumber: String, in session: PostgresSession) throws(PostgresError) -> Bool
    {
        try session.execute(
            """
            UPDATE deployment
            SET account_number = $1
            WHERE account_number IS NULL
            """, [.text(accountNumber)]) == 1
    }
}

/// A key that signs orders and checkpoints, as others may know it.
package struct SigningKeyRecord: Sendable, Hashable {
    package let keyID: String
    /// The Ed25519 public key, 32 bytes.
    package let publicKey: [UInt8]
    package let createdAt: Timestamp
}

/// The keys that ever signed for this deployment.
package enum SigningKeyStore {
    /// Makes a key known; false where it is already.
    package static func register(keyID: String, publicKey: [UInt8], in session: PostgresSession)
        throws(PostgresError) -> Bool
    {
        try session.execute(
            """
            INSERT INTO signing_keys (key_id, public_key)
            VALUES ($1, $2)
            ON CONFLICT DO NOTHING
            """, [.text(keyID), .bytes(publicKey)]) == 1
    }

    /// All keys, newest first.
    package static func list(in session: PostgresSession) throws(PostgresError) -> [SigningKeyRecord] {
        let rows = try session.query(
            """
            SELECT key_id, public_key, created_at
            FROM signing_keys
            ORDER BY created_at DESC, key_id
            """)
        var records: [SigningKeyRecord] = []
        for row in rows {
            records.append(
                SigningKeyRecord(
                    keyID: try row.text("key_id"), publicKey: try row.bytes("public_key"),
                    createdAt: try row.timestamp("created_at")))
        }
        return records
    }
}
