import Console
import JSON

/// `status`, `halt`, `resume`, `emergency-stop`: whether orders go out.
enum TradingCommands {
    static let all = [status, halt, resume, emergencyStop, flatten]

    private static let reason = CommandShape.Option("reason", "WORDS", "why; it is kept", isRequired: true)

    private static let status = Command(
        CommandShape("status", "Tells whether trading goes on, and what is under way.", printsData: true)
    ) { call in
        let status = try await call.server().get("/trading/status")
        Output.show(status, asJSON: call.wantsJSON) {
            var lines = [
                "\(status["mode"]?.stringValue?.uppercased() ?? "?"), trading is \(status["trading_state"]?.stringValue ?? "?")"
            ]
            lines += haltLines(status["halts"])
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
                .init("target", "NAME", "which strategy, symbol or bot"),
                .init("allow-reducing", nil, "let orders through that reduce a position"),
                .init("dry-run", nil, "tell what it would cancel, and change nothing"),
            ], printsData: true,
            notes: "What waits for a decision and what is released but not yet claimed is cancelled at once.")
    ) { call in
        var body: JSONObject = [
            "scope": .string(call.invocation.value("scope") ?? "account"),
            "reason": .string(try call.invocation.required("reason")),
        ]
        body["target"] = call.invocation.value("target").map(JSONValue.string)
        if call.invocation.has("allow-reducing") { body["allows_reducing"] = true }
        if call.invocation.has("dry-run") { body["dry_run"] = true }
        show(stop: try await call.server().post("/halts", .object(body)), call)
        return .done
    }

    private static let resume = Command(
        CommandShape(
            "resume", "Lets trading go on.",
            options: [reason, .init("halt", "ID", "clear only this halt")], printsData: true,
            notes:
                "Where there is a second person who may operate, whoever stopped trading cannot resume it alone."
        )
    ) { call in
        let server = try call.server()
        let body: JSONValue = ["reason": .string(try call.invocation.required("reason"))]
        if let id = call.invocation.value("halt") {
            let halt = try await server.post("/halts/\(ServerConnection.encoded(id))/clear", body)
            Output.show(halt, asJSON: call.wantsJSON) { "The halt is cleared." }
            return .done
        }
        let answer = try await server.post("/emergency-resume", body)
        Output.show(answer, asJSON: call.wantsJSON) {
            (["Trading is \(answer["trading_state"]?.stringValue ?? "?")."] + haltLines(answer["halts"]))
                .joined(separator: "\n")
        }
        return .done
    }

    private static let emergencyStop = Command(
        CommandShape(
            "emergency-stop", "Stops all trading at once.",
            options: [reason, .init("dry-run", nil, "tell what it would cancel, and change nothing")],
            printsData: true,
            notes: "Everything that waits and everything that is released but not yet claimed is cancelled.")
    ) { call in
        var body: JSONObject = ["reason": .string(try call.invocation.required("reason"))]
        if call.invocation.has("dry-run") { body["dry_run"] = true }
        show(stop: try await call.server().post("/emergency-stop", .object(body)), call)
        return .done
    }

    private static let flatten = Command(
        CommandShape(
            "flatten", "Closes all positions: comes with a later version.",
            notes: "Until then: countersign emergency-stop, and close positions at the broker.")
    ) { _ in
        throw UsageError(
            "Closing positions from here comes with a later version. Stop trading with countersign emergency-stop, and"
                + " close positions at the broker.")
    }

    private static func show(stop answer: JSONValue, _ call: Call) {
        Output.show(answer, asJSON: call.wantsJSON) {
            let isDryRun = answer["dry_run"]?.boolValue == true
            let counts = ["proposals", "orders"].compactMap { name in
                (answer["cancelled_\(name)"] ?? answer["cancelled"]?[name])?.arrayValue.map {
                    "\($0.count) \(name)"
                }
            }
            let cancelled =
                counts.isEmpty
                ? "" : " \(isDryRun ? "Would cancel" : "Cancelled"): \(counts.joined(separator: ", "))."
            let unfinished = answer["detail"]?.stringValue.map { "\n\($0)" } ?? ""
            return (isDryRun ? "Nothing was changed." : "Trading is stopped.") + cancelled + unfinished
        }
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
