import JSON

/// A PIN or password that a person may choose: 4 to 12 digits, or at least 8 characters.
///
/// What everybody would guess first is refused. One that exists is well formed.
package struct NewPIN: Sendable, Hashable {
    /// What the person types.
    package let text: String

    /// How many digits a PIN has.
    package static let pinDigits = 4...12
    /// How many characters a password has.
    package static let passwordCharacters = 8...128

    /// The PIN, or the reason in words why it will not do.
    ///
    /// `name` is whose it is.
    package init(_ text: String, of name: String) throws(ValidationFailure) {
        if let reason = Self.objection(to: text, of: name) {
            throw ValidationFailure(faults: [JSONFault(pointer: "/pin", detail: reason)])
        }
        self.text = text
    }

    private static func objection(to text: String, of name: String) -> String? {
        let scalars = Array(text.unicodeScalars)
        guard scalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
            return "must not contain control characters"
        }
        let isPIN = !scalars.isEmpty && scalars.allSatisfy { ("0"..."9").contains($0) }
        if isPIN, scalars.count < pinDigits.lowerBound || scalars.count > passwordCharacters.upperBound {
            return "must have 4 to 12 digits, or be a password of at least 8 characters"
        }
        if !isPIN, !passwordCharacters.contains(scalars.count) {
            return "must be 4 to 12 digits, or a password of 8 to 128 characters"
        }
        return WeakPIN.reason(scalars.map(\.value), text: text.lowercased(), name: name.lowercased())
    }
}

extension NewPIN: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}

/// What everybody would guess first.
private enum WeakPIN {
    static func reason(_ scalars: [UInt32], text: String, name: String) -> String? {
        if Set(scalars).count == 1 { return "is one character repeated; anybody would try it" }
        if isRun(scalars) { return "counts up or down; anybody would try it" }
        if isRepetition(scalars) { return "repeats a short pattern; anybody would try it" }
        if isYear(text) { return "looks like a year; anybody would try it" }
        if isCommon(text) { return "is among the most used; anybody would try it" }
        if text.contains(name) { return "must not contain the person's name" }
        return nil
    }

    /// 1234, 9876, 7890, abcdefgh.
    private static func isRun(_ scalars: [UInt32]) -> Bool {
        let zero: UInt32 = 0x30
        let nine: UInt32 = 0x39
        func isStep(_ low: UInt32, _ high: UInt32) -> Bool {
            high == low + 1 || (low == nine && high == zero)
        }
        let pairs = Array(zip(scalars, scalars.dropFirst()))
        return pairs.allSatisfy { isStep($0, $1) } || pairs.allSatisfy { isStep($1, $0) }
    }

    /// 1212, 121212, 123123: one to three characters over and over.
    private static func isRepetition(_ scalars: [UInt32]) -> Bool {
        (2...3).contains { length in
            scalars.count >= 2 * length
                && scalars.indices.allSatisfy { $0 < length || scalars[$0] == scalars[$0 - length] }
        }
    }

    private static func isYear(_ text: String) -> Bool {
        guard text.utf8.count == 4, let year = Int(text) else { return false }
        return (1900...2099).contains(year)
    }

    private static func isCommon(_ text: String) -> Bool {
        let beginnings = ["password", "passw0rd", "qwerty", "letmein", "iloveyou", "welcome", "countersign"]
        let whole = [
            "2580", "0852", "1004", "1122", "2468", "1357", "159753", "147258", "147258369", "112233",
        ]
        return whole.contains(text) || beginnings.contains { text.hasPrefix($0) && text.count < $0.count + 5 }
    }
}
