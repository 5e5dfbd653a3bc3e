/// What a person may do.
package enum Role: String, Sendable, Hashable, CaseIterable {
    case viewer
    case approver
    case operator_ = "operator"
    case admin
    /// Reads everything and verifies the journal, decides nothing.
    case auditor

    /// Whether such a person may approve and reject.
    package var canDecide: Bool { self == .approver || canOperate }
    /// Whether such a person may stop and resume trading.
    package var canOperate: Bool { self == .operator_ || self == .admin }
    /// Whether such a person may change people, keys, channels and the policy.
    package var canAdminister: Bool { self == .admin }
    /// Whether such a person may read the journal.
    package var canAudit: Bool { self == .auditor || self == .admin }
}

/// Somebody who is known here.
package struct Person: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let role: Role

    /// A person.
    package init(id: Identifier, name: String, role: Role) {
        self.id = id
        self.name = name
        self.role = role
    }
}

/// What an API key is good for.
package enum KeyScope: String, Sendable, Hashable, CaseIterable {
    case propose, work, read, alert, operate
    /// A person's own token: it may what the person may.
    case personal
}

/// How a person proved who they are when they decided.
package enum ProofMethod: String, Sendable, Hashable, CaseIterable {
    case session, pin, token
}
