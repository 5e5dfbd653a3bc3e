import Domain
import JSON
import Testing

struct PolicyTests {
    private func pointers(_ document: JSONValue) -> [String] {
        do {
            _ = try PolicyDocument.parse(document)
            return []
        } catch {
            return error.faults.map(\.pointer)
        }
    }

    @Test func `the default preset is the document of the contract`() throws {
        let document = try JSONParser.parse(
            """
            {"preset": "guarded-5k",
             "approval": {"timeout_minutes": 30, "validity_minutes": 15, "approvals": 1},
             "limits": {"max_position_usd": "5000", "max_position_pct": "0.05", "min_position_usd": "100",
              "cash_reserve_min_pct": "0.25", "max_open_positions": 5, "max_new_positions_per_day": 2,
              "max_new_positions_per_week": 8, "min_confidence": 0, "min_catalyst_score": 0,
              "stop_loss": {"required": true, "default_pct": "0.08", "min_pct": "0.05", "max_pct": "0.15",
               "type": "stop"},
              "max_slippage_pct": "0.005", "max_quote_age_seconds": 15, "max_snapshot_age_seconds": 120,
              "duplicate_window_seconds": 300,
              "hours": {"close_buffer_minutes": 15, "pre_market": false, "after_hours": false}},
             "execution": {"order_timeout_minutes": 60},
             "breakers": {
              "daily_loss": {"limit_pct": "0.02", "limit_usd": "500", "on_trip": "halt_cancel", "scope": "account",
               "allows_reducing": true},
              "drawdown": {"limit_pct": "0.1", "on_trip": "halt_cancel", "scope": "account",
               "allows_reducing": true},
              "consecutive_losses": {"limit": 3, "on_trip": "halt_cancel", "scope": "account",
               "allows_reducing": true},
              "position_loss": {"limit_pct": "0.02", "on_trip": "halt_cancel", "scope": "account",
               "allows_reducing": true},
              "execution_failures": {"limit": 3, "on_trip": "halt", "scope": "account", "allows_reducing": true},
              "stale_snapshot": {"limit_seconds": 300, "on_trip": "halt", "scope": "account",
               "allows_reducing": true},
              "reconcile_mismatch": {"limit": 1, "on_trip": "halt", "scope": "account",
               "allows_reducing": false}},
             "alerts": {"routes": [], "repeat_minutes": {"critical": 15, "emergency": 5}, "quiet_hours": null,
              "position_gain_pct": "0.2", "position_loss_days": 30, "near_limit_pct": "0.8",
              "near_holding_pct": "0.8",
              "worker_silent_seconds": 60, "channel_failing_minutes": 5},
             "reports": {"routes": [{"reports": [], "roles": ["operator", "admin"], "people": [], "channels": [],
              "kinds": [], "shared": true, "page_only": false}]}}
            """)
        #expect(try PolicyDocument.parse([:]).json == document)
        #expect(try PolicyDocument.parse(document) == Policy.presets[0].policy)
        #expect(Policy.presets[0].name == Policy.defaultPreset)
    }

    @Test(arguments: Policy.presets)
    func `every preset is named, explained, lawful and survives being written`(preset: PolicyPreset) throws {
        #expect(try PolicyDocument.parse(["preset": .string(preset.name)]) == preset.policy)
        #expect(try PolicyDocument.parse(preset.policy.json) == preset.policy)
        #expect(preset.summary.hasSuffix(".") && preset.summary.count > 40)
    }

    @Test func `has the five presets of the requirements`() {
        let names = Policy.presets.map(\.name)
        #expect(names == ["guarded-5k", "catalyst-1k", "conservative-10k", "guarded-portfolio", "turtle"])
    }

    @Test func `takes what is left out from the preset`() throws {
        let policy = try PolicyDocument.parse([
            "preset": "catalyst-1k", "limits": ["max_position_usd": 250, "stop_loss": ["required": false]],
        ])
        #expect(policy.limits.maxPositionUSD == ExactDecimal(250))
        #expect(policy.limits.minConfidence == 80)
        #expect(!policy.limits.stopLoss.isRequired)
        #expect(policy.limits.stopLoss.maxPct == Sample.decimal("0.05"))
    }

