// All settings of a policy, in the order in which they are read.

extension PolicySetting {
    private static let sending = Unit.either(yes: "orders go out", no: "no orders")
    private static let positions = Unit.count(one: "position", many: "positions")

    static let general: [PolicySetting] = [
        .init("/preset", "Preset", "What the document leaves out comes from", .text),
        .init("/approval/timeout_minutes", "Approval", "Time to decide", .minutes),
        .init("/approval/validity_minutes", "Approval", "An approval holds for", .minutes),
        .init(
            "/approval/approvals", "Approval", "Who must approve", .count(one: "person", many: "people")),
        .init("/limits/max_position_usd", size, "At most", .dollars),
        .init("/limits/max_position_pct", size, "At most, as a part of equity", .percent(of: "equity")),
        .init("/limits/min_position_usd", size, "At least", .dollars),
        .init(
            "/limits/cash_reserve_min_pct", size, "Cash that must remain", .percent(of: "equity"),
            off: "none need remain"),
        .init("/limits/max_open_positions", number, "Open at once, at most", positions),
        .init("/limits/max_new_positions_per_day", number, "New in a day, at most", positions),
        .init("/limits/max_new_positions_per_week", number, "New in a week, at most", positions),
        .init("/limits/min_confidence", quality, "Confidence, at least", .score, off: "any"),
        .init("/limits/min_catalyst_score", quality, "Catalyst score, at least", .score, off: "any"),
        .init("/limits/stop_loss", stop, "Stop loss", .text, off: "no rule about stops"),
        .init("/limits/stop_loss/required", stop, "Required", .either(yes: "yes", no: "no")),
        .init(
            "/limits/stop_loss/default_pct", stop, "Added where the bot gives none, at a distance of",
            .percent(of: "the price"), off: "none is added"),
        .init("/limits/stop_loss/min_pct", stop, "Distance, at least", .percent(of: "the price")),
        .init("/limits/stop_loss/max_pct", stop, "Distance, at most", .percent(of: "the price")),
        .init(
            "/limits/stop_loss/type", stop, "What is added is",
            .words(["stop": "a stop order", "stop_limit": "a stop limit order"])),
        .init(
            "/limits/max_slippage_pct", freshness, "Worse than approved, at most",
            .percent(of: "the price approved")),
        .init("/limits/max_quote_age_seconds", freshness, "Age of the quote, at most", .seconds),
        .init(
            "/limits/max_snapshot_age_seconds", freshness, "Age of the account's figures, at most", .seconds),
        .init(
            "/limits/duplicate_window_seconds", freshness, "The same again counts as a repetition for",
            .seconds, off: "never"),
        .init("/limits/hours", hours, "Hours", .text, off: "orders go out at any hour"),
        .init(
            "/limits/hours/close_buffer_minutes", hours, "No orders before the close for the last", .minutes),
        .init("/limits/hours/pre_market", hours, "Before the market opens", sending),
        .init("/limits/hours/after_hours", hours, "After the market has closed", sending),
        .init(
            "/execution/order_timeout_minutes", "Execution", "What is not filled is cancelled after",
            .minutes,
            off: "never"),
    ]

    private static let size = "Size of a position"
    private static let number = "Number of positions"
    private static let quality = "Quality of the signal"
    private static let stop = "Stop loss"
    private static let freshness = "Price and freshness"
    private static let hours = "Trading hours"

    init(_ pointer: String, _ group: String, _ name: String, _ unit: Unit, off: String = "no limit") {
        self.init(pointer: pointer, group: group, name: name, unit: unit, off: off)
    }
}

extension BreakerKind {
    /// The breaker's own settings.
    var settings: [PolicySetting] {
        let place = "/breakers/\(rawValue)"
        let title = words.prefix(1).uppercased() + words.dropFirst()
        func setting(_ key: String, _ name: String, _ unit: PolicySetting.Unit) -> PolicySetting {
            PolicySetting("\(place)/\(key)", "Breakers", "\(title), \(name)", unit)
        }
        let limits = units.map { setting($0.rawValue, "trips at", unit($0)) }
        return [PolicySetting(place, "Breakers", title, .text, off: "off")] + limits + [
            setting(
                "on_trip", "then",
                .words([
                    "halt": "stops new orders", "halt_cancel": "stops, and cancels open orders",
                    "halt_cancel_flatten": "stops, cancels open orders and closes every position",
                ])),
            setting(
                "scope", "for",
                .words([
                    "account": "the whole account", "strategy": "the strategy", "symbol": "the symbol",
                ])),
            setting(
                "allows_reducing", "orders that reduce a position",
                .either(yes: "still go out", no: "are stopped too")),
        ]
    }

    private func unit(_ unit: BreakerUnit) -> PolicySetting.Unit {
        switch (unit, self) {
        case (.usd, _): .dollars
        case (.seconds, _): .seconds
        case (.pct, .dailyLoss): .percent(of: "the previous close")
        case (.pct, .drawdown): .percent(of: "the highest equity")
        case (.pct, _): .percent(of: "equity")
        case (.count, .consecutiveLosses): .count(one: "loss", many: "losses")
        case (.count, .executionFailures): .count(one: "order", many: "orders")
        case (.count, _): .count(one: "difference", many: "differences")
        }
    }
}
