/// What people, keys and channels may be called, and how mail addresses look.
///
/// The database holds the same rules.
package enum Names {
    /// Whether a person may have the name: a letter, then letters, digits, `.`, `_` and `-`; at most 63.
    package static func isPersonName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) else { return false }
        return isThingName(name)
    }

    /// Whether a key or a channel may have the name: the same, and it may begin with a digit.
    package static func isThingName(_ name: String) -> Bool {
        guard let first = name.utf8.first, isLetter(first) || isDigit(first), name.utf8.count <= 63 else {
            return false
        }
        return name.utf8.allSatisfy { isLetter($0) || isDigit($0) || ".-_".utf8.contains($0) }
    }

    /// Whether the text can be a mail address: something on both sides of one `@`, nothing that breaks a header.
    package static func isMailAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts.contains("") && text.utf8.count <= 254
            && text.unicodeScalars.allSatisfy {
                !$0.properties.isWhitespace && $0.properties.generalCategory != .control
                    && !"<>,;".unicodeScalars.contains($0)
            }
    }

    /// What to say about a name that will not do.
    package static let personNameRule =
        "must begin with a letter and have at most 63 letters, digits, dots, dashes and underscores"
    /// What to say about a key's or channel's name that will not do.
    package static let thingNameRule =
        "must begin with a letter or digit and have at most 63 letters, digits, dots, dashes and underscores"

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
