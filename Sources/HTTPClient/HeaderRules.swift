/// What may stand in a header that leaves this machine.
enum HeaderRules {
    /// Names that decide where a message ends, and are therefore libcurl's alone.
    private static let reserved: Set<String> = [
        "content-length", "transfer-encoding", "connection", "expect",
    ]
    /// What RFC 9110 lets stand in a name besides letters and digits.
    private static let marks = Set("!#$%&'*+-.^_`|~".utf8)

    /// Why the header cannot be sent, or nil when it can.
    static func objection(name: String, value: String) -> String? {
        if !isToken(name) { return "a header's name may hold letters, digits and hyphens only" }
        if reserved.contains(name.lowercased()) { return "the header \(name) is set by the client itself" }
        if !isValue(value) { return "the header \(name) holds a line break or another control character" }
        return nil
    }

    /// A token of RFC 9110.
    static func isToken(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "a")...UInt8(ascii: "z"):
                    true
                default: marks.contains(byte)
                }
            }
    }

    /// No control characters except the tab, and none hidden beyond ASCII (U+0085 and the like are two bytes).
    static func isValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 == 9 || ($0 >= 32 && $0 != 127) }
    }

    /// The spelling libcurl wants; it takes "Name:" for a wish to leave the header out.
    static func line(_ name: String, _ value: String) -> String {
        value.allSatisfy { $0 == " " || $0 == "\t" } ? "\(name);" : "\(name): \(value)"
    }
}
