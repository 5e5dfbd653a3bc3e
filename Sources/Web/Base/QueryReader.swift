import Domain
import Gate
import HTTPServer
import JSON

/// Reads the parameters behind the question mark, remembering every fault.
///
/// A parameter that nobody asked for is a fault too: a misspelled filter must not widen a list in silence.
struct QueryReader {
    private let items: QueryItems
    private var known: Set<String> = []
    private(set) var faults: [JSONFault] = []

    init(_ request: HTTPRequest) { items = request.query }

    /// The parameter as text; an empty one counts as absent.
    mutating func text(_ name: String, maxCharacters: Int = 128) -> String? {
        known.insert(name)
        guard let value = items.first(name), !value.isEmpty else { return nil }
        guard value.unicodeScalars.count <= maxCharacters else {
            fault(name, "must have at most \(maxCharacters) characters")
            return nil
        }
        return value
    }

    mutating func int(_ name: String, in range: ClosedRange<Int>) -> Int? {
        guard let value = text(name) else { return nil }
        guard let number = Int(value), range.contains(number) else {
            fault(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound)")
            return nil
        }
        return number
    }

    mutating func choice<Choice: RawRepresentable & CaseIterable>(_ name: String, _ type: Choice.Type)
        -> Choice?
    where Choice.RawValue == String {
        guard let value = text(name) else { return nil }
        if let choice = Choice(rawValue: value) { return choice }
        fault(name, "must be one of \(Choice.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
    }

    /// A day such as 2026-11-24.
    mutating func date(_ name: String) -> CalendarDate? {
        guard let value = text(name) else { return nil }
        if let date = CalendarDate(value), (2000...2100).contains(date.year) { return date }
        fault(name, "must be a day such as 2026-11-24")
        return nil
    }

    mutating func flag(_ name: String) -> Bool? {
        guard let value = text(name) else { return nil }
        if value == "true" || value == "false" { return value == "true" }
        fault(name, "must be true or false")
        return nil
    }

    /// `limit` and `cursor`, as every list takes them.
    mutating func page() -> (limit: Int, before: Int?) {
        let limit = int("limit", in: 1...500) ?? 50
        guard let cursor = text("cursor") else { return (limit, nil) }
        guard let sequence = Cursor.sequence(cursor) else {
            fault("cursor", "is none that this server gave; leave it out to begin at the newest")
            return (limit, nil)
        }
        return (limit, sequence)
    }

    /// The same for lists whose cursor is a name.
    mutating func pageAfterName() -> (limit: Int, after: String?) {
        let limit = int("limit", in: 1...500) ?? 50
        guard let cursor = text("cursor") else { return (limit, nil) }
        guard let name = Cursor.name(cursor) else {
            fault("cursor", "is none that this server gave; leave it out to begin at the beginning")
            return (limit, nil)
        }
        return (limit, name)
    }

    /// `cursor` of a list by deadline.
    mutating func deadlinePlace() -> (deadline: Timestamp, sequence: Int)? {
        guard let cursor = text("cursor") else { return nil }
        guard let place = Cursor.deadline(cursor) else {
            fault("cursor", "is none that this server gave; leave it out to begin at the nearest deadline")
            return nil
        }
        return (place.at, place.sequence)
    }

    mutating func fault(_ name: String, _ detail: String) {
        faults.append(JSONFault(pointer: "/\(name)", detail: detail))
    }

    /// Throws what was wrong.
    ///
    /// Call it last.
    mutating func finish() throws {
        for item in items.items where !known.contains(item.name) {
            fault(String(item.name.prefix(64)), "is not a parameter that is known here")
        }
        guard faults.isEmpty else { throw Refusal.invalidQuery(faults) }
    }
}