    @Test func `turns limits off by null and keeps them off when written`() throws {
        var limits = JSONObject()
        for key in try #require(Policy.presets[0].policy.json["limits"]?.objectValue).keys {
            limits[key] = .null
        }
        let policy = try PolicyDocument.parse([
            "limits": .object(limits), "execution": ["order_timeout_minutes": nil],
        ])
        #expect(policy.limits.maxPositionUSD == nil && policy.limits.hours == nil)
        #expect(policy.limits.minConfidence == nil && policy.limits.maxSnapshotAgeSeconds == nil)
        #expect(policy.limits.stopLoss == .off)
        #expect(policy.execution.orderTimeoutMinutes == nil)
        #expect(try PolicyDocument.parse(policy.json) == policy)
    }

    @Test func `does not turn off what must have a value`() {
        #expect(pointers(["approval": ["approvals": nil]]).first == "/approval/approvals")
        #expect(pointers(["limits": ["hours": ["pre_market": nil]]]) == ["/limits/hours/pre_market"])
        #expect(pointers(["limits": ["stop_loss": ["type": nil]]]) == ["/limits/stop_loss/type"])
        #expect(pointers(["limits": nil]) == ["/limits"])
        #expect(pointers(["approval": nil]) == ["/approval"])
        #expect(pointers(["preset": nil]) == ["/preset"])
    }

    @Test func `refuses keys it does not know, on every level`() {
        let document: JSONValue = [
            "limit": [:], "approval": ["timeout": 1], "execution": ["retries": 3],
            "limits": ["max_position": 1, "stop_loss": ["pct": "0.1"], "hours": ["weekends": true]],
        ]
        #expect(
            pointers(document) == [
                "/approval/timeout", "/limits/stop_loss/pct", "/limits/hours/weekends",
                "/limits/max_position",
                "/execution/retries", "/limit",
            ])
    }

    @Test(arguments: [
        ("max_position_pct", "1.01"), ("max_position_pct", "-0.01"), ("max_position_pct", "5%"),
        ("cash_reserve_min_pct", "25"), ("max_slippage_pct", "0.0000001"), ("max_position_usd", "0"),
        ("max_position_usd", "1e13"), ("min_position_usd", "-1"), ("min_position_usd", "100.00001"),
        ("max_open_positions", "5"),
    ])
    func `refuses numbers out of range`(key: String, text: String) {
        #expect(pointers(["limits": .object([key: .string(text)])]) == ["/limits/\(key)"])
    }

    @Test(arguments: [
        ("max_open_positions", -1), ("max_open_positions", 10_001), ("min_confidence", 101),
        ("max_quote_age_seconds", 0), ("max_snapshot_age_seconds", 86_401),
    ])
    func `refuses counts out of range`(key: String, number: Int) {
        #expect(pointers(["limits": .object([key: .integer(number)])]) == ["/limits/\(key)"])
    }

    @Test func `takes the edges of the ranges`() {
        let limits: JSONValue = [
            "max_position_pct": "1", "cash_reserve_min_pct": 0, "max_open_positions": 0,
            "duplicate_window_seconds": 0, "min_confidence": 100,
        ]
        #expect(pointers(["limits": limits]) == [])
        #expect(pointers(["approval": ["timeout_minutes": 1440, "approvals": 9]]) == [])
        #expect(pointers(["approval": ["timeout_minutes": 1441]]) == ["/approval/timeout_minutes"])
        #expect(pointers(["approval": ["approvals": 0]]) == ["/approval/approvals"])
    }

    @Test func `refuses limits that contradict each other`() {
        #expect(pointers(["limits": ["min_position_usd": "5001"]]) == ["/limits/min_position_usd"])
        #expect(pointers(["limits": ["min_position_usd": "5000"]]) == [])
        #expect(
            pointers(["limits": ["stop_loss": ["min_pct": "0.2"]]]) == [
                "/limits/stop_loss/min_pct", "/limits/stop_loss/default_pct",
            ])
        #expect(
            pointers(["limits": ["stop_loss": ["default_pct": "0.16"]]]) == ["/limits/stop_loss/default_pct"])
        #expect(
            pointers(["limits": ["stop_loss": ["default_pct": "1"]]]) == ["/limits/stop_loss/default_pct"])
        #expect(pointers(["limits": ["stop_loss": ["min_pct": "0"]]]) == ["/limits/stop_loss/min_pct"])
    }

    @Test func `refuses what is no policy, naming the presets there are`() {
        #expect(pointers([]) == [""])
        #expect(pointers(["preset": "yolo"]) == ["/preset"])
        #expect(throws: ValidationFailure.self) { try PolicyDocument.parse(.string("guarded-5k")) }
    }
}
