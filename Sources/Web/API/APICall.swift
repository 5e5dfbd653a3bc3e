import Domain
import Gate
import HTTPServer
import JSON

/// One request to the API, with whoever made it.
struct APICall: Sendable {
    let request: HTTPRequest
    let caller: Caller
    let context: WebContext

    /// The identity in the path; what is no identity cannot exist.
    func identifier(_ name: String = "id", of what: String) throws -> Identifier {
        guard let id = request.parameters[name].flatMap(Identifier.init) else {
            throw Refusal.notFound(what)
        }
        return id
    }

    /// Goes on only where the caller may.
    func require(_ isAllowed: Bool, to deed: String) throws {
        guard isAllowed else { throw Refusal(.notAllowed, "\(caller.words) may not \(deed).") }
    }

    /// The person who calls, where it is one.
    func requirePerson(to deed: String) throws -> (person: Person, method: ProofMethod) {
        guard case .person(let person, let method, _) = caller else {
            throw Refusal(
                .notAllowed,
                "Only a person may \(deed), with a personal token. \(caller.words) is no person.")
        }
        return (person, method)
    }
}

extension Caller {
    /// Who it is, at the beginning of a sentence.
    fileprivate var words: String {
        switch self {
        case .key(_, let name, let scope): "The key \(name) (scope \(scope.rawValue))"
        case .person(let person, _, _): "\(person.name) (\(person.role.rawValue))"
        }
    }
}

/// An answer that is a list.
func listResponse(_ items: [JSONValue], next: Int?) -> HTTPResponse {
    .json(["items": .array(items), "next_cursor": .text(next.map(Cursor.text))])
}

extension HTTPResponse {
    /// A JSON value.
    static func json(_ value: JSONValue, status: Int = 200) -> HTTPResponse {
        .json(value.bytes(), status: status)
    }
}
