import Gate
import HTTPServer
import JSON

extension HTTPRequest {
    /// The body as JSON.
    func json() throws -> JSONValue {
        try requireJSONType()
        guard !body.isEmpty else { throw Problem.malformed("A JSON body is needed, and there is none.") }
        return try JSONParser.parse(body)
    }

    /// The body as JSON, or an empty object where there is no body.
    func optionalJSON() throws -> JSONValue {
        body.isEmpty ? .object([:]) : try json()
    }

    /// Refuses what comes as another type; a body without a type counts as JSON.
    private func requireJSONType() throws {
        guard let type = headers.first("Content-Type"), type != "application/json" else { return }
        let name = type.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
        guard name == "application/json" || name.hasPrefix("application/") && name.hasSuffix("+json") else {
            throw Problem.unsupportedMediaType
        }
    }

    /// What the request is to be known by when it is repeated.
    func idempotencyKey() throws -> String? {
        let keys = headers.all("Idempotency-Key")
        guard let key = keys.first else { return nil }
        guard keys.count == 1 else {
            throw Problem.malformed("The request has \(keys.count) headers Idempotency-Key; it must be one.")
        }
        guard (1...255).contains(key.utf8.count), key.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Problem.malformed("Idempotency-Key must be 1 to 255 printable ASCII characters.")
        }
        return key
    }
}

extension JSONReader {
    /// Throws what was wrong, unknown fields included.
    ///
    /// Call it last.
    func finish() throws {
        refuseUnknown()
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
    }

    /// The field as text that must be there and say something.
    func requiredText(_ key: String, maxCharacters: Int) -> String {
        let text = string(key, maxCharacters: maxCharacters)
        if value(key) == nil {
            missing(key)
        } else if text?.isBlank ?? false {
            fault(key, "must not be empty")
        }
        return text ?? ""
    }
}

extension String {
    var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
