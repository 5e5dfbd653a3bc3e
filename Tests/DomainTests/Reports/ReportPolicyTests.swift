import Domain
import JSON
import Testing

struct ReportPolicyTests {
    private static func reader(
        _ name: String, _ kind: ChannelKind = .email, _ owner: String? = nil, _ role: Role = .viewer
    ) -> ReportReader {
        ReportReader(
            id: Identifier(at: Timestamp(seconds: 0), random: [UInt8](repeating: 1, count: 10)), name: name,
            kind: kind, owner: owner.map { ReportReader.Owner(name: $0, role: role) })
    }

    private static let desk = reader("desk", .slack)
    private static let olga = reader("olga-mail", .email, "olga", .operator_)
    private static let alice = reader("alice-mail", .email, "alice", .approver)
    private static let vera = reader("vera-chat", .discord, "vera", .viewer)
    private static let everybody = [desk, olga, alice, vera]

    private static func policy(_ routes: JSONValue) throws -> ReportPolicy {
        try PolicyDocument.parse(["reports": ["routes": routes]]).reports
    }

    private static func told(
        _ policy: ReportPolicy, _ kind: ReportKind = .weekly, _ readers: [ReportReader] = everybody
    ) -> String {
        guard let audience = policy.audience(of: kind, among: readers) else { return "page only" }
        return audience.readers.map(\.name).joined(separator: " ")
            + (audience.isFallback ? ", fell back" : "")
    }

    @Test func `by default those who answer for the account get reports, and channels that are nobody's`()
        throws
    {
        #expect(Self.told(.standard) == "desk olga-mail")
        #expect(Self.told(.standard, .daily) == "desk olga-mail")
        #expect(try PolicyDocument.parse([:]).reports == .standard)
        let ada = Self.reader("ada", .email, "ada", .admin)
        #expect(Self.told(.standard, .daily, [Self.alice, ada]) == "ada")
    }

    @Test func `where nobody fits a report goes to everybody, and says so where somebody chose`() throws {
        // A channel of nobody's is there, but none of those who answer for the account.
        #expect(Self.told(.standard, .weekly, [Self.desk, Self.alice]) == "desk alice-mail")
        #expect(Self.told(.standard, .weekly, [Self.vera]) == "vera-chat")
        #expect(Self.told(.standard, .weekly, []) == "")
        let misspelt = try Self.policy([["channels": ["dsek"]]])
        #expect(Self.told(misspelt) == "desk olga-mail alice-mail vera-chat, fell back")
        let gone = try Self.policy([["people": ["oskar"], "kinds": ["slack"]]])
        #expect(Self.told(gone) == "desk olga-mail alice-mail vera-chat, fell back")
    }

    @Test func `the first route that takes a report counts`() throws {
        let policy = try Self.policy([
            ["reports": ["weekly"], "people": ["Vera"], "channels": ["DESK"]],
            ["reports": ["weekly"], "kinds": ["email"]], ["roles": ["approver"]],
        ])
        #expect(Self.told(policy, .weekly) == "desk vera-chat")
        #expect(Self.told(policy, .daily) == "alice-mail")
        let some = try Self.policy([["reports": ["daily"], "page_only": true]])
        #expect(Self.told(some, .daily) == "page only")
        #expect(Self.told(some, .weekly) == "desk olga-mail alice-mail vera-chat")
        #expect(try Self.told(Self.policy([])) == "desk olga-mail alice-mail vera-chat")
        #expect(try Self.told(Self.policy([["kinds": ["email"]]])) == "olga-mail alice-mail")
    }

    @Test(
        arguments: [
            (["rutes": []], ["/reports/rutes"]), (["routes": nil], ["/reports/routes"]),
            (["routes": [["reports": ["weekly"]]]], ["/reports/routes/0/page_only"]),
            (["routes": [["shared": true, "page_only": true]]], ["/reports/routes/0/page_only"]),
            (["routes": [["reports": ["yearly"], "shared": true]]], ["/reports/routes/0/reports"]),
            (["routes": [["roles": ["boss"], "shared": true]]], ["/reports/routes/0/roles"]),
            (["routes": [["people": ["1st"], "shared": true]]], ["/reports/routes/0/people"]),
            (["routes": [["kinds": ["fax"], "shared": true]]], ["/reports/routes/0/kinds"]),
            (["routes": [["channel": ["desk"], "shared": true]]], ["/reports/routes/0/channel"]),
        ] as [(JSONValue, [String])])
    func `what cannot be meant is refused`(document: JSONValue, places: [String]) {
        do throws(ValidationFailure) {
            _ = try PolicyDocument.parse(["reports": document])
            Issue.record("taken: \(document.serialized())")
        } catch {
            #expect(error.faults.map(\.pointer) == places)
        }
    }

    @Test func `what is set survives being written, and people read it in words`() throws {
        let policy = try PolicyDocument.parse([
            "reports": [
                "routes": [
                    ["reports": ["weekly"], "roles": ["admin"], "people": ["olga"], "kinds": ["email"]],
                    ["reports": ["daily"], "page_only": true],
                ]
            ]
        ])
        #expect(try PolicyDocument.parse(policy.json) == policy)
        func words(_ policy: Policy) -> String? {
            PolicyOutline.groups(of: policy.json).first { $0.title == "Reports" }?.lines.map {
                "\($0.name) \($0.value)"
            }.joined()
        }
        #expect(
            words(policy)
                == "Sent are weekly reports to admins, olga, every email channel; daily reports only on the page; "
                + "every other report to every channel")
        #expect(
            try words(PolicyDocument.parse([:]))
                == "Sent are every report to operators, admins, channels that belong to nobody")
        #expect(
            try words(PolicyDocument.parse(["reports": ["routes": []]]))
                == "Sent are every report to every channel")
    }
}
