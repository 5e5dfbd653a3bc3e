import Notifications
import Testing

struct PlainTextTests {
    @Test func `strips what hides or turns text round`() {
        #expect(
            PlainText.line("a\u{202E}b\u{2066}c\u{2069}d\u{200F}e\u{FEFF}f\u{0}g\u{1B}[31mh", limit: 99)
                == "abcdefg[31mh")
        #expect(PlainText.line("tag \u{E0041}\u{E0042}", limit: 99) == "tag")
    }

    @Test func `makes one line of several`() {
        #expect(PlainText.line(" a\r\nBcc: x\u{85}b\u{2028}c\t d ", limit: 99) == "a Bcc: x b c d")
    }

    @Test func `keeps paragraphs, but not oceans of nothing`() {
        #expect(PlainText.paragraphs("\n\na\r\n\n\n\n b\rc\n\n", limit: 99) == "a\n\nb\nc")
    }

    @Test(arguments: [(5, "hello"), (4, "hel…"), (1, "…"), (6, "hello")])
    func `cuts by code points`(limit: Int, expected: String) {
        #expect(PlainText.cut("hello", limit: limit) == expected)
    }

    @Test func `counts code points, not letters as they look`() {
        let flags = String(repeating: "🇩🇪", count: 10)
        #expect(PlainText.cut(flags, limit: 20) == flags)
        #expect(PlainText.cut(flags, limit: 19).unicodeScalars.count == 19)
    }
}
