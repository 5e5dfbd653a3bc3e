import Cryptography
import Domain
import JSON
import Notifications
import Postgres
import Reports
import Store
import Support
import Testing

@Suite struct ReportMakingTests {
    /// Half past four in New York on a Tuesday, with an account that was reported on the day before and on it.
    private static let now = "2024-11-26T21:30:00Z"

    private static func with(
        _ body: @escaping @Sendable (PostgresPool, Timestamp) async throws -> Void
    ) async throws {
        try await withTestDatabase { pool in
            try await pool.withSession { session in
                try session.script(
                    """
                    INSERT INTO deployment (mode, account_number) VALUES ('paper', 'SIM1');
                    INSERT INTO account_snapshots (received_at, equity, cash, buying_power, account, positions)
                    VALUES ('2024-11-25 15:00Z', 100000, 100000, 0,
                        '{"account_number":"SIM1","status":"ACTIVE","equity":"100000","cash":"100000","buying_power":"0"}',
                        '[]'), ('2024-11-26 20:59Z', 101000, 1, 0,
                        '{"account_number":"SIM1","status":"ACTIVE","equity":"101000","cash":"1","buying_power":"0"}',
                        '[]');
                    INSERT INTO account_days VALUES ('2024-11-26', 100000, 101000, 0, 0, 0, 0, 101000,
                        '2024-11-26 20:00Z', 0, 0, 100000, 101000, 2, '2024-11-26 15:00Z', '2024-11-26 20:59Z');
                    INSERT INTO users (id, name, role, disabled_at)
                    VALUES ('00000000-0000-0000-0000-000000000001', 'gone', 'viewer', now()),
                        ('00000000-0000-0000-0000-000000000002', 'vera', 'viewer', NULL);
                    INSERT INTO channels (id, kind, name, user_id, settings)
                    VALUES ('00000000-0000-0000-0000-000000000011', 'email', 'gone',
                        '00000000-0000-0000-0000-000000000001', '{}'),
                        ('00000000-0000-0000-0000-000000000012', 'email', 'vera',
                        '00000000-0000-0000-0000-000000000002', '{}'),
                        ('00000000-0000-0000-0000-000000000013', 'slack', 'desk', NULL, '{}');
                    """)
            }
            let moment = try #require(Timestamp(rfc3339: now))
            try await body(pool, moment)
        }
    }

    private static func count(_ sql: String, _ pool: PostgresPool) async throws -> Int {
        try await pool.withSession { session in
            try session.query("SELECT (\(sql)) AS count").only().int("count")
        }
    }

