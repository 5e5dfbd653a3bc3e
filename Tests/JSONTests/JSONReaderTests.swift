import JSON
import Testing

struct JSONReaderTests {
    private enum Side: String, CaseIterable { case buy, sell }

    @Test func `names every fault with its place`() throws {
        let reader = JSONReader(
            try JSONParser.parse(
                "{\"side\":\"hold\",\"n\":0,\"s\":5,\"a/b\":1,\"in\":{\"x\":\"\\u0007\",\"y\":1}}"))
        _ = reader.choice("side", Side.self)
        _ = reader.int("n", in: 1...10)
        _ = reader.string("s")
        let inner = reader.object("in")
        _ = inner?.string("x")
        inner?.refuseUnknown()
        reader.missing("qty")
        reader.refuseUnknown()
        #expect(
            reader.faults.map(\.pointer) == ["/side", "/n", "/s", "/in/x", "/in/y", "/qty", "/a~1b"])
    }

    @Test func `takes what fits`() throws {
        let reader = JSONReader(["side": "buy", "n": 10, "ok": true, "list": [["x": 1]], "none": nil])
        #expect(reader.choice("side", Side.self) == .buy)
        #expect(reader.int("n", in: 1...10) == 10)
        #expect(reader.bool("ok") == true)
        #expect(reader.objects("list", maxCount: 1)?.first?.int("x", in: 1...1) == 1)
        #expect(reader.value("none") == nil)
        #expect(reader.has("none"))
        reader.refuseUnknown()
        #expect(reader.faults.isEmpty)
    }

    @Test func `wants an object`() {
        #expect(JSONReader([1]).faults == [JSONFault(pointer: "", detail: "must be an object, not an array")])
    }
}
