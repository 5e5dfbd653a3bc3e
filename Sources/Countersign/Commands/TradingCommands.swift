import Console
import Domain
import JSON

/// `status`, `halt`, `resume`: whether orders go out.
enum TradingCommands {
    static let all = [status, halt, resume] + StopCommands.all

    static let reason = CommandShape.Option("reason", "WORDS", "why; it is kept", isRequired: true)

    private static let status = Command(
        CommandShape(
            "status", "Tells whether trading goes on, and what is under way.", printsData: true,
            notes:
                "Takes a key of scope read, operate or work, or a personal token. Exit code 0 also while trading is stopped."
        )
    ) { call in
        let status = try await call.server().get("/trading/status")
        Output.show(status, asJSON: call.wantsJSON) {
            var lines = [
                "\(status["mode"]?.stringValue?.uppercased() ?? "?"), trading is \(status["trading_state"]?.stringValue ?? "?")"
            ]
            if status["policy_version"]?.isNull == true {
                lines.append("no policy is applied: every proposal is refused until countersign policy apply")
            }
            lines += haltLines(status["halts"])
            lines += (status["commands"]?.arrayValue ?? []).map(CommandText.line)
            lines += (status["breakers"]?.arrayValue ?? []).map(CommandText.breakerLine)
            lines += loweredLines(status["limits_lowered"])
            lines.append("pending proposals: \(status["pending_proposals"]?.numberText ?? "0")")
            lines.append("open orders: \(status["open_orders"]?.numberText ?? "0")")
            let worker = status["worker"]
            lines.append(
                worker?["active"]?.boolValue == true
                    ? "worker: \(worker?["id"]?.stringValue ?? "?")"
                    : "worker: none is active; nothing is sent")
            return lines.joined(separator: "\n")
        }
        return .done
    }

    private static let halt = Command(
        CommandShape(
            "halt", "Stops trading, wholly or in part, until somebody resumes it.",
            options: [
                reason, .init("scope", "WORD", "account (default), strategy, symbol or bot"),
                .init("target", "NAME", "which strategy, symbol or bot; needed for all but account"),
                .init("allow-reducing", nil, "let orders through that reduce a position"),
                .init(
                    "cancel", nil,
                    "cancel its open orders at the broker too, save those that protect a position"),
                .init("dry-run", nil, "tell what it would cancel, and change nothing"),
            ], printsData: true,
            notes: """
                What waits for a decision and what is released but not yet claimed is cancelled at once. Takes a key of scope
                operate, or the personal token of an operator or an admin.
                """)
    ) { call in
        var body: JSONObject = [
            "scope": .string(call.invocation.value("scope") ?? "account"),
            "reason": .string(try call.invocation.required("reason")),
        ]
        body["target"] = call.invocation.value("target").map(JSONValue.string)
        if call.invocation.has("allow-reducing") { body["allows_reducing"] = true }
        if call.invocation.has("cancel") { body["cancel"] = true }
        if call.invocation.has("dry-run") { body["dry_run"] = true }
        let answer = try await call.server().post("/halts", .object(body))
        Output.show(answer, asJSON: call.wantsJSON) { CommandText.words(ofStop: answer) }
        return .done
    }

    private static let resume = Command(
        CommandShape(
            "resume", "Lets trading go on.",
            options: [
                reason, .init("halt", "ID", "clear only this halt"),
                .init(
                    "limits-factor", "PART", "lower the limits to this part of them for 24 hours, such as 0.5"
                ),
                .init("acknowledge", nil, "have the breakers watch on at once, from the loss as it is"),
            ], printsData: true,
            notes: """
                Without --halt every halt is cleared. Takes a key of scope operate, or the personal token of an operator or an
                admin. Where there is a second person who may operate, whoever stopped trading cannot resume it alone: exit code 3.

                A breaker that tripped watches again by itself when there is a new crossing to see: a loss of the day on the
                next trading day, everything else once it is below its limit.
                """
        )
    ) { call in
        let server = try call.server()
        var body: JSONObject = ["reason": .string(try call.invocation.required("reason"))]
        if call.invocation.has("acknowledge") { body["acknowledge"] = true }
        if let id = call.invocation.value("halt") {
            if call.invocation.has("limits-factor") {
                throw UsageError("--limits-factor goes with a resume of all trading, not with --halt.")
            }
            let halt = try await server.post("/halts/\(ServerConnection.encoded(id))/clear", .object(body))
            Output.show(halt, asJSON: call.wantsJSON) { "The halt is cleared." }
            return .done
        }
        body["limits_factor"] = call.invocation.value("limits-factor").map(JSONValue.string)
        let answer = try await server.post("/emergency-resume", .object(body))
        Output.show(answer, asJSON: call.wantsJSON) {
            (["Trading is \(answer["trading_state"]?.stringValue ?? "?")."] + haltLines(answer["halts"])
                + loweredLines(answer["limits_lowered"])).joined(separator: "\n")
        }
        return .done
    }

    private static func loweredLines(_ lowered: JSONValue?) -> [String] {
        guard let factor = lowered?["factor"]?.stringValue else { return [] }
        return [
            "limits are lowered to \(factor) of the policy's until \(lowered?["expires_at"]?.stringValue ?? "?")"
        ]
    }

    private static func haltLines(_ halts: JSONValue?) -> [String] {
        (halts?.arrayValue ?? []).map { halt in
            let target = halt["target"]?.stringValue.flatMap { $0.isEmpty ? nil : " \($0)" } ?? ""
            return "halt \(halt["id"]?.stringValue ?? "") on \(halt["scope"]?.stringValue ?? "?")\(target)"
                + " by \(halt["opened_by"]?.stringValue ?? "?"): \(halt["reason"]?.stringValue ?? "")"
                + (halt["complete"]?.boolValue == false ? " (not everything is cancelled yet)" : "")
        }
    }
}
