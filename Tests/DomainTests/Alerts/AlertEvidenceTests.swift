import Domain
import JSON
import Testing

/// What an alert measured reads as amounts with units, on its page and in its messages.
@Suite struct AlertEvidenceTests {
    private static func facts(_ evidence: JSONObject) -> [String] {
        AlertEvidence.facts(evidence).map { "\($0.key): \($0.text)" }
    }

    @Test func `a breaker's numbers have the unit that stands beside them`() {
        let loss: JSONObject = [
            "breaker": "drawdown", "unit": "limit_pct", "value": "0.1021", "limit": "0.1",
            "acknowledged": "0",
            "evidence": ["equity": "89790.5", "positions": [["symbol": "NVDA"]], "cash_flow": nil],
        ]
        #expect(
            Set(Self.facts(loss)) == [
                "acknowledged: 0%", "breaker: drawdown", "equity: $89,790.50",
                #"positions: [{"symbol":"NVDA"}]"#, "limit: 10%", "value: 10.21%",
            ])
        #expect(AlertEvidence.facts(loss).filter(\.isNested).map(\.key) == ["positions"])
        let silence: JSONObject = ["unit": "limit_seconds", "value": 312, "limit": 300]
        #expect(Set(Self.facts(silence)) == ["value: 5 minutes 12 seconds", "limit: 5 minutes"])
    }

    @Test func `other values are read as what they are`() {
        let position: JSONObject = [
            "symbol": "NVDA", "qty": "400", "market_value": "47280", "setting": "max_position_pct",
            "last_seen": "2026-11-20T19:32:05.5Z", "trading_blocked": true, "value": "$4,800",
        ]
        #expect(
            Set(Self.facts(position)) == [
                "symbol: NVDA", "qty: 400", "market_value: $47,280",
                "setting: Largest position as part of equity",
                "last_seen: Fri 2026-11-20 14:32 New York", "trading_blocked: yes", "value: $4,800",
            ])
    }
}
