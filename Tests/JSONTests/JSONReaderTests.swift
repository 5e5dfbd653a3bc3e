import JSON
import Support
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

    @Test func `names the place of an element, and of keys with signs that pointers use`() throws {
        let reader = JSONReader(["a/b~c": [["x": 1], ["x": 2, "~": 3]]])
        let elements = try #require(reader.objects("a/b~c", maxCount: 2))
        _ = elements[0].string("x")
        _ = elements[1].value("x")
        elements[1].refuseUnknown()
        #expect(reader.faults.map(\.pointer) == ["/a~1b~0c/0/x", "/a~1b~0c/1/~0"])
        #expect(elements[1].pointer == "/a~1b~0c/1")
    }

    @Test func `takes for control characters what Unicode does, save three`() {
        for number in UInt32(0)...0x10FFFF {
            guard let scalar = Unicode.Scalar(number) else { continue }
            let isText =
                scalar.properties.generalCategory != .control || "\n\t\r".unicodeScalars.contains(scalar)
            if JSONReader.isText(String(Character(scalar))) != isText {
                Issue.record("U+\(String(number, radix: 16))")
            }
        }
    }

    /// More members than are walked through, too.
    @Test(arguments: [0, 1, 5, 64, 65, 200])
    func `finds fields in any order, and tells those that nobody asked for in the document's`(count: Int) {
        var random = SplitMix64(seed: UInt64(count))
        let names = (0..<count).map { "name\($0)" }
        let reader = JSONReader(.object(JSONObject(names.map { (key: $0, value: .string($0)) })))
        let asked = Set(names.filter { _ in Bool.random(using: &random) })
        for name in asked.shuffled(using: &random) + ["absent"] + asked.shuffled(using: &random) {
            #expect(reader.string(name) == (name == "absent" ? nil : name))
            #expect(reader.has(name) == (name != "absent"))
        }
        reader.refuseUnknown()
        let unknown = names.filter { !asked.contains($0) }.prefix(100)
        #expect(reader.faults.map(\.pointer) == unknown.map { "/" + $0 })
    }
}
