import Console
import Domain
import JSON

/// `emergency-stop`, `flatten`: stopping everything, and getting out.
enum StopCommands {
    static let all = [emergencyStop, flatten]

    private static let dryRun = CommandShape.Option(
        "dry-run", nil, "tell what it would cancel and close, and change nothing")
    private static let yes = CommandShape.Option("yes", nil, "close positions without asking at a terminal")

    private static let emergencyStop = Command(
        CommandShape(
            "emergency-stop", "Stops all trading at once.",
            options: [
                TradingCommands.reason,
                .init("flatten", nil, "cancel every order and close every position too, as flatten does"),
                yes, dryRun,
            ],
            printsData: true,
            notes: """
                Everything that waits and everything that is released but not yet claimed is cancelled. The worker cancels the
                open orders at the broker, save those that protect a position. The stop itself never asks; with --flatten it
                comes first, and at a terminal the positions are asked about afterwards.
                """)
    ) { call in
        try await stop(call, flattens: call.invocation.has("flatten"))
    }

    private static let flatten = Command(
        CommandShape(
            "flatten", "Stops all trading, cancels every order and closes every position.",
            options: [
                TradingCommands.reason,
                .init("symbol", "SYMBOL", "close only this position; nothing is stopped"),
                yes, dryRun,
            ], printsData: true,
            notes: """
                Trading is stopped at once. At a terminal it then shows what would be closed and asks for the word flatten;
                any other answer leaves orders and positions as the stop left them, trading stopped, and ends with 3. In a
                script, or with --yes, nothing is asked.

                The worker cancels every order at the broker, waits until none is open, closes every position at the market, and
                looks until nothing is left. While the market is closed it waits. countersign status tells how far it is.

                With --symbol only the orders in that symbol are cancelled and its position is closed; at a terminal it asks
                for the symbol first.
                """)
    ) { call in
        guard let symbol = call.invocation.value("symbol") else {
            return try await stop(call, flattens: true)
        }
        return try await close(symbol.uppercased(), call)
    }

    private static func close(_ symbol: String, _ call: Call) async throws -> ExitCode {
        guard !call.invocation.has("dry-run") else {
            throw UsageError("--dry-run tells what closing everything would do; leave out --symbol.")
        }
        let reason = JSONValue.string(try call.invocation.required("reason"))
        let server = try call.server()
        if Confirmation.isPossible, !call.invocation.has("yes") {
            let held = try? await server.get("/positions/active?limit=500")
            Output.say(question(closing: symbol, held))
            guard Confirmation.isTyped(symbol.lowercased()) else {
                Output.complain("Not confirmed: nothing is closed.")
                return .refused
            }
        }
        let command = try await server.post(
            "/positions/\(ServerConnection.encoded(symbol))/close", ["reason": reason])
        Output.show(command, asJSON: call.wantsJSON) { CommandText.line(command) }
        return .done
    }

    /// What is asked before one position is closed, below what of it is known.
    private static func question(closing symbol: String, _ held: JSONValue?) -> String {
        let position = (held?["items"]?.arrayValue ?? []).first { $0["symbol"]?.stringValue == symbol }
        let known =
            position.map { "held: \($0["qty"]?.stringValue ?? "?") \(symbol)" }
            ?? "The account, as it was reported last, holds no \(symbol)."
        return known
            + "\nType \(symbol) to cancel its orders and close its position at the market. Anything else closes nothing."
    }

    private static func stop(_ call: Call, flattens: Bool) async throws -> ExitCode {
        let request: JSONObject = ["reason": .string(try call.invocation.required("reason"))]
        let flattening = request.merging(["flatten": true])
        let server = try call.server()
        func post(_ body: JSONObject) async throws -> JSONValue {
            try await server.post("/emergency-stop", .object(body))
        }
        func show(_ answer: JSONValue) {
            Output.show(answer, asJSON: call.wantsJSON) { CommandText.words(ofStop: answer) }
        }
        let body = flattens ? flattening : request
        if call.invocation.has("dry-run") {
            show(try await post(body.merging(["dry_run": true])))
            return .done
        }
        guard flattens, Confirmation.isPossible, !call.invocation.has("yes") else {
            show(try await post(body))
            return .done
        }
        // Who is in a panic needs the stop now and a moment for the rest. Stopping is undone by a resume, so it waits for no
        // answer; what was sold at the market is not bought back, so a person sees it and says so first. While they read,
        // nothing goes out any more.
        let stopped = try await post(request)
        if call.wantsJSON { Output.say(CommandText.words(ofStop: stopped)) } else { show(stopped) }
        // What cannot be foreseen is no reason not to get out.
        let foreseen = try? await post(flattening.merging(["dry_run": true]))
        Output.say(question(foreseen))
        guard Confirmation.isTyped("flatten") else {
            if call.wantsJSON { show(stopped) }
            Output.complain("Not confirmed: no position is closed. Trading stays stopped.")
            return .refused
        }
        show(try await post(flattening))
        return .done
    }

    /// What is asked, below what would be done.
    static func question(_ foreseen: JSONValue?) -> String {
        let lines =
            foreseen.map(CommandText.lines) ?? ["The server did not say what would be cancelled and closed."]
        return
            (lines + [
                "Type flatten to cancel every order and close every position at the market. Anything else closes nothing."
            ]).joined(separator: "\n")
    }
}
