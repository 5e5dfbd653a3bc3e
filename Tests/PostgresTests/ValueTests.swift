import Postgres
import Support
import Testing

@Suite(.emptyDatabase)
struct ValueTests {
    private func echo(_ type: String, _ value: PostgresValue) async throws -> PostgresRow {
        try await TestDatabase.pool.withSession { session in
            try session.query("SELECT $1::\(type) AS v", [value]).only()
        }
    }

    static let texts = [
        "", " ", "plain", "it's \"quoted\" \\ back\\\\slash", "'; DROP TABLE x; --", "$1 %s {a,b} NULL",
        "null",
        "\\", "\"", "\"\"", "\\\"x\\", "é\"é\\é",
        "日本語 🂡 e\u{301} \u{202E}", "line\nbreak\ttab\r", "\u{1}\u{7F}\u{FFFF}\u{10FFFF}", "{\"a\":[1,2]}",
        String(repeating: "ä", count: 100_000),
    ]

    @Test(arguments: texts) func `texts come back as they went`(_ text: String) async throws {
        #expect(
            try await echo("text", .text(text)).text("v").unicodeScalars.elementsEqual(text.unicodeScalars))
        #expect(
            try await echo("text[]", .textArray([text, nil, text])).nullableTextArray("v") == [
                text, nil, text,
            ])
    }

    static let decimals = [
        "0", "-0.000000000000000001", "118.20",
        "123456789012345678901234567890.123456789012345678901234567890",
        "0.1", "1" + String(repeating: "0", count: 1000), "NaN", "Infinity", "-Infinity",
    ]

    @Test(arguments: decimals) func `decimals keep every digit`(_ text: String) async throws {
        #expect(try await echo("numeric", .text(text)).text("v") == text)
        #expect(try await echo("numeric[]", .textArray([text])).textArray("v") == [text])
    }

    @Test func `the largest NUMERIC passes`() async throws {
        let text = String(repeating: "9", count: 131_072) + "." + String(repeating: "9", count: 16_383)
        #expect(try await echo("numeric", .text(text)).text("v") == text)
    }

    @Test(arguments: [0, 1, -1, Int64.max, .min]) func `integers come back`(_ int: Int64) async throws {
        #expect(try await echo("bigint", .int(int)).int("v") == Int(int))
        #expect(try await echo("bigint[]", .intArray([int, 7])).intArray("v") == [Int(int), 7])
    }

    @Test func `bytes come back, all 256 of them`() async throws {
        let all = [UInt8](0...255)
        #expect(try await echo("bytea", .bytes(all)).bytes("v") == all)
        #expect(try await echo("bytea", .bytes([])).bytes("v") == [])
        #expect(try await echo("bytea", .null).optionalBytes("v") == nil)
        let lengths = try await TestDatabase.pool.withSession { session in
            try session.query(
                "SELECT length(b) AS n FROM unnest($1::bytea[]) AS b", [.bytesArray([all, [], nil, [0]])])
        }
        #expect(try lengths.map { try $0.optionalInt("n") } == [256, 0, nil, 1])
    }

    @Test func `booleans, NULL and empty arrays come back`() async throws {
        #expect(try await echo("boolean", true).bool("v"))
        #expect(try await echo("boolean", .null).optionalBool("v") == nil)
        #expect(
            try await echo("boolean[]", .boolArray([true, nil, false])).nullableTextArray("v") == [
                "t", nil, "f",
            ])
        #expect(try await echo("text[]", .textArray([])).textArray("v") == [])
        #expect(try await echo("text[]", .textArray([""])).textArray("v") == [""])
        #expect(try await echo("text[]", .textArray(["NULL"])).nullableTextArray("v") == ["NULL"])
        #expect(try await echo("text", .optional(String?.none)).isNull("v"))
        #expect(try await echo("int", .optional(5)).int("v") == 5)
    }

    @Test func `moments keep their microseconds, before Christ and after`() async throws {
        let moments: [(Int64, String)] = [
            (0, "1970-01-01 00:00:00+00"), (-1, "1969-12-31 23:59:59.999999+00"),
            (1_795_245_924_123_456, "2026-11-21 07:25:24.123456+00"),
            (951_782_400_000_000, "2000-02-29 00:00:00+00"),
            (-62_135_596_800_000_000, "0001-01-01 00:00:00+00"),
            (-62_135_596_800_000_001, "0001-12-31 23:59:59.999999+00 BC"),
            (253_402_300_800_000_000, "10000-01-01 00:00:00+00"),
        ]
        for (microseconds, text) in moments {
            let row = try await echo("timestamptz", .timestamp(microseconds: microseconds))
            #expect(try row.text("v") == text)
            #expect(try row.microseconds("v") == microseconds)
        }
        var random = SplitMix64.announced()
        for _ in 0..<50 {
            let any = Int64.random(in: -210_000_000_000_000_000...9_000_000_000_000_000_000, using: &random)
            let row = try await echo("timestamptz", .timestamp(microseconds: any))
            #expect(try row.microseconds("v") == any, "seed \(random.seed)")
        }
        let infinity = try await echo("timestamptz", "infinity")
        #expect(throws: PostgresError.self) { try infinity.microseconds("v") }
    }

    @Test func `a wrong type, a missing column and NULL are told apart, and the value stays secret`()
        async throws
    {
        let row = try await echo("text", "hidden-word")
        for attempt: (PostgresRow) throws -> Void in [
            { _ = try $0.int("v") }, { _ = try $0.bool("v") }, { _ = try $0.bytes("v") },
            { _ = try $0.textArray("v") }, { _ = try $0.microseconds("v") },
        ] {
            let error = try #require(throws: PostgresError.self) { try attempt(row) }
            #expect(error.kind == .decoding && !error.description.contains("hidden-word"))
        }
        let missing = try #require(throws: PostgresError.self) { try row.text("w") }
        #expect(missing.message.contains("no column w"))
        let null = try await echo("text", .null)
        let error = try #require(throws: PostgresError.self) { try null.text("v") }
        #expect(error.message.contains("NULL"))
        #expect(try null.optionalText("v") == nil)
        let nested = try await echo("int[]", "{{1,2},{3,4}}")
        #expect(throws: PostgresError.self) { try nested.intArray("v") }
    }

    @Test func `packed texts arrive as they are`() async throws {
        let texts: [String?] = ["", nil, "a\"b\\c,{}", "NULL", "ü 🂡", String(repeating: "x", count: 100_000)]
        try await TestDatabase.pool.withSession { session in
            for sample in [texts, [], [nil]] {
                let rows = try session.query(
                    "SELECT t FROM unnest($1::text[]) WITH ORDINALITY AS new (t, place) ORDER BY place",
                    [.packedTextArray(sample)])
                let read = try rows.map { (row) throws(PostgresError) in try row.optionalText("t") }
                #expect(read == sample)
            }
            let error = #expect(throws: PostgresError.self) {
                try session.query("SELECT $1::text[]", [.packedTextArray(["a\0b"])])
            }
            #expect(error?.kind == .parameter)
        }
    }
}
