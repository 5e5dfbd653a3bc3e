import Domain

extension Caller {
    /// Whether the caller may propose trades: bots, and people who could decide on them (but never on their own).
    package var mayPropose: Bool {
        switch self {
        case .key(_, _, let scope): scope == .propose
        case .person(let person, _, _): person.role.canDecide
        }
    }

    /// Whether the caller may claim orders and report on them.
    package var mayWork: Bool {
        switch self {
        case .key(_, _, let scope): scope == .work
        case .person: false
        }
    }

    /// Whether the caller may raise alerts.
    package var mayAlert: Bool {
        switch self {
        case .key(_, _, let scope): scope == .alert
        case .person(let person, _, _): person.role.canDecide
        }
    }

    /// Whether the caller may change people, keys, channels and the policy.
    package var mayAdminister: Bool { person?.role.canAdminister ?? false }

    /// Whether the caller may read the journal.
    package var mayAudit: Bool { person?.role.canAudit ?? false }
}
