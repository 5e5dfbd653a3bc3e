import JSON
import Testing

@testable import Countersign

/// What the worker and the breakers do, at the command line.
@Suite struct CommandTextTests {
    @Test func `a breaker is told in words and with units`() {
        let near: JSONValue = [
            "breaker": "daily_loss", "target": nil, "state": "near",
            "limits": [
                ["unit": "limit_pct", "value": "0.0183", "limit": "0.02"],
                ["unit": "limit_usd", "value": "1830.5", "limit": "2000"],
            ],
        ]
        #expect(
            CommandText.breakerLine(near)
                == "breaker loss of the day: near (1.83% of 2%, $1,830.50 of $2,000)")
        let silent: JSONValue = [
            "breaker": "stale_snapshot", "state": "tripped",
            "limits": [["unit": "limit_seconds", "value": 312, "limit": 300]],
        ]
        #expect(CommandText.breakerLine(silent).hasSuffix("(5 minutes 12 seconds of 5 minutes)"))
    }
}
