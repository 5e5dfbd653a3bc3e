import Console
import Glibc
import JSON

/// `approve`, `reject`: what people do with their personal token.
enum DecisionCommands {
    static let all = [approve, reject]

    private static let proofs: [CommandShape.Option] = [
        .init("hash", "HASH", "the order_hash of countersign show --json; another order is refused"),
        .init(
            "check-code", "CODE",
            "the check code of the message, the page or countersign show; another order is refused"),
        .init("comment", "WORDS", "what to write beside the verdict"),
    ]

    private static let approve = Command(
        CommandShape(
            "approve", "Approves exactly one order.", operands: [ProposalCommands.id],
            options: proofs + [.init("qty", "NUMBER", "approve fewer shares than proposed")],
            printsData: true,
            notes: """
                The order is shown first. At a terminal you are asked for its check code, unless --hash or --check-code
                names the order; anywhere else, as in a script, one of the two is needed. COUNTERSIGN_API_KEY must be your
                personal token.

                Exit code 0 where the approval counts, though it may take a second person's, 3 where it does not: decided before,
                not allowed, or another order; 4 where the proposal expired.
                """)
    ) { call in try await decide("approve", call) }

    private static let reject = Command(
        CommandShape(
            "reject", "Rejects a proposal.", operands: [ProposalCommands.id], options: proofs,
            printsData: true,
            notes: """
                The order is shown first, and rejected without a question. COUNTERSIGN_API_KEY must be your personal token.

                Exit code 0 where it is rejected, 3 where it was decided before or you may not, 4 where it expired.
                """)
    ) { call in try await decide("reject", call) }

    private static func decide(_ verdict: String, _ call: Call) async throws -> ExitCode {
        try requireProof(verdict, call.invocation, isAtTerminal: isatty(STDIN_FILENO) == 1)
        let server = try call.server()
        let path = try call.proposalPath()
        let shown = ProposalText(try await server.get(path))
        Output.say(shown.lines)
        let hash = try orderHash(shown, verdict: verdict, call)
        var body: JSONObject = ["verdict": .string(verdict), "order_hash": .string(hash)]
        body["comment"] = call.invocation.value("comment").map(JSONValue.string)
        body["qty"] = call.invocation.value("qty").map(JSONValue.string)
        let proposal = try await server.post("\(path)/decisions", .object(body))
        Output.show(proposal, asJSON: call.wantsJSON) {
            let text = ProposalText(proposal)
            let order = text.text("order_state").map { ", order \($0)" } ?? ""
            return "\(text.text("id") ?? "") \(text.text("state") ?? "")\(order)"
        }
        return .done
    }

    /// Refuses an approval that names no order where nobody can be asked for its check code: it would be for whatever
    /// stands there.
    static func requireProof(
        _ verdict: String, _ invocation: CommandInvocation, isAtTerminal: Bool
    ) throws(UsageError) {
        guard verdict == "approve", !isAtTerminal, invocation.value("hash") == nil,
            invocation.value("check-code") == nil
        else { return }
        throw UsageError(
            "Nobody can be asked for the check code here, as this is not a terminal: name the order with "
                + "--check-code or --hash. Nothing was decided.", command: "approve")
    }

    /// The hash of the order that the person means.
    private static func orderHash(_ shown: ProposalText, verdict: String, _ call: Call) throws -> String {
        if let hash = call.invocation.value("hash") { return hash }
        guard let hash = shown.text("order_hash"), let code = shown.text("check_code") else {
            throw CommandFailure("The server did not say which order this is; nothing was decided.")
        }
        let isPending = shown.text("state") == "pending"
        if let given = call.invocation.value("check-code")
            ?? typedCode(isPending: isPending, verdict: verdict),
            given.uppercased() != code.uppercased()
        {
            throw CommandFailure(
                "The order's check code is \(code), not \(given); nothing was decided.", code: .refused)
        }
        return hash
    }

    /// What a person at the terminal types; nil where nothing waits, or approving is not what is asked.
    private static func typedCode(isPending: Bool, verdict: String) -> String? {
        guard isPending, verdict == "approve" else { return nil }
        Output.say("Type the check code to approve this order, or anything else to leave it:")
        return readLine(strippingNewline: true)?.trimmedWhitespace ?? ""
    }
}

extension String {
    fileprivate var trimmedWhitespace: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
