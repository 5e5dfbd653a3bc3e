import JSON
import Testing

struct JSONParserTests {
    @Test(arguments: [
        "null", "true", "[]", "{}", "0", "-0.5e+10", "\"\"", "[1,[2,{\"a\":[3]}]]",
        "0.1000000000000000055511151231257827021181583404541015625", "\"\\ud83d\\ude00\"", " \t\r\n1 ",
    ])
    func `takes what the grammar allows`(text: String) throws {
        let value = try JSONParser.parse(text)
        #expect(try JSONParser.parse(value.serialized()) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "tru", "NaN", "Infinity", "-", "01", "1.", ".5", "1e", "+1", "[1,]", "{\"a\":1,}",
        "{a:1}",
        "[1 2]", "{\"a\" 1}", "\"", "\"\\x\"", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\u0000\"",
        "1 2",
        "\"\u{1}\"", "{\"a\":1,\"a\":2}", "'a'", "[", "{\"a\":", "\"\\", "// x",
        "1e400000000000000000000000000000"
            + "0000000000000000000000000000000000000000000000000000000",
    ])
    func `refuses what is doubtful`(text: String) {
        #expect(throws: JSONError.self) { try JSONParser.parse(text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
            [0xEF, 0xBB, 0xBF, 0x31],
        ] as [[UInt8]])
    func `refuses bad UTF-8 and byte order marks`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSONParser.parse(bytes) }
    }

    @Test func `bounds the nesting`() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        _ = try JSONParser.parse(deep)
        #expect(throws: JSONError.self) { try JSONParser.parse("[" + deep + "]") }
        #expect(throws: JSONError.self) { try JSONParser.parse(String(repeating: "[", count: 1_000_000)) }
    }

    @Test func `keeps every digit of a number`() throws {
        let text = "{\"price\":0.10,\"big\":12345678901234567890.123456789}"
        #expect(try JSONParser.parse(text).serialized() == text)
    }

    @Test func `writes sorted names canonically`() throws {
        let value = try JSONParser.parse("{\"b\":{\"z\":1,\"y\":2},\"a\":[true,null]}")
        #expect(value.canonical() == "{\"a\":[true,null],\"b\":{\"y\":2,\"z\":1}}")
        // By their bytes: a name before one that goes on, capitals first, what is not ASCII last.
        let names: JSONValue = [
            "名": 1, "é": 2, "ab": 3, "a": 4, "": 5, "B": 6, "confidence": 7, "concern": 8,
        ]
        #expect(
            names.canonical()
                == #"{"":5,"B":6,"a":4,"ab":3,"concern":8,"confidence":7,"é":2,"名":1}"#)
    }

    @Test func `escapes control characters and quotes`() {
        #expect(JSONValue.string("a\"\\\n\u{1}\u{7F}é").serialized() == "\"a\\\"\\\\\\n\\u0001\\u007fé\"")
        #expect(JSONValue.string("").serialized() == "\"\"")
        #expect(JSONValue.string("\"é\"\r\tx\u{1F}").serialized() == "\"\\\"é\\\"\\r\\tx\\u001f\"")
    }

    @Test func `says where it went wrong`() {
        #expect(throws: JSONError(offset: 3, message: "a comma or ] is missing")) {
            try JSONParser.parse("[1 2]")
        }
    }

    @Test func `survives any mutation of a document`() {
        let seed = Array(
            "{\"symbol\":\"AAPL\",\"qty\":\"1.5\",\"list\":[1,2,{\"x\":null}],\"t\":\"\\u00e9\"}".utf8)
        for place in seed.indices {
            for byte: UInt8 in [0, 0x22, 0x5C, 0x7B, 0x5D, 0xFF, 0x30] {
                var bytes = seed
                bytes[place] = byte
                if let value = try? JSONParser.parse(bytes) {
                    #expect((try? JSONParser.parse(value.bytes())) == value)
                }
            }
        }
    }
}
