import Postgres
import Support
import Testing

/// Databases from before the findings were kept once.
struct FindingsMigrationTests {
    private static func proposal(_ id: Int, checks: String?) -> String {
        """
        INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty, type,
            limit_price, time_in_force, strategy, notional, is_reducing, client_order_id, canonical_order, order_hash,
            tier, approvals_required, policy_version, created_at, expires_at, validity_minutes\(checks == nil ? "" : ", checks"))
        VALUES (\(identifier(id)), 'paper', \(identifier(9)), 'dee-bot', sha256('x'), 'NVDA', 'buy', 1, 'limit', 100, 'day',
            'walk', 100, false, 'cs-\(id)', '', encode(sha256(''), 'hex'), 'standard', 1, 1, now(),
            now() + interval '1 hour', 30\(checks.map { ", '\($0)'" } ?? ""));
        INSERT INTO journal (kind, actor, subject, data)
        VALUES ('proposal.created', 'key:dee-bot', 'proposal:' || \(identifier(id)), '{"checks":["told \(id)"]}');
        """
    }

    private static func identifier(_ number: Int) -> String {
        "'00000000-0000-7000-8000-00000000000\(number)'::uuid"
    }

    private func shown(_ pool: PostgresPool) async throws -> [String] {
        try await pool.withSession { session in
            try session.query("SELECT checks ->> 0 AS first FROM proposals ORDER BY id").map {
                try $0.text("first")
            }
        }
    }

    @Test func `rows from before keep what they have, and later ones have none of their own`() async throws {
        let all = try Migrations(directory: Repository.migrations).all
        try await withEmptyTestDatabase { pool in
            try await Migrations(all.filter { $0.version < 28 }).apply(to: pool)
            try await pool.withSession { session in
                try session.script(
                    """
                    INSERT INTO api_keys (id, name, scope, secret_hash, hint)
                    VALUES (\(Self.identifier(9)), 'dee-bot', 'propose', sha256('x'), 'csk_');
                    INSERT INTO policies (version, document, applied_by) VALUES (1, '{}', 'test');
                    """)
                try session.script(Self.proposal(1, checks: "[\"own 1\"]"))
                #expect(throws: PostgresError.self) { try session.script(Self.proposal(2, checks: nil)) }
            }
            #expect(try await shown(pool) == ["own 1"])
            try await Migrations(all).apply(to: pool)
            #expect(try await shown(pool) == ["own 1"])
            try await pool.withSession { try $0.script(Self.proposal(2, checks: nil)) }
            #expect(try await shown(pool) == ["own 1", "told 2"])
        }
    }
}
