import Domain
import JSON
import Testing

struct AlertPolicyTests {
    private static func policy(_ alerts: JSONValue) throws -> AlertPolicy {
        try PolicyDocument.parse(["alerts": alerts]).alerts
    }

    private static func faults(_ alerts: JSONValue) -> [String] {
        do {
            _ = try policy(alerts)
            return []
        } catch let error as ValidationFailure {
            return error.faults.map(\.pointer)
        } catch {
            return ["other"]
        }
    }

    private static func channel(_ name: String, _ kind: ChannelKind = .slack, owner: String? = nil)
        -> AlertDestination
    {
        AlertDestination(
            id: Identifier(at: Timestamp(seconds: 0), random: [UInt8](repeating: 1, count: 10)), name: name,
            kind: kind, owner: owner)
    }

    @Test func `the first route that matches counts`() throws {
        let policy = try Self.policy([
            "routes": [
                ["types": ["stop_loss_hit"], "channels": ["Desk"]],
                ["priorities": ["emergency", "critical"], "people": ["olga"]],
                ["priorities": ["info"], "page_only": true], ["kinds": ["email"]],
            ]
        ])
        let stop = try #require(policy.route("stop_loss_hit", .critical))
        #expect(stop.reaches(Self.channel("desk")) && !stop.reaches(Self.channel("other", owner: "olga")))
        let critical = try #require(policy.route("worker_silent", .critical))
        #expect(
            critical.reaches(Self.channel("other", owner: "Olga")) && !critical.reaches(Self.channel("desk")))
        #expect(policy.route("position_gain", .info)?.isPageOnly == true)
        let rest = try #require(policy.route("limit_near", .high))
        #expect(rest.reaches(Self.channel("x", .email)) && !rest.reaches(Self.channel("desk")))
        #expect(try Self.policy([:]).route("worker_silent", .critical) == nil)
    }

    @Test func `what cannot be meant is refused`() {
        #expect(Self.faults(["rutes": []]) == ["/alerts/rutes"])
        #expect(Self.faults(["routes": nil]) == ["/alerts/routes"])
        #expect(
            Self.faults(["routes": [["channels": ["a b"]]]]) == [
                "/alerts/routes/0/channels", "/alerts/routes/0/page_only",
            ])
        #expect(
            Self.faults(["routes": [["chanels": ["desk"], "kinds": ["email"]]]]) == [
                "/alerts/routes/0/chanels"
            ])
        #expect(Self.faults(["routes": [["types": ["worker_silent"]]]]) == ["/alerts/routes/0/page_only"])
        #expect(
            Self.faults(["routes": [["channels": ["desk"], "page_only": true, "priorities": ["info"]]]]) == [
                "/alerts/routes/0/page_only"
            ])
        #expect(Self.faults(["routes": [["page_only": true]]]) == ["/alerts/routes/0/page_only"])
        #expect(
            Self.faults(["routes": [["page_only": true, "priorities": ["critical"]]]]) == [
                "/alerts/routes/0/page_only"
            ])
        #expect(Self.faults(["repeat_minutes": ["high": 5]]) == ["/alerts/repeat_minutes/high"])
        #expect(Self.faults(["quiet_hours": ["from": "22:00", "to": "22:00"]]) == ["/alerts/quiet_hours/to"])
        #expect(
            Self.faults(["quiet_hours": ["from": "24:00", "to": "07:00"]]) == ["/alerts/quiet_hours/from"])
        #expect(
            Self.faults(["quiet_hours": ["from": "22:00", "to": "07:00", "below": "emergency"]]) == [
                "/alerts/quiet_hours/below"
            ])
        #expect(
            Self.faults(["quiet_hours": ["from": "22:00", "to": "07:00", "zone": "Mars/Base"]]) == [
                "/alerts/quiet_hours/zone"
            ])
        #expect(Self.faults(["worker_silent_seconds": 1]) == ["/alerts/worker_silent_seconds"])
        #expect(Self.faults(["near_limit_pct": "1"]) == ["/alerts/near_limit_pct"])
        #expect(Self.faults(["near_holding_pct": "0"]) == ["/alerts/near_holding_pct"])
    }

    @Test func `what is set survives being written, and null turns a thing off`() throws {
        let document: JSONValue = [
            "routes": [
                [
                    "types": ["api_error"], "priorities": ["high"], "channels": ["desk"], "people": ["olga"],
                    "kinds": ["discord"],
                ]
            ],
            "repeat_minutes": ["critical": nil],
            "quiet_hours": ["from": "22:30", "to": "06:05", "zone": "Europe/Berlin", "below": "critical"],
            "position_gain_pct": nil, "position_loss_days": 10, "near_limit_pct": "0.9",
            "near_holding_pct": nil,
            "channel_failing_minutes": nil,
        ]
        let policy = try PolicyDocument.parse(["alerts": document])
        #expect(try PolicyDocument.parse(policy.json) == policy)
        #expect(policy.alerts.repeatMinutes == [.emergency: 5])
        #expect(policy.alerts.positionGainPct == nil && policy.alerts.channelFailingMinutes == nil)
        #expect(policy.alerts.workerSilentSeconds == 60 && policy.alerts.quietHours?.from == 22 * 60 + 30)
    }

    @Test func `only what is critical is told again`() throws {
        let (policy, now) = (AlertPolicy.standard, Timestamp(seconds: 1_795_201_500))
        #expect(policy.nextTelling(of: .emergency, after: now) == now.adding(minutes: 5))
        #expect(policy.nextTelling(of: .critical, after: now) == now.adding(minutes: 15))
        #expect(
            policy.nextTelling(of: .high, after: now) == nil
                && policy.nextTelling(of: .info, after: now) == nil)
    }

    @Test
    func `quiet hours hold back what can wait, over midnight, by the zone's clock and across a change of it`()
        throws
    {
        let policy = try Self.policy(["quiet_hours": ["from": "22:00", "to": "07:00"]])
        func time(_ text: String) throws -> Timestamp { try #require(Timestamp(rfc3339: text)) }
        // 21:59:59 and 22:00:00, 06:59:59 and 07:00:00 in New York, in winter.
        #expect(policy.quiet(.info, at: try time("2026-11-21T02:59:59Z")) == nil)
        #expect(
            policy.quiet(.info, at: try time("2026-11-21T03:00:00Z")) == (try time("2026-11-21T12:00:00Z")))
        #expect(
            policy.quiet(.info, at: try time("2026-11-21T11:59:59Z")) == (try time("2026-11-21T12:00:00Z")))
        #expect(policy.quiet(.info, at: try time("2026-11-21T12:00:00Z")) == nil)
        #expect(policy.quiet(.high, at: try time("2026-11-21T03:00:00Z")) == nil)
        // The night in which the clocks go forward ends an hour earlier in UTC.
        #expect(
            policy.quiet(.info, at: try time("2026-03-08T04:00:00Z")) == (try time("2026-03-08T11:00:00Z")))
    }
}
