import Domain
import JSON
import Testing

/// The section `breakers` of a policy document.
struct BreakerPolicyTests {
    private func pointers(_ breakers: JSONValue) -> [String] {
        do {
            _ = try PolicyDocument.parse(["breakers": breakers])
            return []
        } catch {
            return error.faults.map(\.pointer)
        }
    }

    @Test func `what is left out stays, null turns off, and a document says all of it`() throws {
        let policy = try PolicyDocument.parse([
            "breakers": [
                "daily_loss": ["limit_usd": 250, "on_trip": "halt_cancel_flatten"], "drawdown": nil,
                "consecutive_losses": ["scope": "strategy"],
                "position_loss": ["limit_pct": "0.05", "scope": "symbol", "allows_reducing": false],
            ]
        ])
        let daily = try #require(policy.breakers[.dailyLoss])
        #expect(daily.limits == [.usd: ExactDecimal(250), .pct: Sample.decimal("0.02")])
        #expect(daily.allowsReducing && !daily.haltAllowsReducing)
        #expect(policy.breakers[.drawdown] == nil)
        #expect(policy.breakers[.consecutiveLosses]?.scope == .strategy)
        #expect(policy.breakers[.positionLoss]?.haltAllowsReducing == false)
        #expect(policy.breakers[.staleSnapshot]?.limits == [.seconds: ExactDecimal(300)])
        #expect(try PolicyDocument.parse(policy.json) == policy)
    }

    @Test func `one of two limits may be off, not both`() throws {
        let policy = try PolicyDocument.parse(["breakers": ["daily_loss": ["limit_pct": nil]]])
        #expect(policy.breakers[.dailyLoss]?.limits == [.usd: ExactDecimal(500)])
        #expect(
            pointers(["daily_loss": ["limit_pct": nil, "limit_usd": nil]]) == ["/breakers/daily_loss"])
        #expect(pointers(["drawdown": [:]]) == [])
    }

    @Test(
        arguments: [
            (["daily_los": nil], "/breakers/daily_los"),
            (["drawdown": ["limit": 3]], "/breakers/drawdown/limit"),
            (["drawdown": ["limit_pct": "0"]], "/breakers/drawdown/limit_pct"),
            (["drawdown": ["limit_pct": "10"]], "/breakers/drawdown/limit_pct"),
            (["daily_loss": ["limit_usd": "0"]], "/breakers/daily_loss/limit_usd"),
            (["consecutive_losses": ["limit": 0]], "/breakers/consecutive_losses/limit"),
            (["stale_snapshot": ["limit_seconds": 0]], "/breakers/stale_snapshot/limit_seconds"),
            (["drawdown": ["on_trip": "panic"]], "/breakers/drawdown/on_trip"),
            (["drawdown": ["scope": "strategy"]], "/breakers/drawdown/scope"),
            (["drawdown": true], "/breakers/drawdown"),
            // Positions belong to the account: no strategy's breaker closes them all.
            (
                ["consecutive_losses": ["scope": "strategy", "on_trip": "halt_cancel_flatten"]],
                "/breakers/consecutive_losses/on_trip"
            ),
        ] as [(JSONValue, String)])
    func `what makes no sense is refused with its place`(breakers: JSONValue, pointer: String) {
        #expect(pointers(breakers).first == pointer)
    }

    @Test(
        arguments: [
            ("guarded-5k", "0.02", "500", "0.1", BreakerAction.haltCancel),
            ("catalyst-1k", nil, "50", "0.05", .haltCancelFlatten),
            ("conservative-10k", "0.03", nil, "0.1", .haltCancel),
            ("guarded-portfolio", "0.02", nil, "0.1", .haltCancel),
            ("turtle", nil, "500", "0.1", .haltCancel),
        ] as [(String, String?, String?, String, BreakerAction)])
    func `the presets have the limits of their sources`(
        name: String, pct: String?, usd: String?, drawdown: String, onTrip: BreakerAction
    ) throws {
        let breakers = try #require(Policy.preset(name)).policy.breakers
        #expect(breakers[.dailyLoss]?.limits[.pct] == pct.map { Sample.decimal($0) })
        #expect(breakers[.dailyLoss]?.limits[.usd] == usd.map { Sample.decimal($0) })
        #expect(breakers[.drawdown]?.limits == [.pct: Sample.decimal(drawdown)])
        #expect(breakers[.drawdown]?.onTrip == onTrip)
        #expect(breakers[.consecutiveLosses]?.limits == [.count: ExactDecimal(3)])
    }
}
