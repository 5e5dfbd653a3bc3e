import Testing

@testable import Domain

/// Rules as POSIX writes them, and zone files that are broken.
struct ZoneRulesTests {
    @Test(arguments: [
        // Rule, seconds since 1970, offset in minutes.
        ("EST5EDT,M3.2.0,M11.1.0", 1_772_953_199, -300), ("EST5EDT,M3.2.0,M11.1.0", 1_772_953_200, -240),
        ("EST5EDT,M3.2.0,M11.1.0", 1_793_512_799, -240), ("EST5EDT,M3.2.0,M11.1.0", 1_793_512_800, -300),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", 1_767_225_600, 780),
        ("NZST-12NZDT,M9.5.0,M4.1.0/3", 1_782_864_000, 720),
        ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_767_225_600, 0), ("IST-1GMT0,M10.5.0,M3.5.0/1", 1_782_864_000, 60),
        ("<+0530>-5:30", 0, 330), ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_745_999, -120),
        ("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", 1_774_746_000, -60), ("AAA0BBB,J60,J300", 1_709_258_400, 60),
        ("AAA0BBB,J60,J300", 1_709_258_399, 0), ("AAA0BBB,59,300", 1_709_172_000, 60), ("UTC0", 1_000_000, 0),
    ])
    func `a rule gives the offset`(text: String, instant: Int, minutes: Int) throws {
        let rule = try #require(PosixZoneRule(text))
        #expect(rule.offset(at: instant) == minutes * 60)
    }

    @Test(arguments: [
        "", "EST", "5", "ES5", "EST5EDT", "EST5EDT,M3.2.0", "EST5EDT,M13.2.0,M11.1.0",
        "EST5EDT,M3.6.0,M11.1.0",
        "EST5EDT,M3.2.7,M11.1.0", "EST25", "<EST5", "EST5EDT,M3.2.0,M11.1.0,", "EST5EDT,J0,J1",
        "EST99999999999999999999",
    ])
    func `what is no rule is refused`(text: String) {
        #expect(PosixZoneRule(text) == nil)
    }

    @Test func `a zone file cut short anywhere is refused`() {
        let file = zoneFile(
            changes: [(1_000_000, 1)], offsets: [-18_000, -14_400], footer: "EST5EDT,M3.2.0,M11.1.0")
        #expect(ZoneRules(zoneFile: file) != nil)
        for count in 0..<file.count {
            #expect(ZoneRules(zoneFile: Array(file.prefix(count))) == nil, "cut after \(count) bytes")
        }
    }

    @Test func `a zone file changes offsets where it says`() throws {
        let file = zoneFile(changes: [(-10, 1), (1000, 0)], offsets: [3600, -7200], footer: "")
        let rules = try #require(ZoneRules(zoneFile: file))
        #expect([-11, -10, 999, 1000, 9_999_999].map(rules.offset) == [3600, -7200, -7200, 3600, 3600])
    }

    @Test func `a zone file that contradicts itself is refused`() {
        #expect(ZoneRules(zoneFile: zoneFile(changes: [(5, 2)], offsets: [0, 1], footer: "")) == nil)
        #expect(
            ZoneRules(zoneFile: zoneFile(changes: [(5, 0), (5, 1)], offsets: [0, 1], footer: "")) == nil)
        #expect(ZoneRules(zoneFile: zoneFile(changes: [], offsets: [0], footer: "nonsense")) == nil)
        #expect(ZoneRules(zoneFile: zoneFile(changes: [], offsets: [], footer: "")) == nil)
    }

    private func zoneFile(changes: [(Int64, UInt8)], offsets: [Int32], footer: String) -> [UInt8] {
        var file = header(changes: 0, types: 1) + [UInt8](repeating: 0, count: 6 + 4)
        file += header(changes: UInt32(changes.count), types: UInt32(offsets.count))
        file += changes.flatMap { bigEndian($0.0) } + changes.map(\.1)
        file += offsets.flatMap { bigEndian($0) + [0, 0] }
        return file + Array("ABC\0\n\(footer)\n".utf8)
    }

    private func header(changes: UInt32, types: UInt32) -> [UInt8] {
        Array("TZif2".utf8) + [UInt8](repeating: 0, count: 15)
            + [0, 0, 0, changes, types, 4].flatMap { bigEndian($0) }
    }

    private func bigEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.bigEndian) { Array($0) }
    }
}
