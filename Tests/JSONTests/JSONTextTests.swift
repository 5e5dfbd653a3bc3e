import JSON
import Testing

/// What is written already means the same as what it was made of, wherever it is put.
struct JSONTextTests {
    private var written: JSONValue {
        .encoded(JSONText(names: JSONNames("code", "value"), values: ["a\"b\\c\n", nil, "", "ü\u{7}"]))
    }
    private let plain: JSONValue = [
        ["code": "a\"b\\c\n", "value": nil], ["code": "", "value": "ü\u{7}"],
    ]

    @Test func `it is written as the value would be`() throws {
        #expect(written.serialized() == plain.serialized())
        #expect(written.canonical() == plain.canonical())
        #expect(written.pretty() == plain.pretty())
        let document: JSONValue = ["b": 1, "a": written]
        #expect(document.serialized() == "{\"b\":1,\"a\":\(plain.serialized())}")
        #expect(document.canonical() == "{\"a\":\(plain.canonical()),\"b\":1}")
        #expect(JSONValue.encoded(JSONText(names: JSONNames("code"), values: [])).serialized() == "[]")
    }

    @Test func `what came from elsewhere is sorted where sorting is asked for`() {
        let stored = JSONValue.encoded(JSONText(stored: "{\"b\": [1, 2], \"a\": null}"))
        #expect(stored.serialized() == "{\"b\": [1, 2], \"a\": null}")
        #expect(stored.canonical() == "{\"a\":null,\"b\":[1,2]}")
        #expect(stored["b"]?[1]?.intValue == 2)
        #expect(JSONValue.encoded(JSONText(stored: "{")).isNull)
    }

    @Test func `what is written once is passed on as it is`() {
        let once = plain.encoded
        #expect(once == plain && once.serialized() == plain.serialized() && once.pretty() == plain.pretty())
        #expect(JSONValue.array([once, 1]).serialized() == "[\(plain.serialized()),1]")
        let unsorted: JSONValue = ["b": 1, "a": 2]
        #expect(unsorted.encoded.canonical() == unsorted.canonical())
    }

    @Test func `it equals what it stands for and hashes alike`() {
        #expect(written == plain && plain == written && written == written)
        #expect(written != .null && .null != written)
        #expect(Set([written, plain]).count == 1)
        #expect(written.arrayValue == plain.arrayValue && written[0]?["code"] == plain[0]?["code"])
        #expect(written.kindName == "an array" && !written.isNull)
    }
}
