package import Domain

/// Who asks: a key of a bot, worker or script, or a person.
package enum Caller: Sendable, Hashable {
    case key(id: Identifier, name: String, scope: KeyScope)
    /// A person; `keyID` is the personal token's where one was used.
    case person(Person, method: ProofMethod, keyID: Identifier?)

    /// How the journal names the caller.
    package var journalActor: String {
        switch self {
        case .key(_, let name, .work): "worker:\(name)"
        case .key(_, let name, _): "key:\(name)"
        case .person(let person, _, _): "user:\(person.name)"
        }
    }

    /// The person, where it is one.
    package var person: Person? {
        switch self {
        case .key: nil
        case .person(let person, _, _): person
        }
    }

    /// Whether the caller may read accounts, orders and everybody's proposals.
    package var mayRead: Bool {
        switch self {
        case .key(_, _, let scope): scope == .read
        case .person: true
        }
    }

    /// Whether the caller may stop trading.
    package var mayOperate: Bool {
        switch self {
        case .key(_, _, let scope): scope == .operate
        case .person(let person, _, _): person.role.canOperate
        }
    }
}
