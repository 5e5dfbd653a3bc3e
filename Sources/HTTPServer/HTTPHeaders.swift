/// Header fields in the order they came, found by name in any letter case.
package struct HTTPHeaders: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One header line.
    package struct Field: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// Every field, in order.
    package private(set) var fields: [Field]

    package init(_ fields: [Field] = []) { self.fields = fields }

    package init(dictionaryLiteral elements: (String, String)...) {
        fields = elements.map { Field(name: $0, value: $1) }
    }

    /// The value of the first field of this name.
    package func first(_ name: String) -> String? {
        fields.firstIndex { equalIgnoringCase($0.name, name) }.map { fields[$0].value }
    }

    /// The values of all fields of this name, in order.
    package func all(_ name: String) -> [String] {
        fields.filter { equalIgnoringCase($0.name, name) }.map(\.value)
    }

    /// Adds a field, beside any others of the same name.
    package mutating func add(_ name: String, _ value: String) {
        fields.append(Field(name: name, value: value))
    }

    /// Puts this one field in place of any others of the same name.
    package mutating func set(_ name: String, _ value: String) {
        remove(name)
        add(name, value)
    }

    /// Removes all fields of this name.
    package mutating func remove(_ name: String) {
        fields.removeAll { equalIgnoringCase($0.name, name) }
    }

    mutating func reserve(_ count: Int) { fields.reserveCapacity(count) }
}

extension HTTPHeaders.Field {
    /// Whether the field can be sent: a token for a name, and no control character that could end the line.
    var isSendable: Bool {
        !name.isEmpty && name.hasOnly(isTokenByte)
            && value.hasOnly { ($0 >= 0x20 || $0 == 0x09) && $0 != 0x7F }
    }
}

extension String {
    /// Whether each byte of its UTF-8 is as it should be.
    fileprivate func hasOnly(_ isFine: (UInt8) -> Bool) -> Bool {
        var text = self
        return text.withUTF8 { $0.allSatisfy(isFine) }
    }
}

/// Whether two names are the same but for the case of ASCII letters.
func equalIgnoringCase(_ one: String, _ other: String) -> Bool {
    guard one.utf8.count == other.utf8.count else { return false }
    var (one, other) = (one, other)
    return one.withUTF8 { one in
        other.withUTF8 { other in
            for place in one.indices where lowercased(one[place]) != lowercased(other[place]) { return false }
            return true
        }
    }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
    byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
}

/// Whether RFC 9110 allows the byte in a token: header names, cookie names, methods.
func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    case 0x21, 0x23...0x27, 0x2A, 0x2B, 0x2D, 0x2E, 0x5E, 0x5F, 0x60, 0x7C, 0x7E: true
    default: false
    }
}
