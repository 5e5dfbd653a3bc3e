/// A kind of secret known by its looks: what it begins with, and what it may go on with.
struct SecretPattern {
    /// Which bytes belong to the secret after its beginning.
    enum Tail {
        /// Letters, digits, `-` and `_`.
        case token
        /// Those and `.~+/=`.
        case base64
        /// Those and `:`, as in the path of an address.
        case path
        /// All up to a blank, a quote or one of `&;,<>`.
        case field

        func contains(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: "."), UInt8(ascii: "~"), UInt8(ascii: "+"), UInt8(ascii: "/"),
                UInt8(ascii: "="):
                self != .token
            case UInt8(ascii: ":"): self == .path || self == .field
            case 0...0x20, 0x7F: false
            case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "&"), UInt8(ascii: ";"),
                UInt8(ascii: ","), UInt8(ascii: "<"), UInt8(ascii: ">"):
                false
            default: self == .field
            }
        }
    }

    let start: String
    let tail: Tail
    let minTailBytes: Int
    /// Whether nothing that belongs to a word may stand before it.
    var beginsWord = false

    /// The kinds that are found in any text; their beginning stays to tell what was there.
    static let all: [SecretPattern] =
        [
            SecretPattern(start: "csk_", tail: .token, minTailBytes: 6),
            SecretPattern(start: "whsec_", tail: .base64, minTailBytes: 6),
            SecretPattern(start: "whsk_", tail: .base64, minTailBytes: 6),
            SecretPattern(start: "xoxb-", tail: .token, minTailBytes: 4),
            SecretPattern(start: "xoxp-", tail: .token, minTailBytes: 4),
            SecretPattern(start: "xoxe.", tail: .base64, minTailBytes: 4),
            SecretPattern(start: "xapp-", tail: .token, minTailBytes: 4),
            SecretPattern(start: "hooks.slack.com/", tail: .path, minTailBytes: 1),
            SecretPattern(start: "/webhooks/", tail: .path, minTailBytes: 8),
            SecretPattern(start: "/interactions/", tail: .path, minTailBytes: 16),
            SecretPattern(start: "api.telegram.org/bot", tail: .path, minTailBytes: 8),
            SecretPattern(start: "/r/", tail: .token, minTailBytes: 16),
            SecretPattern(start: "bearer ", tail: .base64, minTailBytes: 6, beginsWord: true),
            SecretPattern(start: "basic ", tail: .base64, minTailBytes: 16, beginsWord: true),
        ] + fields.map { SecretPattern(start: $0 + "=", tail: .field, minTailBytes: 1, beginsWord: true) }

    /// The members of a document whose values are never shown.
    static let memberNames = Set(
        fields + [
            "authorization", "cookie", "set-cookie", "x-api-key", "apca-api-secret-key", "apca-api-key-id",
            "private_key",
        ])

    private static let fields = [
        "password", "pin", "totp", "secret", "token", "access_token", "api_key", "secret_key", "nonce",
        "client_secret",
    ]
}
