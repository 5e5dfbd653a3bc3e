import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// What the checks found is kept in the journal alone, and shown as if the proposal's row had it.
struct FindingsOnceTests {
    /// What is shown of a proposal to whoever reads it now.
    private func shown(_ desk: GateFixture, _ view: ProposalView) async throws -> [Finding] {
        let found = try #require(try await ProposalReading(desk.context).find(view.record.id))
        #expect(found.json["checks"]?.arrayValue?.count == found.findings.count)
        return found.findings
    }

    private func attack(_ desk: GateFixture, _ sql: String) async throws -> String? {
        try await GuardTests().attack(desk, sql)
    }

    @Test func `nothing of it stands in the row, and everybody is shown it`() async throws {
        try await GateFixture.with { desk in
            let pending = try await desk.propose(["qty": "1"]).view
            let blocked = try await desk.propose(["qty": "100000", "symbol": "AAPL"]).view
            #expect(pending.record.state == .pending && blocked.record.state == .blocked)
            #expect(
                try await desk.count("SELECT count(*) FROM proposal_terms WHERE checks IS NOT NULL") == 0)
            #expect(
                try await desk.count(
                    """
                    SELECT count(*)
                    FROM proposals p
                    JOIN journal j ON j.subject = 'proposal:' || p.id
                    WHERE j.data::json ->> 'checks' = p.checks::text AND json_array_length(p.checks) > 10
                    """) == 2)
            for view in [pending, blocked] { #expect(try await shown(desk, view) == view.findings) }

            let waiting = try await desk.pool.withSession { session in
                try session.read(WaitingProposals.list(limit: 10))
            }
            let outlined = pending.findings.filter { $0.outcome == .warn || $0.code == .symbolKnown }
            #expect(!outlined.isEmpty && waiting.map { $0.outlines.map(\.code) } == [outlined.map(\.code)])

            // The report of a day counts what blocked.
            try await desk.run(
                unguarded("UPDATE proposal_terms SET created_at = '2026-11-20T15:00:00Z'"))
            let day = try #require(
                CalendarDate(year: 2026, month: 11, day: 20).flatMap { ReportPeriod(day: $0) })
            let blockers = try await desk.pool.withSession { session in
                try DecisionFigureStore.blockers(day, in: session)
            }
            let failed = blocked.findings.filter { $0.outcome == .fail }.map(\.code.rawValue)
            #expect(failed.count > 1 && blockers.map(\.code) == failed.sorted())
            #expect(blockers.allSatisfy { $0.count == 1 })
        }
    }

    @Test func `a proposal from before shows what its row has, and one without either shows none`()
        async throws
    {
        try await GateFixture.with { desk in
            let (old, new) = (try await desk.propose(["qty": "1"]).view, try await desk.propose().view)
            let own = """
                [{"code": "symbol_known", "outcome": "warn", "limit": null, "value": null,
                "detail": "from before"}]
                """
            try await desk.run(
                unguarded("UPDATE proposal_terms SET checks = '\(own)' WHERE id = '\(old.record.id)'"))
            #expect(try await shown(desk, old).map(\.detail) == ["from before"])
            #expect(try await shown(desk, new) == new.findings)
            try await desk.run(
                """
                ALTER TABLE journal DISABLE TRIGGER keep;
                ALTER TABLE journal_unsealed DISABLE TRIGGER ALL;
                UPDATE journal SET subject = 'proposal:other';
                """)
            #expect(try await shown(desk, old).map(\.detail) == ["from before"])
            #expect(try await shown(desk, new) == [])
        }
    }

    /// With the application's own role: what was shown when people decided is what is shown afterwards.
    @Test func `nobody changes what is shown afterwards`() async throws {
        try await GateFixture.with { desk in
            try await desk.propose(["qty": "2", "symbol": "AAPL"])
            let view = try await desk.propose(["qty": "1"]).view
            let other = """
                {"checks": [{"code": "symbol_known", "outcome": "pass", "limit": null, "value": null,
                "detail": "fine"}]}
                """
            let subject = "'proposal:\(view.record.id)'"
            for sql in [
                "UPDATE proposal_terms SET checks = '[]'",
                "UPDATE proposal_terms SET checks = '[]' WHERE id = '\(view.record.id)'",
            ] {
                #expect(try await attack(desk, sql) == "CS001", "\(sql)")
            }
            for sql in [
                "UPDATE journal SET data = '\(other)'", "UPDATE journal SET kind = 'proposal.other'",
                "DELETE FROM journal", "SELECT setval('journal_id_seq', 1)",
                "ALTER SEQUENCE journal_id_seq RESTART WITH 1",
                "CREATE OR REPLACE FUNCTION first_checks(uuid) RETURNS json LANGUAGE sql AS 'SELECT null::json'",
                "CREATE OR REPLACE VIEW proposals AS SELECT 1",
            ] {
                #expect(try await attack(desk, sql) == "42501", "\(sql)")
            }
            // An entry that comes later is not the first, and nobody may say that it came earlier.
            for kind in ["proposal.created", "proposal.blocked"] {
                let entry = "VALUES ('\(kind)', 'key:dee-bot', \(subject), '\(other)')"
                #expect(
                    try await attack(desk, "INSERT INTO journal (kind, actor, subject, data) \(entry)") == nil
                )
                for (column, value) in [("id", "-1"), ("id", "1"), ("at", "now()")] {
                    let earlier =
                        "INSERT INTO journal (\(column), kind, actor, subject, data) OVERRIDING SYSTEM VALUE "
                        + entry.replacing("(", with: "(\(value), ")
                    #expect(try await attack(desk, earlier) == "42501", "\(earlier)")
                }
            }
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM journal WHERE subject = \(subject) AND data = '\(other)'") == 2)
            #expect(try await shown(desk, view) == view.findings)
        }
    }
}