    @Test func `servers that wake together make one report, one entry and one message for each reader`()
        async throws
    {
        try await Self.with { pool, now in
            #expect(try await ReportMaking(pool: pool).makeDue(at: now.adding(seconds: -1)).count == 1)
            let made = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<5 { group.addTask { try await ReportMaking(pool: pool).makeDue(at: now) } }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(made == ["report:daily:2024-11-26"])
            #expect(try await Self.count("SELECT count(*) FROM reports", pool) == 2)
            #expect(
                try await Self.count("SELECT count(*) FROM journal WHERE kind = 'report.made'", pool) == 2)
            let messages = "SELECT count(*) FROM deliveries WHERE subject = 'report:daily:2024-11-26'"
            // Not to the person who is no longer in use.
            #expect(try await Self.count(messages, pool) == 2)
        }
    }

    @Test func `what was sent is what is told afterwards, and cannot be changed`() async throws {
        try await Self.with { pool, now in
            _ = try await ReportMaking(pool: pool).makeDue(at: now)
            let day = try #require(CalendarDate("2024-11-26"))
            try await pool.withSession { session in
                try session.script("UPDATE account_days SET end_equity = 1")
                #expect(try DailyReport.find(day, in: session)?["ending_value"] == "101000")
                #expect(throws: PostgresError.self) {
                    try session.script("UPDATE reports SET document = '{}'")
                }
                #expect(throws: PostgresError.self) { try session.script("DELETE FROM reports") }
            }
        }
    }

    @Test func `the mail has the numbers of the report, and chat a line with a link`() async throws {
        try await Self.with { pool, now in
            _ = try await ReportMaking(pool: pool).makeDue(at: now)
            let sheet = try await pool.withSession { session in
                let records = try DeliveryQueries.list(limit: 10, in: session)
                let record = try #require(records.first { $0.subject == "report:daily:2024-11-26" })
                return try #require(try Subject.load(of: record, in: session).report)
            }
            #expect(sheet.lead.contains("+$1,000 (+1.00%), from $100,000 to $101,000"))
            #expect(sheet.title == "Daily summary, Tue 2024-11-26")
        }
    }

    /// How many messages bring the day's summary, and to which channels, as the policy has it.
    private static func told(_ routes: String, _ pool: PostgresPool, _ now: Timestamp) async throws -> String
    {
        try await pool.withSession { session in
            try session.script(
                """
                INSERT INTO users (id, name, role) VALUES ('00000000-0000-0000-0000-000000000003', 'olga', 'operator');
                INSERT INTO channels (id, kind, name, user_id, settings) VALUES
                    ('00000000-0000-0000-0000-000000000014', 'email', 'olga', '00000000-0000-0000-0000-000000000003', '{}');
                INSERT INTO policies (version, document, applied_by)
                VALUES (1, '{"preset": "guarded-5k", "reports": {"routes": \(routes)}}', 'system');
                """)
        }
        _ = try await ReportMaking(pool: pool).makeDue(at: now)
        return try await pool.withSession { session in
            try session.query(
                """
                SELECT coalesce(string_agg(coalesce(c.name, d.destination) || CASE WHEN d.data ->> 'fell_back' = 'true'
                    THEN '!' ELSE '' END, ' ' ORDER BY c.name), 'nobody') AS told
                FROM deliveries d
                LEFT JOIN channels c ON c.id = d.channel_id
                WHERE d.subject = 'report:daily:2024-11-26'
                """
            ).only().text("told")
        }
    }

    @Test(arguments: [
        (#"[{"roles": ["operator", "admin"], "shared": true}]"#, "desk olga"),
        (#"[{"reports": ["weekly"], "shared": true}, {"people": ["vera"]}]"#, "vera"),
        // Whoever is not in use any more counts as nobody.
        (#"[{"people": ["gone"]}]"#, "desk! olga! vera!"),
        (#"[{"channels": ["gone"]}]"#, "desk! olga! vera!"),
        (#"[{"page_only": true}]"#, "nobody"), ("[]", "desk olga vera"),
    ])
    func `reports go where the policy says, and nowhere else`(routes: String, told: String) async throws {
        try await Self.with { pool, now in
            #expect(try await Self.told(routes, pool, now) == told)
            let journal = try await pool.withSession { session in
                try session.query(
                    "SELECT data FROM journal WHERE kind = 'report.made' ORDER BY id DESC LIMIT 1"
                )
                .only().text("data")
            }
            let names = told == "nobody" ? [] : told.split(separator: " ").map { $0.filter { $0 != "!" } }
            let entry = try #require(try? JSONParser.parse(journal))
            #expect(Set(entry["sent_to"]?.arrayValue?.compactMap(\.stringValue) ?? []) == Set(names))
            #expect(entry["fell_back"] == .bool(told.contains("!")))
        }
    }

    @Test func `a report that nobody named for it can get says so, and one without any channel is kept`()
        async throws
    {
        try await Self.with { pool, now in
            try await pool.withSession { session in
                try session.script(
                    """
                    INSERT INTO policies (version, document, applied_by) VALUES
                        (1, '{"preset": "guarded-5k", "reports": {"routes": [{"people": ["gone"]}]}}', 'system');
                    """)
            }
            _ = try await ReportMaking(pool: pool).makeDue(at: now)
            let records = try await pool.withSession { try DeliveryQueries.list(limit: 10, in: $0) }
            let record = try #require(records.first { $0.subject == "report:daily:2024-11-26" })
            let subject = try await pool.withSession { try Subject.load(of: record, in: $0) }
            let links = MessageLinks(
                publicURL: "http://127.0.0.1", key: SecretBytes([UInt8](repeating: 0, count: 32)))
            let message = MessageWriter(links: links).message(on: subject, for: nil)
            #expect(
                message.warnings.count == 1 && message.plainText.contains("so every channel got this one"))
        }
        try await Self.with { pool, now in
            try await pool.withSession {
                try $0.script("UPDATE channels SET disabled_at = now(), disabled_reason = 'gone'")
            }
            _ = try await ReportMaking(pool: pool).makeDue(at: now)
            let kept = "SELECT count(*) FROM deliveries WHERE state = 'kept' AND subject LIKE 'report:%'"
            #expect(try await Self.count(kept, pool) > 0)
        }
    }

    @Test func `before there is anything to tell of nothing is made`() async throws {
        try await withTestDatabase { pool in
            let made = try await ReportMaking(pool: pool).makeDue()
            #expect(made.isEmpty)
        }
    }
}
