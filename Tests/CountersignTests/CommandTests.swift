import Console
import Domain
import Gate
import JSON
import Support
import Testing

@testable import Countersign

struct CommandTests {
    private let table = CommandTable(
        CommandIndex.groups.map { .init($0.title, $0.commands.map(\.shape), surroundings: $0.surroundings) })

    private func call(_ words: String...) throws -> Call {
        guard case .run(let invocation) = try table.parse(words) else { throw UsageError("help") }
        return Call(invocation)
    }

    @Test func `the commands of the contract are there, each once`() {
        let names = CommandIndex.groups.flatMap { $0.commands.map(\.shape.name) }
        let contract = [
            "serve", "worker", "broker", "migrate", "propose", "wait", "list", "show", "approve", "reject",
            "withdraw",
            "status", "halt", "resume", "emergency-stop", "flatten",
            "alert raise", "alert list", "alert ack", "alert resolve", "policy show", "policy apply",
            "policy presets",
            "user add", "user list", "user disable", "user pin", "user unlock", "user token", "key create",
            "key list",
            "key revoke",
            "channel add", "channel list", "channel test", "channel disable", "channel enable",
            "channel replay", "notify preview", "audit verify", "audit export",
            "books rebuild", "metrics", "calendar", "report daily", "report weekly",
            "review", "review answer", "review sign",
            "config check", "database status", "database stop", "version",
        ]
        #expect(Set(names) == Set(contract))
        #expect(names.count == Set(names).count)
    }

    @Test func `the help of a command says what it works on, and with what right`() throws {
        for group in CommandIndex.groups where !group.surroundings.isEmpty {
            let place = group.title.contains("server") ? "COUNTERSIGN_API_KEY" : "COUNTERSIGN_DATABASE_URL"
            for command in group.commands {
                guard case .help(let text) = try table.parse(command.shape.path + ["--help"]) else {
                    Issue.record("\(command.shape.name) has no help")
                    continue
                }
                #expect(text.contains(place), "\(command.shape.name)")
                #expect(text.split(separator: "\n").allSatisfy { $0.count <= 130 }, "\(command.shape.name)")
            }
        }
    }

    @Test func `a refusal ends with the same code wherever it comes from`() {
        for code in RefusalCode.allCases {
            let problem = ServerProblem(status: code.status, slug: code.rawValue, document: [:])
            #expect(problem.exitCode == FailureText.code(of: Refusal(code, "no")), "\(code)")
        }
        #expect(FailureText.code(of: Refusal(.lapsed, "no")) == .expired)
        #expect(ServerProblem(status: 503, slug: "unavailable", document: [:]).exitCode == .failed)
    }

    @Test func `flags make a proposal as the API takes it, and override a file`() throws {
        let directory = try TemporaryDirectory()
        try directory.write(
            "draft.json", #"{"symbol": "NVDA", "qty": 0.10, "stop_loss": {"stop_price": "90"}}"#)
        let document = try ProposalFlags.document(
            call(
                "propose", "\(directory.path)/draft.json", "--symbol", "AAPL", "--stop-loss-limit", "89.50",
                "--confidence", "72", "--time-in-force=day"))
        #expect(
            document.canonical()
                == #"{"confidence":72,"qty":0.10,"stop_loss":{"limit_price":"89.50","stop_price":"90"},"#
                + #""symbol":"AAPL","time_in_force":"day"}"#)
    }

    @Test func `what cannot be a proposal is a wrong call`() throws {
        #expect(throws: UsageError.self) { try ProposalFlags.document(call("propose")) }
        #expect(throws: UsageError.self) { try ProposalFlags.document(call("propose", "/nowhere")) }
        #expect(throws: UsageError.self) {
            try ProposalFlags.document(call("propose", "--confidence", "high"))
        }
    }

