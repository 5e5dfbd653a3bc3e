import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// Raising, counting, acknowledging and ending alerts, and what is told of it.
struct AlertTests {
    static let monitor = Caller.key(id: GateFixture.identifier(8), name: "monitor", scope: .alert)
    static let body: JSONValue = [
        "type": "data_feed_late", "title": "The data feed is 40 s late", "priority": "critical",
        "dedup_key": "feed",
    ]

    static func channel(_ name: String, owner: Person? = nil, _ desk: GateFixture) async throws {
        try await desk.run(
            """
            INSERT INTO channels (id, kind, name, user_id, settings)
            VALUES (gen_random_uuid(), 'slack', '\(name)', \(owner.map { "'\($0.id)'" } ?? "NULL"), '{}')
            """)
    }

    static func messages(_ kind: String, to channel: String? = nil) -> String {
        "SELECT count(*) FROM deliveries d LEFT JOIN channels c ON c.id = d.channel_id WHERE d.kind = '\(kind)'"
            + (channel.map { " AND c.name = '\($0)'" } ?? "")
    }

    static func journal(_ kind: String) -> String { "SELECT count(*) FROM journal WHERE kind = '\(kind)'" }

    @Test func `an alert is told once, and what is raised again while it is open is only counted`()
        async throws
    {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            let first = try await alerts.raise(Self.body, by: Self.monitor)
            let second = try await alerts.raise(Self.body, by: Self.monitor)
            #expect(
                first.isNew && !second.isNew && second.alert.id == first.alert.id && second.alert.repeats == 1
            )
            #expect(try await desk.count(Self.messages("alert-raised")) == 1)
            #expect(try await desk.count(Self.journal("alert.raised")) == 1)
            _ = try await alerts.resolve(first.alert.id, reason: nil, by: Self.monitor)
            let third = try await alerts.raise(Self.body, by: Self.monitor)
            #expect(third.isNew && third.alert.id != first.alert.id)
            #expect(try await desk.count(Self.messages("alert-raised")) == 2)
            #expect(try await desk.count(Self.messages("alert-resolved")) == 1)
        }
    }

    @Test func `what is raised again more urgently is told anew, and what is less urgent is only counted`()
        async throws
    {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            func raise(_ priority: String, _ title: String) async throws -> AlertRaising.Raised {
                let body: JSONObject = [
                    "type": "feed", "priority": .string(priority), "title": .string(title),
                    "dedup_key": "feed",
                ]
                return try await alerts.raise(.object(body), by: Self.monitor)
            }
            let first = try await raise("info", "late")
            let second = try await raise("emergency", "dead")
            #expect(second.isNew && second.alert.priority == .emergency && second.alert.title == "dead")
            #expect(try await desk.count(Self.messages("alert-raised")) == 2)
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE state = 'resolved'") == 1)
            let third = try await raise("high", "late again")
            #expect(!third.isNew && third.alert.id == second.alert.id && third.alert.id != first.alert.id)
            #expect(try await desk.count(Self.messages("alert-raised")) == 2)
        }
    }

    @Test func `twenty at once are one alert with nineteen repeats and one message`() async throws {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await alerts.raise(Self.body, by: Self.monitor) } }
                try await group.waitForAll()
            }
            #expect(try await desk.count("SELECT count(*) FROM alerts") == 1)
            #expect(try await desk.count("SELECT repeats AS count FROM alerts") == 19)
            #expect(try await desk.count(Self.messages("alert-raised")) == 1)
        }
    }

    @Test func `one source's key means nothing to another, and cannot hide what Countersign raises`()
        async throws
    {
        try await GateFixture.with { desk in
            let alerts = Alerts(desk.context)
            _ = try await alerts.raise(
                ["type": "worker_silent", "title": "fake", "dedup_key": "worker-silent"], by: Self.monitor)
            _ = try await alerts.raise(
                ["type": "worker_silent", "title": "fake", "dedup_key": "worker-silent"],
                by: .person(desk.ben, method: .token, keyID: nil))
            let own = try await desk.pool.transaction { session in
                try AlertRaising.raise(
                    AlertDraft(.workerSilent, title: "real", dedupKey: "worker-silent"), in: session)
            }
            #expect(own.isNew)
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE state = 'raised'") == 3)
        }
    }

    @Test func `of two who acknowledge at once one is first, and the other is told who it was`() async throws
    {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            let alert = try await alerts.raise(Self.body, by: Self.monitor).alert
            let refusals = Refusals()
            await withTaskGroup(of: Void.self) { group in
                for person in [desk.alice, desk.ben, desk.alice, desk.ben] {
                    group.addTask {
                        do {
                            _ = try await alerts.acknowledge(alert.id, comment: "on it", by: person)
                        } catch { await refusals.add(error as? Refusal, person.name) }
                    }
                }
            }
            let now = try await alerts.find(alert.id, for: .person(desk.viewer, method: .session, keyID: nil))
            #expect(now.state == .acknowledged)
            let refused = await refusals.all
            #expect(refused.count == 2 && refused.allSatisfy { $0.0?.code == .conflict })
            #expect(refused.allSatisfy { "user:\($0.1)" != now.acknowledgedBy })
            #expect(refused.allSatisfy { $0.0?.facts["acknowledged_by"]?.stringValue == now.acknowledgedBy })
            #expect(try await desk.count(Self.journal("alert.acknowledged")) == 1)
            #expect(try await desk.count(Self.messages("alert-acknowledged")) == 1)
        }
    }

    @Test func `only people who decide or operate acknowledge`() async throws {
        try await GateFixture.with { desk in
            let alerts = Alerts(desk.context)
            let alert = try await alerts.raise(Self.body, by: Self.monitor).alert
            #expect(
                try await refusalCode {
                    _ = try await alerts.acknowledge(alert.id, comment: nil, by: desk.viewer)
                }
                    == .notAllowed)
            #expect(
                try await refusalCode { _ = try await alerts.raise(Self.body, by: desk.bot) } == .notAllowed)
            #expect(
                try await refusalCode { _ = try await alerts.resolve(alert.id, reason: nil, by: desk.bot) }
                    == .notFound)
            let other = Caller.key(id: GateFixture.identifier(7), name: "other", scope: .alert)
            #expect(try await refusalCode { _ = try await alerts.find(alert.id, for: other) } == .notFound)
            #expect(try await alerts.list(AlertFilter(), limit: 10, for: other).isEmpty)
            #expect(try await alerts.list(AlertFilter(), limit: 10, for: Self.monitor).count == 1)
        }
    }

    @Test func `what is critical is told again until somebody acknowledges it, by one of several servers`()
        async throws
    {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            let alert = try await alerts.raise(Self.body, by: Self.monitor).alert
            let watches = (0..<4).map { _ in AlertWatch(desk.context) }
            for watch in watches { _ = try await watch.look(upSeconds: 0) }
            #expect(try await desk.count(Self.messages("alert-repeated")) == 0)
            try await desk.run("UPDATE alerts SET tell_at = now() - interval '1 second'")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for watch in watches { group.addTask { _ = try await watch.look(upSeconds: 0) } }
                try await group.waitForAll()
            }
            #expect(try await desk.count(Self.messages("alert-repeated")) == 1)
            #expect(try await desk.count("SELECT tellings AS count FROM alerts") == 2)
            _ = try await alerts.acknowledge(alert.id, comment: nil, by: desk.alice)
            #expect(try await desk.count("SELECT count(*) FROM alerts WHERE tell_at IS NOT NULL") == 0)
        }
    }

    @Test func `what was acknowledged long ago is told anew when it is raised again`() async throws {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            let alerts = Alerts(desk.context)
            let alert = try await alerts.raise(Self.body, by: Self.monitor).alert
            _ = try await alerts.acknowledge(alert.id, comment: nil, by: desk.alice)
            #expect(try await !alerts.raise(Self.body, by: Self.monitor).isNew)
            try await desk.run(
                """
                ALTER TABLE alerts DISABLE TRIGGER guard;
                UPDATE alerts SET acknowledged_at = now() - interval '25 hours';
                ALTER TABLE alerts ENABLE TRIGGER guard;
                """)
            let again = try await alerts.raise(Self.body, by: Self.monitor)
            #expect(again.isNew && again.alert.id != alert.id)
            #expect(try await desk.count(Self.messages("alert-raised")) == 2)
        }
    }

    @Test func `a source that raises more than anybody can read is stopped`() async throws {
        try await GateFixture.with { desk in
            try await desk.run(
                """
                INSERT INTO alerts (type, priority, title, detail, evidence, source, dedup_key, message_kind, state)
                SELECT 'noise', 'high', 'x', '', '{}', 'key:monitor', i::text, 'alert-raised', 'raised'
                FROM generate_series(1, 200) AS i
                """)
            let alerts = Alerts(desk.context)
            #expect(
                try await refusalCode { _ = try await alerts.raise(Self.body, by: Self.monitor) }
                    == .tooManyAlerts)
            let known = try await alerts.raise(
                ["type": "noise", "title": "x", "dedup_key": "7"], by: Self.monitor)
            #expect(!known.isNew)
        }
    }

    @Test func `routes send it where it belongs, and a route that reaches nobody reaches everybody`()
        async throws
    {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            try await Self.channel("alice-own", owner: desk.alice, desk)
            try await desk.apply([
                "preset": "guarded-5k",
                "alerts": [
                    "routes": [
                        ["types": ["data_feed_late"], "people": ["alice"]],
                        ["types": ["gone"], "channels": ["closed"]],
                        ["priorities": ["info"], "page_only": true],
                    ]
                ],
            ])
            let alerts = Alerts(desk.context)
            _ = try await alerts.raise(Self.body, by: Self.monitor)
            #expect(try await desk.count(Self.messages("alert-raised", to: "alice-own")) == 1)
            #expect(try await desk.count(Self.messages("alert-raised", to: "desk")) == 0)
            _ = try await alerts.raise(["type": "gone", "title": "t"], by: Self.monitor)
            #expect(try await desk.count(Self.messages("alert-raised", to: "desk")) == 1)
            _ = try await alerts.raise(["type": "fyi", "title": "t", "priority": "info"], by: Self.monitor)
            #expect(try await desk.count(Self.messages("alert-raised")) == 3)
        }
    }

    @Test func `in quiet hours what can wait is told when they end, if it still stands`() async throws {
        try await GateFixture.with { desk in
            try await Self.channel("desk", desk)
            // Two windows that hold the whole day between them; the one that is open now counts.
            let hour = try await desk.count(
                "SELECT extract(hour FROM now() AT TIME ZONE 'UTC')::int AS count")
            func clock(_ hour: Int) -> JSONValue { .string((hour % 24 < 10 ? "0" : "") + "\(hour % 24):00") }
            try await desk.apply([
                "preset": "guarded-5k",
                "alerts": ["quiet_hours": ["from": clock(hour + 23), "to": clock(hour + 4), "zone": "UTC"]],
            ])
            let alerts = Alerts(desk.context)
            let quiet = try await alerts.raise(
                ["type": "fyi", "title": "t", "priority": "info"], by: Self.monitor
            ).alert
            _ = try await alerts.raise(Self.body, by: Self.monitor)
            #expect(quiet.tellings == 0 && quiet.tellAt != nil)
            #expect(try await desk.count(Self.messages("alert-raised")) == 1)
            try await desk.run(
                "UPDATE alerts SET tell_at = now() - interval '1 second' WHERE priority = 'info'")
            _ = try await AlertWatch(desk.context).look(upSeconds: 0)
            #expect(try await desk.count(Self.messages("alert-raised")) == 2)
            #expect(try await desk.count(Self.messages("alert-repeated")) == 0)
        }
    }

    @Test func `the database keeps what was raised`() async throws {
        try await GateFixture.with { desk in
            let alerts = Alerts(desk.context)
            let alert = try await alerts.raise(Self.body, by: Self.monitor).alert
            _ = try await alerts.acknowledge(alert.id, comment: nil, by: desk.alice)
            for attack in [
                "DELETE FROM alerts", "TRUNCATE alerts", "UPDATE alerts SET title = 'x'",
                "UPDATE alerts SET state = 'raised', acknowledged_at = NULL, acknowledged_by = NULL",
                "UPDATE alerts SET acknowledged_by = 'user:mallory'",
            ] {
                await #expect(throws: PostgresError.self, "\(attack)") { try await desk.run(attack) }
            }
        }
    }
}

/// Collects what several tasks were refused.
private actor Refusals {
    private(set) var all: [(Refusal?, String)] = []
    func add(_ refusal: Refusal?, _ name: String) { all.append((refusal, name)) }
}
