import Domain
import JSON
import Testing

struct AlertRuleTests {
    private static let draft = AlertDraft(.workerSilent, title: "silent", dedupKey: "a")
    private static func at(_ second: Int64) -> Timestamp { Timestamp(seconds: 1_795_201_500 + second) }

    private static func compare(
        _ suspicions: inout AlertSuspicions, _ conditions: [AlertDraft], open: Set<String> = [],
        at second: Int64,
        held: Set<String> = [], believed: Bool = false
    ) -> AlertSuspicions.Outcome {
        suspicions.compare(
            conditions, open: open, held: held.contains, believed: { _ in believed }, confirmSeconds: 30,
            now: at(second))
    }

    @Test func `a condition is believed when it has stood for thirty seconds, not before`() {
        var suspicions = AlertSuspicions()
        for second in [0, 10, 29] as [Int64] {
            #expect(Self.compare(&suspicions, [Self.draft], at: second).raise.isEmpty)
        }
        #expect(Self.compare(&suspicions, [Self.draft], at: 30).raise == [Self.draft])
        #expect(Self.compare(&suspicions, [Self.draft], open: ["a"], at: 31).raise.isEmpty)
    }

    @Test func `a condition that went away in between begins anew`() {
        var suspicions = AlertSuspicions()
        _ = Self.compare(&suspicions, [Self.draft], at: 0)
        _ = Self.compare(&suspicions, [], at: 20)
        #expect(Self.compare(&suspicions, [Self.draft], at: 31).raise.isEmpty)
        #expect(Self.compare(&suspicions, [Self.draft], at: 61).raise.count == 1)
    }

    @Test func `what needs no proof is believed at once`() {
        var suspicions = AlertSuspicions()
        #expect(Self.compare(&suspicions, [Self.draft], at: 0, believed: true).raise.count == 1)
    }

    @Test func `an alert ends when its condition has been gone for thirty seconds`() {
        var suspicions = AlertSuspicions()
        #expect(Self.compare(&suspicions, [], open: ["a"], at: 0).resolve.isEmpty)
        #expect(Self.compare(&suspicions, [], open: ["a"], at: 29).resolve.isEmpty)
        #expect(Self.compare(&suspicions, [Self.draft], open: ["a"], at: 29).resolve.isEmpty)
        #expect(Self.compare(&suspicions, [], open: ["a"], at: 30).resolve.isEmpty)
        #expect(Self.compare(&suspicions, [], open: ["a"], at: 60).resolve == ["a"])
    }

    @Test func `of what cannot be seen now nothing is said`() {
        var suspicions = AlertSuspicions()
        _ = Self.compare(&suspicions, [], open: ["a"], at: 0, held: ["a"])
        #expect(Self.compare(&suspicions, [], open: ["a"], at: 100, held: ["a"]).resolve.isEmpty)
        #expect(Self.compare(&suspicions, [Self.draft], at: 200, held: ["a"], believed: true).raise.isEmpty)
    }

    // MARK: the request

    private static func faults(_ body: JSONValue) -> [String] {
        do {
            _ = try AlertDraft.parse(body, source: "key:monitor")
            return []
        } catch {
            return error.faults.map(\.pointer)
        }
    }

    @Test func `a request needs a type and a title and takes nothing unknown`() throws {
        #expect(Self.faults([:]) == ["/type", "/title"])
        #expect(Self.faults(["type": "Data Feed", "title": "late"]) == ["/type"])
        #expect(Self.faults(["type": "data_feed", "title": "  "]) == ["/title"])
        #expect(Self.faults(["type": "data_feed", "title": "late", "prio": "high"]) == ["/prio"])
        #expect(Self.faults(["type": "data_feed", "title": "late", "priority": "urgent"]) == ["/priority"])
        #expect(Self.faults(["type": "data_feed", "title": "late", "symbol": "nv da"]) == ["/symbol"])
        let draft = try AlertDraft.parse(
            ["type": "data_feed", "title": "late", "symbol": "NVDA"], source: "key:monitor")
        #expect(draft.priority == .high && draft.subject == "symbol:NVDA")
        #expect(draft.dedupKey == "data_feed: late" && draft.source == "key:monitor")
    }

    @Test(arguments: ["two\nlines", "a\rb", "\u{202E}drawkcab", "bell\u{7}", "sep\u{2028}arated"])
    func `a title is one line that reads as it is written`(title: String) {
        #expect(Self.faults(["type": "data_feed", "title": .string(title)]) == ["/title"])
    }

    @Test func `fields are bounded`() {
        let long = JSONValue.string(String(repeating: "x", count: 201))
        #expect(Self.faults(["type": "data_feed", "title": long]) == ["/title"])
        #expect(Self.faults(["type": "data_feed", "title": "t", "dedup_key": long]) == ["/dedup_key"])
        let heavy: JSONValue = ["a": .string(String(repeating: "x", count: 17_000))]
        #expect(Self.faults(["type": "data_feed", "title": "t", "evidence": heavy]) == ["/evidence"])
        #expect(
            Self.faults([
                "type": "data_feed", "title": "t",
                "evidence": ["n": .number(JSONNumber("1e999") ?? JSONNumber(1))],
            ]) == ["/evidence"])
    }
}