    @Test(arguments: [
        ("pending", ExitCode.done), ("approved", .done), ("released", .done), ("blocked", .refused),
        ("rejected", .refused), ("withdrawn", .refused), ("cancelled", .refused), ("refused", .refused),
        ("revoked", .refused), ("expired", .expired), ("lapsed", .expired),
    ])
    func `the exit code says what became of a proposal`(_ state: String, _ code: ExitCode) {
        #expect(ProposalText(["state": .string(state)]).exitCode == code)
    }

    @Test func `an approval names its order, or somebody is there to be asked`() throws {
        let bare = try call("approve", "x").invocation
        let error = #expect(throws: UsageError.self) {
            try DecisionCommands.requireProof("approve", bare, isAtTerminal: false)
        }
        #expect(error?.message.contains("--check-code or --hash. Nothing was decided.") == true)
        try DecisionCommands.requireProof("approve", bare, isAtTerminal: true)
        for proof in ["--check-code", "--hash"] {
            let named = try call("approve", "x", proof, "3A7987").invocation
            try DecisionCommands.requireProof("approve", named, isAtTerminal: false)
        }
        let rejection = try call("reject", "x").invocation
        try DecisionCommands.requireProof("reject", rejection, isAtTerminal: false)
    }

    @Test func `what the server finds wrong is named as it was typed`() throws {
        let problem = ServerProblem(
            status: 422, slug: "validation",
            document: [
                "detail": "3 fields are wrong.",
                "errors": [
                    ["pointer": "/qty", "detail": "must be above 0"],
                    ["pointer": "/stop_loss/stop_price", "detail": "must be a number"],
                    ["pointer": "/side", "detail": "is needed"],
                ],
            ])
        let typed = try call("propose", "draft.json", "--qty", "0", "--stop-loss", "x").invocation
        #expect(
            problem.words(for: typed) == """
                The server answered 422: 3 fields are wrong.
                - --qty: must be above 0
                - --stop-loss: must be a number
                - /side: is needed
                """)
        let listed = try call("list", "--state", "x").invocation
        let wrong = ServerProblem(
            status: 422, slug: "validation",
            document: ["errors": [["pointer": "/state", "detail": "is none"]]])
        #expect(wrong.words(for: listed).hasSuffix("\n- --state: is none"))
    }

    @Test func `checks are counted by how they ended, and what does not apply is not missing`() {
        let outcomes = ["pass", "skipped", "warn", "pass", "skipped"]
        let checks = outcomes.map { JSONValue.object(["outcome": .string($0)]) }
        let text = ProposalText(["checks": .array(checks)]).lines
        #expect(text.contains("checks: 1 warns, 2 passed, 2 do not apply"))
        let later: JSONValue = ["code": "max_slippage_pct", "outcome": "skipped", "limit": "0.005"]
        let onRelease = ProposalText(["checks": .array(checks + [later])]).lines
        #expect(onRelease.contains("checks: 1 warns, 2 passed, 1 comes later, 2 do not apply"))
    }

    @Test func `presets fit a terminal`() {
        let lines = PolicyText.presets(Policy.presets).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 130 }, "\(lines.map(\.count).max() ?? 0)")
        #expect(lines.contains { $0.hasPrefix("reports.routes") })
    }

    @Test func `a review has a check code once there is something to sign`() {
        let review: JSONObject = ["week": "2026-W48", "state": "preliminary", "check_code": "4f2a91"]
        let early = ReviewText(.object(review)).text
        #expect(early.contains("The report of 2026-W48 is not made yet; that happens on Sunday at 09:00"))
        #expect(!early.contains("4f2a91"))
        let made = ReviewText(.object(review.merging(["state": "open"]))).text
        #expect(made.hasSuffix("Check code of what stands here: 4f2a91"))
    }

    @Test func `what stands in a path or query is encoded`() {
        #expect(ServerConnection.encoded("a-b_c.~9") == "a-b_c.~9")
        #expect(ServerConnection.encoded("../x?a=b&c d/é") == "..%2Fx%3Fa%3Db%26c%20d%2F%C3%A9")
    }

    @Test func `columns are as wide as they need to be`() {
        #expect(Output.table(["A", "B"], [["long", "x"]]) == "A     B\nlong  x")
    }
}
