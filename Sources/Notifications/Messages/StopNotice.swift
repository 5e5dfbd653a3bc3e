import Domain
import JSON
import Store

/// Writes what is told of breakers, and of what the worker does at the broker besides orders.
struct StopNotice {
    /// The kinds of message that are written here.
    static let kinds = [
        "breaker-tripped", "command-issued", "command-waiting", "command-trouble", "command-done",
        "command-withdrawn",
    ]

    let kind: String
    let data: JSONObject
    let now: Timestamp

    /// Nil where the kind is another.
    var message: Message? {
        switch kind {
        case "breaker-tripped": tripped
        case "command-issued": issued
        case "command-waiting": waiting
        case "command-trouble": trouble
        case "command-done": done
        case "command-withdrawn": withdrawn
        default: nil
        }
    }

    // MARK: breakers

    private var tripped: Message {
        let breaker = data["breaker"]?.stringValue.flatMap(BreakerKind.init)
        let name = breaker?.words ?? text("breaker") ?? "a limit"
        let target = text("target").map { " of \($0)" } ?? ""
        var message = start(.alarm, "Breaker tripped: \(name)\(target)")
        message.summary = "\(halted) \(follows)"
        message.add("Measured", amount("value"))
        message.add("Limit", amount("limit"))
        if let known = decimal("acknowledged"), known.isPositive {
            message.add("Known before", amount("acknowledged"))
        }
        message.add("Trading day", text("trading_day"))
        let evidence = data["evidence"]?.objectValue ?? [:]
        message.add("Equity", Self.decimal(evidence["equity"])?.priceWords)
        message.add("At the previous close", Self.decimal(evidence["previous_equity"])?.priceWords)
        message.add("Highest", Self.decimal(evidence["high_water_mark"])?.priceWords)
        return message
    }

    private var halted: String {
        let target = text("target") ?? ""
        let scope = text("scope") ?? "account"
        let reach =
            switch scope {
            case "strategy": "The strategy \(target) is halted."
            case "symbol": "Trading in \(target) is halted."
            default: "All trading is halted."
            }
        let reducing =
            data["allows_reducing"]?.boolValue == true
            ? "Orders that only reduce a position may still go out." : "Nothing goes out."
        return "\(reach) \(reducing)"
    }

    private var follows: String {
        let after = " It holds until a person clears it."
        switch text("on_trip").flatMap(BreakerAction.init) {
        case .haltCancel:
            return "The worker cancels what is open at the broker, save what only reduces a position." + after
        case .haltCancelFlatten where text("scope") == "symbol":
            return "The worker closes the position in \(text("target") ?? "it") at the market." + after
        case .haltCancelFlatten:
            return "The worker cancels every order and closes every position at the market." + after
        case .halt, nil:
            return "Orders at the broker and positions stay as they are." + after
        }
    }

    private func amount(_ key: String) -> String? {
        let unit = data["unit"]?.stringValue.flatMap(BreakerUnit.init)
        return decimal(key).flatMap { value in unit.map { $0.words(value) } ?? "\(value)" }
    }

    // MARK: commands

    private var issued: Message {
        var message = start(.alarm, what)
        message.summary =
            switch command {
            case .flatten:
                "The worker cancels every order at the broker and closes every position at the market."
            case .closePosition:
                "The worker cancels the orders in \(symbol) and closes its position at the market."
            case .cancelEntries, nil:
                "The worker cancels what is open at the broker, save what only reduces a position."
            }
        message.add("Reason", text("reason"))
        message.add("By", ActorText.words(text("by")))
        return message
    }

    private var waiting: Message {
        var message = start(.alarm, "\(what): waits for the market")
        message.summary =
            "The market is closed. The worker goes on as soon as it opens; until then positions stay."
        let progress = data["progress"]
        message.add(
            "Opens",
            progress?["next_open"]?.stringValue.flatMap(Timestamp.init(rfc3339:))?.clockWords(now: now))
        message.add("Positions left", positions)
        return message
    }

    private var trouble: Message {
        var message = start(.alarm, "\(what): the broker refuses a part")
        message.summary =
            "The worker asks again and again, at most every 30 seconds. If it goes on, look at the account at the broker."
        for error in (data["errors"]?.arrayValue ?? []).prefix(10) {
            let name = PlainText.line(error["what"]?.stringValue ?? "?", limit: 64)
            message.addResult(name, error["message"]?.stringValue)
        }
        return message
    }

    private var done: Message {
        let title =
            switch command {
            case .flatten: "Everything is closed"
            case .closePosition: "The position in \(symbol) is closed"
            case .cancelEntries, nil: "Open orders are cancelled\(reach)"
            }
        var message = start(.good, title)
        message.summary =
            switch command {
            case .flatten:
                "The broker shows no open order and no position any more. The halt stays until it is cleared."
            case .closePosition: "The broker shows no open order and no position in it any more."
            case .cancelEntries, nil: "What is left at the broker only reduces positions."
            }
        message.add("Reason", text("reason"))
        return message
    }

    private var withdrawn: Message {
        var message = start(.neutral, "\(what): taken back")
        message.summary = "What was done at the broker stays done; the rest is left as it is."
        message.add("Reason", text("reason"))
        message.add("By", ActorText.words(text("by")))
        message.add("Positions left", positions)
        return message
    }

    private var command: CommandRecord.Kind? { data["kind"]?.stringValue.flatMap(CommandRecord.Kind.init) }

    private var symbol: String { text("symbol") ?? "one symbol" }

    private var reach: String {
        text("symbol").map { " in \($0)" } ?? text("strategy").map { " of \($0)" } ?? ""
    }

    /// What is being done, as the page of halts calls it.
    private var what: String {
        switch command {
        case .flatten: "Closing everything"
        case .closePosition: "Closing \(symbol)"
        case .cancelEntries, nil: "Cancelling open orders\(reach)"
        }
    }

    private var positions: String? {
        let positions = data["progress"]?["positions"]?.arrayValue ?? []
        guard !positions.isEmpty else { return nil }
        return positions.prefix(10).map { position in
            "\(position["qty"]?.stringValue ?? "?") \(position["symbol"]?.stringValue ?? "?")"
        }.joined(separator: ", ") + (positions.count > 10 ? " and \(positions.count - 10) more" : "")
    }

    // MARK: words

    private func start(_ tone: Message.Tone, _ title: String) -> Message {
        Message(tone: tone, title: PlainText.line(title, limit: 120), summary: "", writtenAt: now)
    }

    private func text(_ key: String) -> String? {
        data[key]?.stringValue.map { PlainText.line($0, limit: 300) }
    }

    private func decimal(_ key: String) -> ExactDecimal? { Self.decimal(data[key]) }

    private static func decimal(_ value: JSONValue?) -> ExactDecimal? {
        value?.numberText.flatMap { ExactDecimal($0) }
    }
}
