import Domain
import Gate
import JSON
import Postgres
import Store
import Synchronization
import Testing

struct AdmissionTests {
    @Test func `stores what passes as pending, with its checks, journal entry and message`() async throws {
        try await GateFixture.with { desk in
            let admitted = try await desk.propose()
            let view = admitted.view
            #expect(view.record.state == .pending, "\(view.record.reason ?? "")")
            #expect(!admitted.isReplay)
            #expect(view.record.notional == ExactDecimal("1182"))
            #expect(view.findings.count >= 15)
            #expect(view.record.expiresAt.seconds(since: view.record.createdAt) == 1800)
            #expect(view.record.orderHash.count == 64)
            #expect(view.json["check_code"]?.stringValue?.count == 6)
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind = 'proposal.created'") == 1)
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM deliveries WHERE kind = 'approval-requested' AND state = 'kept'")
                    == 1)
        }
    }

    @Test func `blocks what fails, with every failure, and asks nobody`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose(["qty": "100", "stop_loss": ["stop_price": "117"]]).view
            #expect(view.record.state == .blocked)
            let failed = Set(view.findings.filter { $0.outcome == .fail }.map(\.code))
            #expect(failed.isSuperset(of: [.maxPositionUSD, .maxPositionPct, .stopLossBand]), "\(failed)")
            #expect(try await desk.count("SELECT count(*) FROM deliveries") == 0)
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind = 'proposal.blocked'") == 1)
        }
    }

    @Test(
        arguments: [
            ["qty": "5.50", "limit_price": "118.2000", "evidence": ["b": 15, "a": "é\u{1}\"\\"]],
            ["qty": "1000", "rationale": " two\n lines ", "evidence": ["z": [nil, true, [:]]]],
            ["qty": nil, "size": "auto"],
        ] as [JSONObject])
    func `the first answer says what is stored, as every later one does`(changes: JSONObject) async throws {
        try await GateFixture.with { desk in
            let first = try await desk.propose(changes, key: "k1").view
            let again = try await desk.propose(changes, key: "k1").view
            #expect(again.json == first.json)
            #expect(again.record.sequence == first.record.sequence)
            #expect(again.record.requestHash == first.record.requestHash)
        }
    }

    @Test func `answers a repetition with the same proposal and another body with a refusal`() async throws {
        try await GateFixture.with { desk in
            let first = try await desk.propose(["qty": "5"], key: "k1")
            let again = try await desk.propose(["qty": "5"], key: "k1")
            #expect(again.isReplay)
            #expect(again.view.record.id == first.view.record.id)
            let code = try await refusalCode { try await desk.propose(["qty": "6"], key: "k1") }
            #expect(code == .idempotencyMismatch)
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 1)
        }
    }

    @Test func `admits many at once in groups, one proposal for one key`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply([
                "limits": [
                    "duplicate_window_seconds": nil, "max_new_positions_per_day": nil,
                    "max_open_positions": nil,
                    "max_new_positions_per_week": nil, "max_position_usd": nil, "max_position_pct": nil,
                    "cash_reserve_min_pct": nil,
                ]
            ])
            let admission = Admission(desk.context)
            let ids = try await withThrowingTaskGroup(of: Identifier.self) { group in
                for index in 0..<60 {
                    group.addTask {
                        try await desk.propose(["qty": "1"], key: "k\(index % 20)", admission: admission).view
                            .record.id
                    }
                }
                var ids: Set<Identifier> = []
                for try await id in group { ids.insert(id) }
                return ids
            }
            #expect(ids.count == 20)
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'pending'") == 20)
        }
    }

    @Test func `counts what waits: two orders that fit alone do not both pass`() async throws {
        try await GateFixture.with { desk in
            let admission = Admission(desk.context)
            async let one = desk.propose(["qty": "25"], key: "a", admission: admission)
            async let two = desk.propose(["qty": "26"], key: "b", admission: admission)
            let states = try await [one.view.record.state, two.view.record.state]
            #expect(Set(states) == [.pending, .blocked])
        }
    }

    @Test func `many at once are let in as far as one after the other`() async throws {
        func admitted(_ propose: @escaping @Sendable (GateFixture, Admission) async throws -> Void)
            async throws -> Int
        {
            let counted = Mutex(0)
            try await GateFixture.with { desk in
                try await desk.apply(["limits": ["duplicate_window_seconds": nil]])
                try await propose(desk, Admission(desk.context))
                let count = try await desk.count("SELECT count(*) FROM proposals WHERE state = 'pending'")
                #expect(try await desk.count("SELECT count(*) FROM proposals") == 90)
                #expect(
                    try await desk.count("SELECT count(*) FROM journal WHERE kind LIKE 'proposal.%'") == 90)
                counted.withLock { $0 = count }
            }
            return counted.withLock { $0 }
        }
        let inTurn = try await admitted { desk, admission in
            for index in 0..<90 {
                try await desk.propose(["qty": "2"], key: "k\(index)", admission: admission)
            }
        }
        let atOnce = try await admitted { desk, admission in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<90 {
                    group.addTask {
                        try await desk.propose(["qty": "2"], key: "k\(index)", admission: admission)
                    }
                }
                try await group.waitForAll()
            }
        }
        #expect(inTurn == atOnce && inTurn > 0 && inTurn < 90)
    }

    @Test func `one bad proposal does not fail its neighbours`() async throws {
        try await GateFixture.with { desk in
            let admission = Admission(desk.context)
            _ = try await desk.propose(["qty": "1"], key: "same", admission: admission)
            async let bad = refusalCode {
                try await desk.propose(["qty": "2"], key: "same", admission: admission)
            }
            async let good = desk.propose(["qty": "3", "symbol": "AAPL"], key: "other", admission: admission)
            #expect(try await bad == .idempotencyMismatch)
            #expect(try await good.view.record.state == .pending)
        }
    }

    @Test func `a proposal that the database refuses does not take its group down`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["limits": ["max_position_usd": nil, "max_position_pct": nil]])
            let admission = Admission(desk.context)
            let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<12 {
                    let key = index % 4 == 3 ? "bad\u{0}\(index)" : "good\(index)"
                    group.addTask {
                        do {
                            try await desk.propose(["qty": "1"], key: key, admission: admission)
                            return true
                        } catch is PostgresError {
                            return false
                        }
                    }
                }
                var stored = 0
                for try await succeeded in group where succeeded { stored += 1 }
                return stored
            }
            #expect(stored == 9)
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 9)
        }
    }

    @Test func `a stale or missing account blocks`() async throws {
        try await GateFixture.with { desk in
            try await desk.run("UPDATE account_state SET received_at = now() - interval '3 minutes'")
            let stale = try await desk.propose().view
            #expect(stale.record.state == .blocked)
            #expect(stale.findings.contains { $0.code == .maxSnapshotAge && $0.outcome == .fail })
            try await desk.run("DELETE FROM account_state")
            #expect(try await desk.propose().view.record.state == .blocked)
        }
    }

    @Test func `without a policy nothing is stored`() async throws {
        try await GateFixture.with { desk in
            try await desk.run(
                "ALTER TABLE policies DISABLE TRIGGER keep; DELETE FROM policies; ALTER TABLE policies ENABLE TRIGGER keep;"
            )
            #expect(try await refusalCode { try await desk.propose() } == .noPolicy)
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 0)
        }
    }

    @Test func `keeps every digit from draft to row and back`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose([
                "qty": "1", "limit_price": "0.1234", "stop_loss": nil, "symbol": "PENNY",
                "reference_price": "0.123456789",
            ]).view
            #expect(view.record.terms.limitPrice == ExactDecimal("0.1234"))
            #expect(view.record.notes.referencePrice == ExactDecimal("0.123456789"))
            #expect(view.json["limit_price"]?.stringValue == "0.1234")
        }
    }
}
