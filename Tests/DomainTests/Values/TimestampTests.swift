import Domain
import Testing

struct TimestampTests {
    @Test(arguments: [
        ("2026-11-21T07:25:24Z", "2026-11-21T07:25:24Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
        ("2026-11-21T02:25:24.123456789-05:00", "2026-11-21T07:25:24.123456Z"),
        ("2026-11-21 07:25:24.1+00", "2026-11-21T07:25:24.100Z"),
        ("2024-02-29T00:00:00+05:30", "2024-02-28T18:30:00Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("0000-12-31T23:59:00-00:01", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ])
    func `reads RFC 3339 and PostgreSQL's own form`(text: String, expected: String) {
        #expect(Timestamp(rfc3339: text)?.rfc3339 == expected)
    }

    @Test(arguments: [
        (-62_135_596_800, "0001-01-01T00:00:00Z"), (0, "1970-01-01T00:00:00Z"),
        (253_402_300_799, "9999-12-31T23:59:59Z"), (253_402_300_800, "10000-01-01T00:00:00Z"),
    ])
    func `writes years of any length`(seconds: Int64, expected: String) {
        #expect(Timestamp(seconds: seconds).rfc3339 == expected)
        #expect(Timestamp(microseconds: seconds * 1_000_000 + 7).rfc3339 == expected.dropLast() + ".000007Z")
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z",
        "2026-11-21T07:25Z",
        "2026-11-21T07:25:24", "2026-11-21T07:25:24Zx", "2026-11-21T07:25:24+25:00", "x026-11-21T07:25:24Z",
        "0000-01-01T00:00:00Z", "0000-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01", "2026-06-30T23:59:61Z",
    ])
    func `refuses what is no instant`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `counts seconds between instants, rounding down`() {
        let start = Timestamp(seconds: 100)
        #expect(Timestamp(microseconds: 101_999_999).seconds(since: start) == 1)
        #expect(Timestamp(microseconds: 99_999_999).seconds(since: start) == -1)
        #expect(start.adding(minutes: 30).seconds(since: start) == 1800)
    }

    @Test func `knows every day from 1900 to 2100`() {
        for day in stride(from: Int64(-25_567), through: 47_482, by: 1) {
            let instant = Timestamp(seconds: day * 86_400)
            #expect(Timestamp(rfc3339: instant.rfc3339) == instant)
        }
    }

    @Test func `orders identifiers by time and checks their form`() throws {
        let random = [UInt8](repeating: 0xFF, count: 10)
        let first = Identifier(at: Timestamp(seconds: 1), random: random)
        let second = Identifier(at: Timestamp(seconds: 2), random: [UInt8](repeating: 0, count: 10))
        #expect(first < second)
        #expect(Identifier(first.text.uppercased()) == first)
        #expect(Identifier("not-a-uuid") == nil)
        #expect(Identifier(String(first.text.dropLast()) + "g") == nil)
        #expect(first.text.utf8.dropFirst(14).first == UInt8(ascii: "7"))
    }
}
