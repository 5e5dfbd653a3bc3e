import Console
import JSON

/// `alert raise|list|ack|resolve`: what people must hear of.
enum AlertCommands {
    static let all = [raise, list, acknowledge, resolve]

    private static let id = CommandShape.Operand("ID", "which alert")

    private static let raise = Command(
        CommandShape(
            "alert raise", "Raises an alert, or counts it where it is open already.",
            options: [
                .init("type", "WORD", "what kind: data_feed_late", isRequired: true),
                .init("title", "WORDS", "what happened, in one line", isRequired: true),
                .init("priority", "WORD", "info, high (default), critical or emergency"),
                .init("detail", "WORDS", "what it means and what to do"),
                .init("symbol", "SYMBOL", "the symbol it is about"),
                .init("dedup-key", "KEY", "while one with this key is open, it is only counted"),
            ], printsData: true,
            notes: """
                Takes a key with the scope alert, or a personal token. What is critical is told again until a person acknowledges
                it.
                """)
    ) { call in
        var body: JSONObject = [
            "type": .string(try call.invocation.required("type")),
            "title": .string(try call.invocation.required("title")),
        ]
        for (name, field) in [
            ("priority", "priority"), ("detail", "detail"), ("symbol", "symbol"), ("dedup-key", "dedup_key"),
        ] {
            body[field] = call.invocation.value(name).map(JSONValue.string)
        }
        let alert = try await call.server().post("/alerts", .object(body))
        Output.show(alert, asJSON: call.wantsJSON) {
            let count = alert["repeats"]?.intValue ?? 0
            let id = alert["id"]?.stringValue ?? "?"
            return count == 0 ? "Raised: alert \(id)" : "Open already, counted \(count) more: alert \(id)"
        }
        return .done
    }

    private static let list = Command(
        CommandShape(
            "alert list", "Lists alerts, the newest first.",
            options: [
                .init("state", "WORD", "open (default), raised, acknowledged, resolved or all"),
                .init("priority", "WORD", "info, high, critical or emergency"),
                .init("type", "WORD", "only this type"),
                .init("limit", "NUMBER", "how many at most, 1 to 500 (50)"),
            ], printsData: true)
    ) { call in
        var parts: [String] = []
        let state = call.invocation.value("state") ?? "open"
        if state != "all" { parts.append("state=\(ServerConnection.encoded(state))") }
        for name in ["priority", "type", "limit"] {
            if let value = call.invocation.value(name) {
                parts.append("\(name)=\(ServerConnection.encoded(value))")
            }
        }
        let query = parts.isEmpty ? "" : "?\(parts.joined(separator: "&"))"
        let answer = try await call.server().get("/alerts\(query)")
        Output.show(answer, asJSON: call.wantsJSON) {
            let alerts = answer["items"]?.arrayValue ?? []
            return alerts.isEmpty ? "No alerts." : alerts.map(line).joined(separator: "\n")
        }
        return .done
    }

    private static let acknowledge = Command(
        CommandShape(
            "alert ack", "Takes note of an alert, so that it is not told again.", operands: [id],
            options: [.init("comment", "WORDS", "kept with it and shown to the others")], printsData: true,
            notes: "Takes a personal token: only a person takes note of an alert.")
    ) { call in
        var body = JSONObject()
        body["comment"] = call.invocation.value("comment").map(JSONValue.string)
        return try await change(call, "ack", body) { "Acknowledged: \($0)" }
    }

    private static let resolve = Command(
        CommandShape(
            "alert resolve", "Ends an alert that was raised from outside.", operands: [id],
            options: [.init("reason", "WORDS", "why it is over")], printsData: true,
            notes: "What Countersign raised it ends by itself, when what it tells of is over.")
    ) { call in
        var body = JSONObject()
        body["reason"] = call.invocation.value("reason").map(JSONValue.string)
        return try await change(call, "resolve", body) { "Over: \($0)" }
    }

    private static func change(
        _ call: Call, _ deed: String, _ body: JSONObject, _ words: (String) -> String
    ) async throws -> ExitCode {
        let id = ServerConnection.encoded(try call.invocation.required("ID"))
        let alert = try await call.server().post("/alerts/\(id)/\(deed)", .object(body))
        Output.show(alert, asJSON: call.wantsJSON) { words(alert["title"]?.stringValue ?? id) }
        return .done
    }

    private static func line(_ alert: JSONValue) -> String {
        func text(_ key: String) -> String { alert[key]?.stringValue ?? "" }
        let count = alert["repeats"]?.intValue ?? 0
        let again = count > 0 ? " (raised again \(count == 1 ? "once" : "\(count) times"))" : ""
        let by = alert["acknowledged_by"]?.stringValue.map { " by \($0)" } ?? ""
        return
            "\(text("id"))  \(text("priority")), \(text("state"))\(by)  \(text("raised_at"))  \(text("title"))\(again)"
    }
}
