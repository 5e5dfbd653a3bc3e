/// The members of a JSON object in the order in which they were written.
package struct JSONObject: Sendable {
    /// The members, first to last.
    package private(set) var members: [(key: String, value: JSONValue)]
    /// Where each member stands, kept only where walking through them would take longer than hashing a name.
    private var places: [String: Int]?

    private static let fewMembers = 64

    /// An object of these members; of two with one name the later one counts.
    package init(_ members: [(key: String, value: JSONValue)] = []) {
        self.members = []
        self.members.reserveCapacity(members.count)
        add(members)
    }

    /// An object of members of which no two have one name, as whoever put them together knows.
    package init(distinct members: [(key: String, value: JSONValue)]) {
        assert(Set(members.map(\.key)).count == members.count, "two members have one name")
        self.members = members
        index()
    }

    /// The names of the members, in order.
    package var keys: [String] { members.map(\.key) }

    /// How many members there are.
    package var count: Int { members.count }

    /// Whether there are no members.
    package var isEmpty: Bool { members.isEmpty }

    /// The member of that name.
    ///
    /// Setting nil removes it.
    package subscript(key: String) -> JSONValue? {
        get { place(of: key).map { members[$0].value } }
        set {
            if let place = place(of: key) {
                if let newValue {
                    members[place].value = newValue
                } else {
                    members.remove(at: place)
                    places = nil
                    index()
                }
            } else if let newValue {
                append(key, newValue)
            }
        }
    }

    /// Makes room for so many members.
    package mutating func reserveCapacity(_ count: Int) { members.reserveCapacity(count) }

    /// Whether there is a member of that name.
    func has(_ key: String) -> Bool { place(of: key) != nil }

    /// Adds a member of a name that no other has, as whoever puts the object together knows.
    package mutating func append(_ key: String, _ value: JSONValue) {
        assert(!has(key), "two members have one name")
        members.append((key: key, value: value))
        if places == nil { index() } else { places?[key] = members.count - 1 }
    }

    /// Lays members over those that there are.
    private mutating func add(_ others: [(key: String, value: JSONValue)]) {
        for member in others {
            if let place = place(of: member.key) {
                members[place].value = member.value
            } else {
                append(member.key, member.value)
            }
        }
    }

    private func place(of key: String) -> Int? { place(of: key, nextTo: 0) }

    /// Where the member of that name stands; where there are few they are walked through from `start`, round to it again.
    func place(of key: String, nextTo start: Int) -> Int? {
        if let places { return places[key] }
        for place in start..<members.count where members[place].key == key { return place }
        for place in 0..<start where members[place].key == key { return place }
        return nil
    }

    private mutating func index() {
        guard members.count > Self.fewMembers else { return }
        places = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.key, $0) })
    }

    /// This object with the members of another laid over it.
    package func merging(_ other: JSONObject) -> JSONObject {
        var result = self
        result.members.reserveCapacity(count + other.count)
        result.add(other.members)
        return result
    }
}

extension JSONObject: Hashable {
    /// Equal where the same names have the same values, in whatever order.
    package static func == (left: JSONObject, right: JSONObject) -> Bool {
        left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(members.count)
        for key in keys.sorted() { hasher.combine(key) }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self.init(distinct: elements.map { (key: $0.0, value: $0.1) })
    }
}
