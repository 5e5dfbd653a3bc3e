import JSON
import Support
import Testing

/// What is written, byte for byte: bytes are looked at eight at a time, names compared by their first eight.
struct JSONWriterTests {
    @Test func `a byte that needs an escape gets one wherever it stands`() {
        for special in UInt8.min..<0x80 {
            let escape = Self.escape(special)
            for before in 0..<18 {
                for after in [0, 1, 7, 8, 9] {
                    let around = (
                        String(repeating: "a", count: before), String(repeating: "\u{80}", count: after)
                    )
                    let text = around.0 + String(Unicode.Scalar(special)) + around.1
                    #expect(JSONValue.string(text).serialized() == "\"\(around.0)\(escape)\(around.1)\"")
                }
            }
        }
    }

    @Test(arguments: [
        "", "a", "abcdefg", "abcdefgh", "ü", "\u{80}\u{A0}\u{FF}", "日本語日本語", "👩‍👩‍👧‍👦", "!#[]^~",
        String(repeating: "ÿ", count: 100),
    ])
    func `what needs no escape stands as it is`(text: String) throws {
        #expect(JSONValue.string(text).serialized() == "\"\(text)\"")
        #expect(try JSONParser.parse(JSONValue.string(text).bytes()) == .string(text))
    }

    @Test func `names are sorted by their bytes, whatever they begin with`() throws {
        var random = SplitMix64(seed: 20_261_122)
        let pieces = [
            "", "a", "b", "\u{1}", "ab", "abcdefgh", "abcdefgi", "é", "日", "~", "_", "Z", "\u{10FFFF}",
        ]
        for _ in 0..<500 {
            var names: Set<String> = []
            for _ in 0..<Int.random(in: 0...40, using: &random) {
                names.insert((0..<4).map { _ in pieces.randomElement(using: &random) ?? "" }.joined())
            }
            let shuffled = names.shuffled(using: &random)
            let object = JSONObject(shuffled.enumerated().map { (key: $1, value: .integer($0)) })
            let sorted = shuffled.enumerated().sorted {
                $0.element.utf8.lexicographicallyPrecedes($1.element.utf8)
            }
            let members = sorted.map { JSONValue.string($0.element).serialized() + ":\($0.offset)" }
            #expect(JSONValue.object(object).canonical() == "{\(members.joined(separator: ","))}")
        }
    }

    @Test func `a long document is whole`() throws {
        let elements = (0..<5000).map { JSONValue.string(String(repeating: "x", count: $0 % 97)) }
        let text = "[" + elements.map { $0.serialized() }.joined(separator: ",") + "]"
        #expect(JSONValue.array(elements).serialized() == text)
        #expect(JSONValue.array(elements).bytes() == Array(text.utf8))
    }

    private static func escape(_ byte: UInt8) -> String {
        switch byte {
        case 0x22: "\\\""
        case 0x5C: "\\\\"
        case 0x0A: "\\n"
        case 0x0D: "\\r"
        case 0x09: "\\t"
        case 0..<0x20, 0x7F: "\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        default: String(Unicode.Scalar(byte))
        }
    }
}
