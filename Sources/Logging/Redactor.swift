package import JSON
import Synchronization

/// Replaces secrets in what leaves the process: those it is told, and what looks like one.
///
/// A secret is found as it is, percent-encoded, JSON-escaped, and both; the kinds it knows by their looks are
/// listed in `SecretPattern`. It does not find a secret that was hashed, split or encoded in Base64.
package final class Redactor: Sendable {
    /// What stands in a secret's place.
    package static let mark = "[redacted]"
    /// Shorter secrets are ignored: they would take away half of every line.
    package static let minSecretCharacters = 6

    private struct Known {
        var secrets: Set<String> = []
        var finder = SecretFinder(secrets: [])
    }

    private let known: Mutex<Known>

    /// A redactor for these secrets and all known kinds.
    package init(secrets: some Sequence<String> = []) {
        known = Mutex(Known())
        add(secrets)
    }

    /// Learns more secrets, such as the address of a channel that was just read.
    package func add(_ secrets: some Sequence<String>) {
        let useful = secrets.filter { $0.count >= Self.minSecretCharacters }
        known.withLock { known in
            guard !known.secrets.isSuperset(of: useful) else { return }
            known.secrets.formUnion(useful)
            known.finder = SecretFinder(secrets: known.secrets)
        }
    }

    /// The text without secrets.
    package func redact(_ text: String) -> String {
        redact(text, by: known.withLock { $0.finder })
    }

    /// The document without secrets, in names as well as in values.
    package func redact(_ value: JSONValue) -> JSONValue {
        redact(value, by: known.withLock { $0.finder })
    }

    func redact(member name: String, _ value: JSONValue) -> (String, JSONValue) {
        redact(member: name, value, by: known.withLock { $0.finder })
    }

    private func redact(_ value: JSONValue, by finder: SecretFinder) -> JSONValue {
        switch value {
        case .null, .bool: value
        case .string(let text): .string(redact(text, by: finder))
        case .number(let number):
            finder.ranges(in: number.text).isEmpty ? value : .string(redact(number.text, by: finder))
        case .array(let elements): .array(elements.map { redact($0, by: finder) })
        case .object(let object):
            .object(JSONObject(object.members.map { redact(member: $0.key, $0.value, by: finder) }))
        case .encoded(let text): redact(text.value, by: finder)
        }
    }

    private func redact(
        member name: String, _ value: JSONValue, by finder: SecretFinder
    ) -> (key: String, value: JSONValue) {
        guard !SecretPattern.memberNames.contains(name.lowercased()) || value.isNull else {
            return (name, .string(Self.mark))
        }
        return (redact(name, by: finder), redact(value, by: finder))
    }

    private func redact(_ text: String, by finder: SecretFinder) -> String {
        let ranges = finder.ranges(in: text)
        guard !ranges.isEmpty else { return text }
        let bytes = Array(text.utf8)
        var kept: [UInt8] = []
        var end = 0
        for range in ranges {
            kept += bytes[end..<range.lowerBound]
            kept += Array(Self.mark.utf8)
            end = range.upperBound
        }
        return String(decoding: kept + bytes[end...], as: UTF8.self)
    }
}
