package import Postgres

/// The role that the program works in: it may add to the record, and not rewrite it.
package enum ApplicationRole {
    package static let name = "countersign_app"

    /// Whether the role exists, this session may take it on, and it may use the tables.
    package static func isUsable(in session: PostgresSession) throws(PostgresError) -> Bool {
        try session.query(
            """
            SELECT EXISTS (
                SELECT
                FROM pg_roles
                WHERE rolname = $1
                  AND pg_has_role(current_user, oid, 'MEMBER')
                  AND has_table_privilege(oid, 'proposal_terms', 'INSERT')) AS is_usable
            """, [.text(name)]
        ).only().bool("is_usable")
    }
}
