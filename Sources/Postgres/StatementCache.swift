/// Which statement text the server knows under which name, oldest use out first.
struct StatementCache {
    private struct Entry {
        let name: String
        var lastUse: Int
    }

    /// A statement's text, hashed by its length and its end: to hash all of it takes as long as to read it, and there are few.
    private struct Text: Hashable {
        let sql: String

        func hash(into hasher: inout Hasher) {
            var sql = sql
            sql.withUTF8 { bytes in
                hasher.combine(bytes.count)
                hasher.combine(
                    bytes: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(bytes).suffix(32)))
            }
        }
    }

    private var entries: [Text: Entry] = [:]
    private var uses = 0
    private var named = 0
    let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// The name of a statement the server knows.
    mutating func name(for sql: String) -> String? {
        uses += 1
        guard let place = entries.index(forKey: Text(sql: sql)) else { return nil }
        entries.values[place].lastUse = uses
        return entries.values[place].name
    }

    /// A name no statement of this connection has had.
    mutating func freshName() -> String {
        named += 1
        return "s\(named)"
    }

    mutating func insert(_ sql: String, name: String) {
        uses += 1
        entries[Text(sql: sql)] = Entry(name: name, lastUse: uses)
    }

    /// Takes out the statement unused for longest where there are too many; the caller tells the server.
    mutating func removeSurplus() -> String? {
        guard entries.count > capacity, let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        else { return nil }
        entries[oldest.key] = nil
        return oldest.value.name
    }

    mutating func removeAll() { entries.removeAll() }
}
