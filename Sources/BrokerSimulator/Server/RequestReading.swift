import Domain
import HTTPServer
import JSON

extension HTTPRequest {
    /// The body as JSON; an empty one is an empty object.
    func json() throws(BrokerRejection) -> JSONValue {
        if body.isEmpty { return [:] }
        do throws(JSONError) {
            return try JSONParser.parse(body)
        } catch {
            throw BrokerRejection(status: 400, code: 40_010_000, message: "request body format is invalid")
        }
    }

    /// A query value that is not empty.
    func value(_ name: String) -> String? {
        guard let value = query.first(name), !value.isEmpty else { return nil }
        return value
    }

    /// A truth value in any case: Python writes `True`.
    func flag(_ name: String) throws(BrokerRejection) -> Bool {
        switch value(name)?.lowercased() {
        case nil, "false", "0": return false
        case "true", "1": return true
        default: throw .badParameter("\(name) must be true or false")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>, default standard: Int) throws(BrokerRejection)
        -> Int
    {
        guard let text = value(name) else { return standard }
        guard let number = Int(text), range.contains(number) else {
            throw .badParameter("\(name) must be between \(range.lowerBound) and \(range.upperBound)")
        }
        return number
    }

    /// A date or an instant.
    func instant(_ name: String) throws(BrokerRejection) -> Timestamp? {
        guard let text = value(name) else { return nil }
        let full = text.utf8.count == 10 ? text + "T00:00:00Z" : text
        guard let instant = Timestamp(rfc3339: full) else { throw .badParameter("invalid \(name)") }
        return instant
    }

    func list(_ name: String) -> [String]? {
        value(name)?.split(separator: ",").map { $0.filter { $0 != " " }.uppercased() }
    }

    /// The value of a `{name}` in the route's pattern.
    func parameter(_ name: String) -> String { parameters[name] ?? "" }
}
