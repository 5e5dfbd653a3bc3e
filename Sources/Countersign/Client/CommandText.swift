import Domain
import JSON

/// What the worker does at the broker, and how the breakers stand, as lines of text.
enum CommandText {
    /// What a stop did, or would do.
    static func words(ofStop answer: JSONValue) -> String {
        let isDryRun = answer["dry_run"]?.boolValue == true
        let counts = ["proposal", "order"].compactMap { name in
            (answer["cancelled_\(name)s"] ?? answer["cancelled"]?["\(name)s"])?.arrayValue.map {
                counted($0.count, name)
            }
        }
        let cancelled =
            counts.isEmpty
            ? "" : " \(isDryRun ? "Would cancel" : "Cancelled"): \(counts.joined(separator: ", "))."
        let unfinished = answer["detail"]?.stringValue.map { "\n\($0)" } ?? ""
        let head = (isDryRun ? "Nothing was changed." : "Trading is stopped.") + cancelled + unfinished
        return ([head] + lines(ofStop: answer)).joined(separator: "\n")
    }

    /// What a stop does at the broker, or would do.
    static func lines(ofStop answer: JSONValue) -> [String] {
        if let command = answer["command"], !command.isNull { return [line(command)] }
        guard let foreseen = answer["at_broker"], !foreseen.isNull else { return [] }
        guard foreseen["known"]?.boolValue == true else {
            return ["At the broker: not known, no worker has reported the account yet."]
        }
        let cancelled = (foreseen["would_cancel"]?.arrayValue ?? []).map {
            "would cancel at the broker: \(trade($0))"
        }
        let closed = (foreseen["would_close"]?.arrayValue ?? []).map { "would close: \(trade($0))" }
        let nothing = cancelled.isEmpty && closed.isEmpty ? ["At the broker there is nothing to do."] : []
        let waits = !closed.isEmpty && foreseen["market_open"]?.boolValue == false
        return cancelled + closed + nothing
            + (waits ? ["The market is closed: closing would wait until it opens."] : [])
    }

    /// How far one command is.
    static func line(_ command: JSONValue) -> String {
        let kind = (command["kind"]?.stringValue ?? "?").replacing("_", with: " ")
        let symbol = command["symbol"]?.stringValue.map { " \($0)" } ?? ""
        let progress = command["progress"]
        var words = "\(kind)\(symbol): \(command["state"]?.stringValue ?? "?")"
        if let orders = progress?["open_orders"]?.intValue {
            words += ", \(counted(orders, "open order"))"
        }
        if let positions = progress?["positions"]?.arrayValue {
            words += ", \(counted(positions.count, "position")) left"
        }
        if let next = progress?["next_open"]?.stringValue { words += ", the market opens at \(next)" }
        for error in progress?["errors"]?.arrayValue ?? [] {
            words += "\n  \(error["what"]?.stringValue ?? "?"): \(error["message"]?.stringValue ?? "?")"
        }
        return words + " (\(command["id"]?.stringValue ?? ""))"
    }

    /// One breaker that is near its limit or beyond it.
    static func breakerLine(_ breaker: JSONValue) -> String {
        let target = breaker["target"]?.stringValue.map { " \($0)" } ?? ""
        let limits = (breaker["limits"]?.arrayValue ?? []).map { limit in
            let unit = limit["unit"]?.stringValue.flatMap(BreakerUnit.init)
            func words(_ key: String) -> String {
                let number = limit[key]?.numberText.flatMap { ExactDecimal($0) }
                return number.map { unit?.words($0) ?? "\($0)" } ?? "?"
            }
            return "\(words("value")) of \(words("limit"))"
        }
        let code = breaker["breaker"]?.stringValue ?? "?"
        return
            "breaker \(BreakerKind(rawValue: code)?.words ?? code)\(target): \(breaker["state"]?.stringValue ?? "?")"
            + (limits.isEmpty ? "" : " (\(limits.joined(separator: ", ")))")
    }

    private static func trade(_ order: JSONValue) -> String {
        let side = order["side"]?.stringValue ?? "?"
        return "\(side) \(order["qty"]?.numberText ?? "?") \(order["symbol"]?.stringValue ?? "?")"
    }
}
