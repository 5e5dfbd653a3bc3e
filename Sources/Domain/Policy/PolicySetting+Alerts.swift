import JSON

// The settings of alerts, in the order in which they are read.

extension PolicySetting {
    static let alerts: [PolicySetting] = [
        alert("routes", "Told is", .routes),
        alert("repeat_minutes/critical", "What is critical is told again after", .minutes, off: "never"),
        alert("repeat_minutes/emergency", "An emergency is told again after", .minutes, off: "never"),
        alert("quiet_hours", "Quiet hours", .text, off: "none"),
        alert("quiet_hours/from", "Quiet from", .text),
        alert("quiet_hours/to", "Quiet until", .text),
        alert("quiet_hours/zone", "By the clock of", .text),
        alert("quiet_hours/below", "Told all the same is what is at least", .text),
        alert(
            "position_gain_pct", "A position is told of when it gained", .percent(of: "its cost"),
            off: "never"),
        alert(
            "position_loss_days", "A position at a loss is told of when it was held for",
            .count(one: "day", many: "days"), off: "never"),
        alert("near_limit_pct", "A breaker is near at", .percent(of: "its limit"), off: "never"),
        alert(
            "near_holding_pct", "A limit on what may be held is near at", .percent(of: "the limit"),
            off: "never"),
        alert("worker_silent_seconds", "The worker is silent after", .seconds, off: "never"),
        alert("channel_failing_minutes", "A channel fails after", .minutes, off: "never"),
    ]

    private static func alert(
        _ key: String, _ name: String, _ unit: Unit, off: String = "no limit"
    ) -> PolicySetting {
        PolicySetting("/alerts/\(key)", "Alerts", name, unit, off: off)
    }
}

extension AlertRoute {
    /// Routes in words, in the order in which they are tried; nil where they are none.
    static func words(_ value: JSONValue) -> String? {
        guard let routes = value.arrayValue else { return nil }
        let rest = "everything \(routes.isEmpty ? "" : "else ")on every channel"
        return (routes.map { words(route: $0) } + [rest]).joined(separator: "; ")
    }

    private static func words(route: JSONValue) -> String {
        func list(_ key: String) -> [String] { (route[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let what = list("types") + list("priorities")
        let whom = list("channels") + list("people") + list("kinds")
        let place =
            route["page_only"]?.boolValue == true ? "only on the page" : "to \(whom.joined(separator: ", "))"
        return "\(what.isEmpty ? "everything" : what.joined(separator: ", ")) \(place)"
    }
}
