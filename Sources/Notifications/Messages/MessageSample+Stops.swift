import Domain
import JSON

extension MessageSample {
    /// What is told of breakers and of the worker's work at the broker; nil where the kind is another.
    static func stopData(_ kind: String) -> JSONObject? {
        guard StopNotice.kinds.contains(kind) else { return nil }
        switch kind {
        case "breaker-tripped": return breaker
        case "command-waiting":
            return flatten.merging([
                "progress": [
                    "phase": "waiting", "positions": positions,
                    "next_open": .string(now.adding(minutes: 65 * 60 + 25).rfc3339),
                ]
            ])
        case "command-trouble":
            return flatten.merging([
                "errors": [["what": "AAPL", "message": "asset AAPL is halted", "attempts": 1]]
            ])
        case "command-withdrawn":
            return flatten.merging([
                "reason": "the loss came from a wrong price", "progress": ["positions": positions],
            ])
        default: return flatten
        }
    }

    private static let positions: JSONValue = [
        ["symbol": "NVDA", "qty": "400"], ["symbol": "AAPL", "qty": "-70"],
    ]

    private static let flatten: JSONObject = [
        "id": "01900000-0000-7000-8000-000000000001", "kind": "flatten", "symbol": .null, "strategy": .null,
        "reason": "drawdown: 6.02%, the limit is 6.00%", "by": "user:olga",
    ]

    private static let breaker: JSONObject = [
        "breaker": "daily_loss", "target": .null, "scope": "account", "allows_reducing": true,
        "reason": "loss of the day: 2.04%, the limit is 2.00%", "unit": "limit_pct", "value": "0.0204",
        "limit": "0.02", "acknowledged": "0", "on_trip": "halt_cancel", "trading_day": "2026-11-20",
        "evidence": ["equity": "97960", "previous_equity": "100000", "high_water_mark": "103200"],
    ]
}
