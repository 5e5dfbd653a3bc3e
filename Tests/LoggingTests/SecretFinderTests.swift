import Support
import Testing

@testable import Logging

/// The short look that passes most texts must pass none in which the long one finds a secret.
struct SecretFinderTests {
    private static let pieces = [
        "a", "/", ":", "://", "user:pass@host", "csk_", "CSK_", "cSk_0123456", "0123456789abcdef", "bearer ",
        "Bearer+",
        "BASIC%20", "pin=", "Pin=1", "to", "token=", "/r/", "/webhooks/", "hooks.slack.com/",
        "hooks.slack.com", "+", "%",
        "%63sk_abcdefgh", "\\", "\\u0063sk_abcdefgh", " ", "secret", "ü", "é", "swordfish", "sword", "fish",
        "xoxb-1234",
        "\n", "api.telegram.org/bot12345678", "whsec_", "p", "S", "se",
    ]

    @Test func `the short look passes only what the long one finds harmless`() {
        var random = SplitMix64(seed: 20_261_123)
        let finder = SecretFinder(secrets: ["swordfish", "üé-secret", "p w:/+%"])
        var harmless = 0
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...6, using: &random)
            let text = (0..<count).map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
            let ranges = finder.thoroughRanges(in: text)
            #expect(finder.ranges(in: text) == ranges, "\(text)")
            if ranges.isEmpty { harmless += 1 }
        }
        #expect(harmless > 2000 && harmless < 18_000)
    }

    @Test func `a secret of one byte is found at the end, too`() {
        let finder = SecretFinder(secrets: ["x"])
        #expect(finder.ranges(in: "axbx") == [1..<2, 3..<4])
        #expect(finder.ranges(in: "ab").isEmpty)
    }
}
