import Console
import Cryptography
import JSON

/// `propose`, `wait`, `list`, `show`, `withdraw`: what bots and scripts do, on the server.
enum ProposalCommands {
    static let all = [propose, wait, list, show, withdraw]

    static let id = CommandShape.Operand("ID", "the proposal's id")

    private static let propose = Command(
        CommandShape(
            "propose", "Proposes a trade.",
            operands: [.init("FILE", "the proposal as JSON; - reads standard input", isRequired: false)],
            options: ProposalFlags.options + [
                .init(
                    "idempotency-key", "KEY",
                    "the same key and proposal again is the same proposal; without it each call is a new one"),
                .init("wait", nil, "wait until somebody decided or its time ran out"),
            ], printsData: true,
            notes: """
                  countersign propose --symbol NVDA --side buy --qty 40 --type limit --limit-price 118.20 \\
                      --stop-loss 108 --strategy momentum --wait

                With a file, flags override what it says. Prints the id, the state and the checks that failed or warn. Takes a
                key of scope propose, or the personal token of somebody who may approve.

                Exit code 0 where it waits or was approved, 3 where a check blocked it or, with --wait, where it was rejected,
                withdrawn, cancelled or refused, 4 where nobody answered in time or its approval ran out.
                """)
    ) { call in
        let server = try call.server()
        let key = call.invocation.value("idempotency-key") ?? SecureRandom.token(byteCount: 16)
        let body = try ProposalFlags.document(call)
        var proposal = try await server.post("/proposals", body, headers: [("Idempotency-Key", key)])
        if call.invocation.has("wait"), ProposalText(proposal).text("state") == "pending" {
            let id = ProposalText(proposal).text("id") ?? ""
            Output.say(
                "\(id) waits for a decision until \(ProposalText(proposal).text("expires_at") ?? "?").")
            proposal = try await waitForDecision("/proposals/\(id)", server)
        }
        return showBriefly(proposal, call)
    }

    private static let wait = Command(
        CommandShape(
            "wait", "Waits until a proposal is decided or its time ran out.", operands: [id],
            printsData: true,
            notes: """
                It waits as long as the proposal does; ending it changes nothing. Exit code 0 where it was approved, 3 where it was
                blocked, rejected, withdrawn, cancelled, refused or taken back, 4 where it expired or its approval ran out.
                """
        )
    ) { call in
        let (path, server) = (try call.proposalPath(), try call.server())
        // Asked once without patience: an address or a key that is wrong is no server that is away.
        var proposal = try await server.get(path)
        if ProposalText(proposal).text("state") == "pending" {
            proposal = try await waitForDecision(path, server)
        }
        return showBriefly(proposal, call)
    }

    private static let list = Command(
        CommandShape(
            "list", "Lists proposals, the newest first.",
            options: [
                .init("state", "STATE", "only those in one state, such as pending, released or rejected"),
                .init("symbol", "SYMBOL", "only those of one symbol"),
                .init("strategy", "NAME", "only those of one strategy"),
                .init("limit", "NUMBER", "how many at most, 1 to 500 (50)"),
                .init("cursor", "CURSOR", "where to go on: the list before ends with it"),
            ], printsData: true,
            notes: """
                States: pending, approved (and held), released (approved, an order now), blocked, rejected, expired, withdrawn,
                cancelled (by a halt), refused, lapsed, revoked. A key of scope propose sees its own proposals only.
                """)
    ) { call in
        _ = try call.invocation.integer("limit", in: 1...500)
        let query = ["state", "symbol", "strategy", "limit", "cursor"].compactMap { name in
            call.invocation.value(name).map { "\(name)=\(ServerConnection.encoded($0))" }
        }
        let page = try await call.server().get("/proposals?\(query.joined(separator: "&"))")
        Output.show(page, asJSON: call.wantsJSON) {
            let items = (page["items"]?.arrayValue ?? []).map(ProposalText.init)
            let rows = items.map { item in
                [item.text("id") ?? "", item.text("state") ?? "", item.text("created_at") ?? "", item.order]
            }
            let more = page["next_cursor"]?.stringValue.map { "\nMore: --cursor \($0)" } ?? ""
            return Output.table(["ID", "STATE", "PROPOSED", "ORDER"], rows) + more
        }
        return .done
    }

    private static let show = Command(
        CommandShape(
            "show", "Shows a proposal with its checks and decisions.", operands: [id], printsData: true)
    ) { call in
        let proposal = try await call.server().get(call.proposalPath())
        Output.show(proposal, asJSON: call.wantsJSON) { ProposalText(proposal).lines }
        return .done
    }

    private static let withdraw = Command(
        CommandShape(
            "withdraw", "Takes a proposal back before it is decided.", operands: [id], printsData: true,
            notes:
                "For whoever proposed it; others who may approve reject it instead. Exit code 3 where it is decided already."
        )
    ) { call in
        let proposal = try await call.server().post("\(call.proposalPath())/withdraw", [:])
        Output.show(proposal, asJSON: call.wantsJSON) {
            "\(ProposalText(proposal).text("id") ?? "") withdrawn"
        }
        return .done
    }

    /// How long a server that answered before is waited for: longer than a restart takes.
    private static let patience = Duration.seconds(120)

    /// Asks again and again, each time for as long as the server lets a request wait.
    ///
    /// A server that was there and is being restarted ends no waiting: the proposal goes on without it.
    private static func waitForDecision(_ path: String, _ server: ServerConnection) async throws -> JSONValue
    {
        var awaySince: ContinuousClock.Instant?
        while true {
            do {
                let proposal = try await server.get("\(path)?wait=60", timeoutSeconds: 80)
                if ProposalText(proposal).text("state") != "pending" { return proposal }
                awaySince = nil
            } catch  where isAway(error) {
                let since = awaySince ?? .now
                guard ContinuousClock.now - since < patience else { throw error }
                if awaySince == nil { Output.say("The server is away; waiting for it. \(error)") }
                awaySince = since
                try await Task.sleep(for: .seconds(1))
            }
        }
    }

    private static func isAway(_ error: any Error) -> Bool {
        if let failure = error as? CommandFailure { return failure.isSilence }
        return (error as? ServerProblem).map { [502, 503, 504].contains($0.status) } ?? false
    }

    private static func showBriefly(_ proposal: JSONValue, _ call: Call) -> ExitCode {
        let text = ProposalText(proposal)
        Output.show(proposal, asJSON: call.wantsJSON) {
            ([[text.text("id"), text.text("state")].compactMap { $0 }.joined(separator: " ")] + text.troubles)
                .joined(separator: "\n")
        }
        // Where checks failed, the reason says the same again.
        if !call.wantsJSON, text.troubles.isEmpty, let reason = text.text("reason") { Output.say(reason) }
        return text.exitCode
    }
}
