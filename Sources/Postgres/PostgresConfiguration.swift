import CPostgres

/// Where the server is and how each connection is set up.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string, `postgresql://…` or `host=… dbname=…`.
    package var connectionString: String
    package var applicationName: String
    /// A role each session takes on with `SET ROLE`.
    package var sessionRole: String?
    package var connectTimeoutSeconds = 3
    /// The longest a statement may run; 0 for no limit.
    package var statementTimeoutMilliseconds = 15_000
    package var lockTimeoutMilliseconds = 10_000
    package var idleInTransactionTimeoutMilliseconds = 30_000
    /// For how long after a failed connect further ones fail at once with the same reason.
    package var connectBackoffMilliseconds = 500
    /// How many prepared statements a connection keeps.
    package var statementCacheSize = 256

    package init(connectionString: String, applicationName: String = "", sessionRole: String? = nil) {
        self.connectionString = connectionString
        self.applicationName = applicationName
        self.sessionRole = sessionRole
    }

    /// Says what is wrong with the connection string, without connecting and without repeating it.
    package func validate() throws(PostgresError) {
        guard !connectionString.utf8.contains(0), let options = PQconninfoParse(connectionString, nil) else {
            // libpq's own message may quote the string, password included.
            throw PostgresError(
                .connection,
                "The connection string is malformed. Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
                    + " with special characters percent-encoded, or host=… port=… dbname=… user=….")
        }
        PQconninfoFree(options)
    }

    /// The same server and settings, another database.
    package func database(_ name: String) throws(PostgresError) -> PostgresConfiguration {
        try validate()
        var pairs: [(String, String)] = []
        let options = PQconninfoParse(connectionString, nil)
        defer { PQconninfoFree(options) }
        var option = options
        while let current = option?.pointee, let keyword = current.keyword {
            if let value = current.val, String(cString: keyword) != "dbname" {
                pairs.append((String(cString: keyword), String(cString: value)))
            }
            option = option?.advanced(by: 1)
        }
        pairs.append(("dbname", name))
        var configuration = self
        configuration.connectionString = Self.words(pairs)
        return configuration
    }

    /// Keywords for libpq in its order: defaults that the string may override, the string, what must hold.
    var keywords: [(String, String)] {
        var keywords = [
            ("connect_timeout", String(connectTimeoutSeconds)),
            // A peer that vanished without a word is noticed within about half a minute.
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "20000"),
            ("dbname", connectionString),
            ("client_encoding", "UTF8"),
        ]
        if !applicationName.isEmpty { keywords.append(("application_name", applicationName)) }
        return keywords
    }

    /// What a new session is told first.
    var sessionSettings: String {
        var settings = [
            "SET TimeZone = 'UTC'", "SET DateStyle = 'ISO, YMD'", "SET IntervalStyle = 'iso_8601'",
            "SET bytea_output = 'hex'", "SET jit = off", "SET standard_conforming_strings = on",
            "SET statement_timeout = \(statementTimeoutMilliseconds)",
            "SET lock_timeout = \(lockTimeoutMilliseconds)",
            "SET idle_in_transaction_session_timeout = \(idleInTransactionTimeoutMilliseconds)",
        ]
        if let sessionRole { settings.append("SET ROLE \(SQLText.identifier(sessionRole))") }
        return settings.joined(separator: "; ")
    }

    /// A connection string of keywords and values.
    static func words(_ pairs: [(String, String)]) -> String {
        pairs.map { name, value in
            let escaped = value.unicodeScalars.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }
            return "\(name)='\(escaped.joined())'"
        }.joined(separator: " ")
    }
}
