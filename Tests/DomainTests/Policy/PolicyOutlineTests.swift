import Domain
import JSON
import Testing

/// A policy as people read it: always in one order, with names and units.
@Suite struct PolicyOutlineTests {
    private static func document(_ text: String) throws -> JSONValue {
        try PolicyDocument.parse(try JSONParser.parse(Array(text.utf8))).json
    }

    private func line(_ document: JSONValue, _ pointer: String) -> PolicyOutline.Line? {
        PolicyOutline.groups(of: document).flatMap(\.lines).first { $0.pointer == pointer }
    }

    @Test func `every setting of every preset has a name and a group of its own`() {
        for preset in Policy.presets {
            let groups = PolicyOutline.groups(of: preset.policy.json)
            for group in groups {
                for line in group.lines {
                    #expect(!line.name.contains("_") && !line.name.contains(" usd"), "\(line.pointer)")
                    #expect(!line.value.contains("_"), "\(line.pointer): \(line.value)")
                }
            }
            #expect(groups.first?.title == "Preset" && groups.map(\.title).contains("Breakers"))
        }
    }

    @Test(arguments: [
        ("/limits/max_position_pct", "5% of equity"), ("/limits/max_position_usd", "$5,000"),
        ("/limits/max_slippage_pct", "0.5% of the price approved"),
        ("/limits/max_open_positions", "5 positions"), ("/approval/approvals", "1 person"),
        ("/approval/timeout_minutes", "30 minutes"), ("/limits/max_snapshot_age_seconds", "2 minutes"),
        ("/limits/max_quote_age_seconds", "15 seconds"), ("/limits/min_confidence", "any"),
        ("/limits/stop_loss/default_pct", "8% of the price"), ("/limits/hours/pre_market", "no orders"),
        ("/execution/order_timeout_minutes", "1 hour"),
    ])
    func `values carry their units`(_ pointer: String, _ words: String) throws {
        #expect(line(try Self.document(#"{"preset": "guarded-5k"}"#), pointer)?.value == words)
    }

    @Test func `the order is the same whatever the order of the document`() throws {
        let one = try JSONParser.parse(
            Array(
                #"{"limits": {"max_position_pct": "0.1", "max_position_usd": "1"}, "preset": "turtle"}"#.utf8)
        )
        let other = try JSONParser.parse(
            Array(
                #"{"preset": "turtle", "limits": {"max_position_usd": "1", "max_position_pct": "0.1"}}"#.utf8)
        )
        #expect(PolicyOutline.groups(of: one) == PolicyOutline.groups(of: other))
    }

    @Test func `what is turned off says what that means`() throws {
        let document = try Self.document(
            #"{"limits": {"max_open_positions": null, "hours": null}, "breakers": {"drawdown": null}}"#)
        #expect(line(document, "/limits/max_open_positions")?.value == "no limit")
        #expect(line(document, "/limits/hours")?.value == "orders go out at any hour")
        #expect(line(document, "/breakers/drawdown")?.value == "off")
    }

    @Test func `a difference is told setting by setting, and what is turned off or on as one`() throws {
        let old = try Self.document(#"{"limits": {"hours": null, "max_position_pct": "0.05"}}"#)
        let new = try Self.document(
            #"{"limits": {"max_position_pct": "0.1"}, "breakers": {"drawdown": null}}"#)
        let changes = PolicyOutline.changes(from: old, to: new)
        #expect(changes.count == 3, "\(changes)")
        #expect(changes.first?.name == "Size of a position: at most, as a part of equity")
        #expect(changes.first?.from == "5% of equity" && changes.first?.to == "10% of equity")
        #expect(changes[1].name == "Trading hours: hours" && changes[1].from == "orders go out at any hour")
        #expect(changes[1].to.contains("no orders before the close for the last 15 minutes"))
        #expect(changes[2].name == "Breakers: drawdown" && changes[2].to == "off")
        #expect(changes[2].from.hasPrefix("trips at 10% of the highest equity; then stops"))
        #expect(PolicyOutline.changes(from: new, to: new).isEmpty)
    }

    @Test func `a breaker is one line`() throws {
        let groups = PolicyOutline.groups(of: try Self.document(#"{"preset": "guarded-5k"}"#))
        let breakers = try #require(groups.first { $0.title == "Breakers" })
        #expect(breakers.lines.count == BreakerKind.allCases.count)
        #expect(breakers.lines[0].value.hasPrefix("trips at 2% of the previous close; trips at $500; then "))
    }

    @Test(arguments: [
        (
            #"{"on_trip": "halt_cancel_flatten", "allows_reducing": true}"#,
            "then stops all trading, cancels open orders and closes positions"
        ),
        (
            #"{"on_trip": "halt_cancel"}"#,
            "then stops all trading, except orders that reduce a position, and cancels open orders"
        ),
        (
            #"{"on_trip": "halt", "allows_reducing": false}"#,
            "then stops all trading, also orders that reduce a position"
        ),
    ])
    func `what a breaker does is said as the page of risk says it`(_ settings: String, _ words: String) throws
    {
        let document = try Self.document(#"{"breakers": {"drawdown": \#(settings)}}"#)
        #expect(line(document, "/breakers/drawdown")?.value == "trips at 10% of the highest equity; \(words)")
        let rule = try #require(
            try PolicyDocument.parse(document).breakers[.drawdown], "the preset has this breaker")
        let said = rule.actionWords
        #expect(said.lowercased() == words.dropFirst("then ".count) + ".")
    }

    @Test func `a breaker that comes to close positions lets nothing else out, whatever it allowed`() throws {
        let old = try Self.document(#"{"breakers": {"drawdown": {"on_trip": "halt_cancel"}}}"#)
        let new = try Self.document(#"{"breakers": {"drawdown": {"on_trip": "halt_cancel_flatten"}}}"#)
        let changes = PolicyOutline.changes(from: old, to: new)
        #expect(
            changes.map(\.to) == [
                "stops, cancels open orders and closes every position",
                "are stopped too, while positions are closed",
            ])
        #expect(changes.map(\.from) == ["stops, and cancels open orders", "still go out"])
    }

    @Test func `a setting that has no words yet is shown as it stands`() throws {
        let document: JSONValue = [
            "alerts": ["routes": ["critical": ["desk", "boss"]], "repeat_minutes": 5]
        ]
        let groups = PolicyOutline.groups(of: document)
        #expect(groups.map(\.title) == ["Alerts"])
        #expect(groups[0].lines.map(\.name) == ["Repeat minutes", "Routes, critical"])
    }
}
