package import Domain
import Postgres

/// A person as stored, without the PIN.
package struct UserRecord: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let email: String?
    package let role: Role
    package let hasPIN: Bool
    package let lockedUntil: Timestamp?
    /// The most one decision may be about, in USD.
    package let maxNotional: ExactDecimal?
    /// The most a day's decisions may be about, in USD.
    package let maxNotionalPerDay: ExactDecimal?
    package let createdAt: Timestamp
    package let disabledAt: Timestamp?

    /// Who it is, for rules.
    package var person: Person { Person(id: id, name: name, role: role) }
    /// How the journal names the person as a subject.
    package var subject: String { "user:\(id)" }

    static let columns = """
        id, name, email, role, pin_hash IS NOT NULL AS has_pin, locked_until, max_notional,
        max_notional_per_day, created_at, disabled_at
        """

    init(_ row: PostgresRow) throws(PostgresError) {
        id = try row.identifier("id")
        name = try row.text("name")
        email = try row.optionalText("email")
        role = try row.word("role")
        hasPIN = try row.bool("has_pin")
        lockedUntil = try row.optionalTimestamp("locked_until")
        maxNotional = try row.optionalDecimal("max_notional")
        maxNotionalPerDay = try row.optionalDecimal("max_notional_per_day")
        createdAt = try row.timestamp("created_at")
        disabledAt = try row.optionalTimestamp("disabled_at")
    }
}

/// A person about to be added.
package struct NewUser: Sendable {
    package let name: String
    package let email: String?
    package let role: Role
    package let maxNotional: ExactDecimal?
    package let maxNotionalPerDay: ExactDecimal?

    /// A person; without a PIN nobody can log in as them.
    package init(
        name: String, email: String? = nil, role: Role, maxNotional: ExactDecimal? = nil,
        maxNotionalPerDay: ExactDecimal? = nil
    ) {
        self.name = name
        self.email = email
        self.role = role
        self.maxNotional = maxNotional
        self.maxNotionalPerDay = maxNotionalPerDay
    }
}
