import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// Statements sent past the program, with the application's own role: none leads to what people did not decide.
struct GuardTests {
    private static let orderSQL = """
        INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
            order_hash, document, key_id, signature, valid_until)
        SELECT gen_random_uuid(), id, client_order_id, 'released', symbol, side, qty, notional, is_reducing,
            order_hash, '{}', (SELECT key_id FROM signing_keys), sha512('x'), now() + interval '5 minutes'
        FROM proposals
        """

    /// Runs SQL as the application's role and gives back the SQLSTATE it fails with; nil where it succeeds.
    func attack(_ desk: GateFixture, _ sql: String) async throws -> String? {
        do {
            try await desk.pool.transaction { session in
                _ = try session.execute("SET LOCAL ROLE countersign_app")
                _ = try session.execute(sql)
            }
            return nil
        } catch let error as PostgresError {
            return error.sqlState ?? "unknown"
        }
    }

    @Test func `no order without approvals`() async throws {
        try await GateFixture.with { desk in
            try await desk.propose()
            #expect(try await attack(desk, Self.orderSQL) == "CS018")
            #expect(
                try await attack(
                    desk,
                    "UPDATE proposal_states SET state = 'released', decided_at = now(), decided_by = 'x'")
                    == "CS018")
            #expect(
                try await attack(
                    desk,
                    "UPDATE proposal_states SET state = 'approved', decided_at = now(), decided_by = 'x'")
                    == "CS018")
        }
    }

    @Test func `no second order, and none that differs`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2]])
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            #expect(try await attack(desk, Self.orderSQL) == "CS018")
            try await desk.run(
                """
                INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method)
                SELECT gen_random_uuid(), id, '\(desk.ben.id)', 'approve', order_hash, 'session' FROM proposals
                """)
            let bigger = Self.orderSQL.replacing(
                "side, qty, notional, is_reducing,\n    order_hash, '{}'",
                with: "side, qty * 2, notional, is_reducing,\n    order_hash, '{}'")
            #expect(bigger != Self.orderSQL)
            #expect(try await attack(desk, bigger) == "CS012")
            #expect(try await attack(desk, Self.orderSQL) == nil)
            #expect(try await attack(desk, Self.orderSQL) == "23505")
        }
    }

    @Test func `one claim, and one order at the broker`() async throws {
        try await GateFixture.with { desk in
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            func claim(_ generation: Int, by worker: String) -> String {
                """
                UPDATE orders SET state = 'submitting', claim_generation = \(generation), claimed_by = \(worker),
                    claimed_at = now()
                """
            }
            #expect(try await attack(desk, claim(2, by: "'w1'")) == "CS022")
            #expect(try await attack(desk, claim(1, by: "NULL")) == "CS022")
            #expect(try await attack(desk, claim(1, by: "'w1'")) == nil)
            for (change, code) in [
                ("claim_generation = 2, claimed_by = 'w2'", "CS022"),
                ("claimed_at = now() + interval '1 s'", "CS022"),
                ("claim_generation = 0", "CS001"), ("state = 'released'", "CS017"),
                ("client_order_id = 'cs-other'", "CS001"),
            ] {
                #expect(try await attack(desk, "UPDATE orders SET \(change)") == code, "\(change)")
            }
            #expect(try await attack(desk, "UPDATE orders SET broker_order_id = 'b1'") == nil)
            for other in ["'b2'", "NULL"] {
                #expect(
                    try await attack(desk, "UPDATE orders SET broker_order_id = \(other)") == "CS001",
                    "\(other)")
            }
        }
    }

    @Test func `no two orders as one at the broker`() async throws {
        try await GateFixture.with { desk in
            for qty in ["4", "5"] {
                try await desk.decide(
                    .approve, desk.propose(["qty": .string(qty)]).view, by: desk.alice)
            }
            let claim = """
                UPDATE orders SET state = 'submitting', claim_generation = 1, claimed_by = 'w1', claimed_at = now()
                """
            #expect(try await attack(desk, claim) == nil)
            let name = "UPDATE orders SET broker_order_id = 'b1'"
            #expect(try await attack(desk, name) == "23505")
            #expect(try await attack(desk, "\(name) WHERE qty = 4") == nil)
            #expect(try await attack(desk, "\(name) WHERE qty = 5") == "23505")
        }
    }

    @Test func `no decision by those who may not, too late, on another order, or twice`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            func decide(_ person: Person, hash: String = "order_hash", at: String = "now()") -> String {
                """
                INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method, decided_at)
                SELECT gen_random_uuid(), id, '\(person.id)', 'approve', \(hash), 'session', \(at) FROM proposals
                """
            }
            #expect(try await attack(desk, decide(desk.viewer)) == "CS013")
            #expect(try await attack(desk, decide(desk.alice, hash: "'00'")) == "CS012")
            try await desk.passDeadline(view.record.id)
            #expect(try await attack(desk, decide(desk.alice, at: "now() - interval '1 hour'")) == "CS011")
        }
    }

    @Test func `what was decided and written stays`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            for sql in [
                "UPDATE decisions SET verdict = 'reject'", "DELETE FROM decisions",
                "TRUNCATE decisions CASCADE",
                "UPDATE journal SET data = '{}'", "DELETE FROM journal", "TRUNCATE journal CASCADE",
                "DELETE FROM orders", "UPDATE policies SET document = '{}'",
                "DROP TRIGGER guard_new ON orders", "ALTER TABLE orders DISABLE TRIGGER ALL",
                "SET LOCAL session_replication_role = replica", "DELETE FROM halts",
                "DELETE FROM proposal_terms", "DELETE FROM proposal_states", "TRUNCATE proposal_states",
                "INSERT INTO proposal_states SELECT gen_random_uuid(), 0, 'pending', 'A', 'buy', NULL, now()",
            ] {
                #expect(try await attack(desk, sql) == "42501", "\(sql)")
            }
            #expect(try await attack(desk, "UPDATE orders SET qty = qty * 2") == "CS001")
            #expect(
                try await desk.count(
                    """
                    SELECT count(*)
                    FROM orders o
                    JOIN proposals p ON p.id = o.proposal_id
                    WHERE o.keenness = 118.20 AND o.keenness = p.keenness
                    """) == 1)
            for sql in [
                "UPDATE proposal_states SET state = 'expired'", "UPDATE proposal_states SET reason = 'x'",
            ] {
                let state = try await attack(desk, sql)
                #expect(["CS001", "CS017"].contains(state), "\(sql): \(state ?? "done")")
            }
            #expect(try await attack(desk, "UPDATE proposal_terms SET symbol = 'AAPL'") == "CS001")
            // Both together are only read.
            for sql in [
                "UPDATE proposals SET state = 'expired'", "DELETE FROM proposals",
                "INSERT INTO proposals SELECT * FROM proposals",
            ] {
                #expect(["55000", "42501"].contains(try await attack(desk, sql)), "\(sql)")
            }
            #expect(
                try await attack(desk, "UPDATE orders SET state = 'filled', finished_at = now()") == "CS017")
            #expect(
                try await ProposalReading(desk.context).find(view.record.id)?.record.orderState == .released)
        }
    }

    /// A temporary table hides one of the same name from the statements of its session.
    @Test func `no temporary table shows the guards what is not there`() async throws {
        try await GateFixture.with { desk in
            try await desk.propose()
            // Here the application may make some, as where the owner of the tables is not that of the database.
            try await desk.run(
                """
                DO $$ BEGIN
                EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO countersign_app', current_database());
                END $$
                """)
            for (table, code) in [
                ("decisions", "CS018"), ("proposals", "CS018"), ("proposal_terms", "CS018"),
                ("signing_keys", "CS018"),
            ] {
                let scene = """
                    CREATE TEMPORARY TABLE \(table) ON COMMIT DROP AS SELECT * FROM public.\(table);
                    """
                let votes = """
                    INSERT INTO pg_temp.decisions
                    SELECT gen_random_uuid(), p.id, u.id, 'approve', p.order_hash, NULL, 'session', now()
                    FROM public.proposals p, public.users u
                    WHERE u.role = 'approver';
                    """
                let ballot = table == "decisions" ? votes : ""
                let attempt = "DO $$ BEGIN \(scene) \(ballot) \(Self.orderSQL); END $$"
                #expect(try await attack(desk, attempt) == code, "\(table)")
            }
            let states = """
                DO $$ BEGIN
                CREATE TEMPORARY TABLE proposal_states ON COMMIT DROP AS SELECT * FROM public.proposal_states;
                GRANT ALL ON pg_temp.proposal_states TO PUBLIC;
                UPDATE proposal_terms SET qty = qty - 1, canonical_order = 'x', order_hash = encode(sha256('x'), 'hex');
                UPDATE proposal_terms SET expires_at = expires_at + interval '1 hour';
                END $$
                """
            #expect(try await attack(desk, states) == "CS001")
            #expect(try await desk.count("SELECT count(*) FROM proposal_states WHERE state = 'pending'") == 1)
        }
    }

    @Test func `an expiry is the guard's business before its time and where it changes more`() async throws {
        try await GateFixture.with { desk in
            let id = try await desk.propose().view.record.id
            let ended = "state = 'expired', decided_by = 'x', decided_at = now()"
            #expect(try await attack(desk, "UPDATE proposal_states SET \(ended)") == "CS011")
            try await desk.passDeadline(id)
            for more in [
                "symbol = 'AAPL'", "side = 'sell'", "keenness = 1", "keenness = NULL", "sequence = 0",
                "proposal_id = gen_random_uuid()", "expires_at = now() + interval '1 hour'",
            ] {
                #expect(
                    try await attack(desk, "UPDATE proposal_states SET \(ended), \(more)") == "CS001",
                    "\(more)")
            }
            #expect(try await attack(desk, "UPDATE proposal_states SET \(ended)") == nil)
            #expect(try await attack(desk, "UPDATE proposal_states SET \(ended)") == "CS001")
        }
    }

    @Test func `a proposal begins as its checks say, and what was proposed keeps its row`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose(["qty": "1"]).view
            try await desk.propose(["qty": "100000"])
            let rows = "SELECT count(*) FROM proposals WHERE is_blocked = (state = 'blocked')"
            #expect(try await desk.count(rows + " AND is_blocked = (reason IS NOT NULL)") == 2)
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM proposals WHERE is_blocked AND decided_at = created_at") == 1)
            // A state is not for whoever proposes to choose, and what it becomes writes no new version of the wide row.
            let row = "SELECT xmin::text::bigint AS count FROM proposal_terms WHERE NOT is_blocked"
            let before = try await desk.count(row)
            try await desk.decide(.reject, view, by: desk.alice)
            #expect(try await desk.count(row) == before)
        }
    }

    @Test func `a reduction and a change of state never pass each other by`() async throws {
        try await GateFixture.with { desk in
            let id = try await desk.propose(["qty": "10"]).view.record.id
            let reduce = """
                UPDATE proposal_terms
                SET qty = 1, notional = 1, canonical_order = 'x', order_hash = encode(sha256('x'), 'hex')
                WHERE id = '\(id)'
                """
            let withdraw = "UPDATE proposal_states SET state = 'withdrawn', decided_at = now()"
            // Both in one statement: each would be counted by what the other leaves behind.
            let both =
                "WITH reduced AS (\(reduce) RETURNING id) \(withdraw) FROM reduced WHERE proposal_id = id"
            #expect(try await attack(desk, both) == "27000")
            // By a snapshot from before the reduction, and as if no guard forbade that.
            let pool = desk.pool
            let late = await #expect(throws: PostgresError.self) {
                try await pool.transaction(isolation: .repeatableRead) { session in
                    try session.query("SELECT FROM proposal_states")
                    let other = try PostgresSession.standalone(pool.configuration)
                    try other.query(reduce)
                    try session.query(
                        "ALTER TABLE proposal_states DISABLE TRIGGER guard_isolation")
                    try session.query(withdraw)
                }
            }
            #expect(late?.sqlState == "40001")
            #expect(
                try await desk.count("SELECT count(*) FROM proposals WHERE state = 'pending' AND qty = 1")
                    == 1)
            // A sweep that began before a reduction leaves the row to the next one, which tells of what stands there.
            try await desk.passDeadline(id)
            #expect(try await Expiry(desk.context).sweep() == 1)
            #expect(
                try await desk.count(
                    """
                    SELECT count(*)
                    FROM journal j
                    JOIN proposals p ON j.subject = 'proposal:' || p.id
                    WHERE j.kind = 'proposal.expired' AND j.data::jsonb ->> 'order_hash' = p.order_hash
                    """) == 1)
            let left =
                "SELECT count(*) FROM (SELECT sum(opening_qty) AS qty FROM (SELECT opening_qty FROM exposure"
                + " UNION ALL SELECT opening_qty FROM exposure_changes) AS parts) AS total WHERE qty = 0"
            #expect(try await desk.count(left) == 1)
        }
    }

    @Test func `what guards look at is the newest, or nothing is written`() async throws {
        try await GateFixture.with { desk in
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            for isolation in ["REPEATABLE READ", "SERIALIZABLE"] {
                for sql in [
                    "UPDATE proposal_terms SET notional = notional",
                    "UPDATE proposal_states SET state = 'expired'",
                    "INSERT INTO decisions SELECT * FROM decisions", "UPDATE orders SET state = 'lapsed'",
                    Self.orderSQL,
                    "INSERT INTO proposal_terms (id) VALUES (gen_random_uuid())",
                ] {
                    let error = await #expect(throws: PostgresError.self) {
                        try await desk.pool.transaction { session in
                            _ = try session.execute("SET TRANSACTION ISOLATION LEVEL \(isolation)")
                            _ = try session.execute("SET LOCAL ROLE countersign_app")
                            _ = try session.execute(sql)
                        }
                    }
                    #expect(error?.databaseGuard == .staleReads, "\(sql)")
                }
            }
        }
    }

    @Test func `no column of a proposal but those of its way changes`() async throws {
        try await GateFixture.with { desk in
            try await desk.propose()
            let own = [
                "proposal_states.state", "proposal_terms.qty", "proposal_terms.notional",
                "proposal_terms.canonical_order",
                "proposal_terms.order_hash",
            ]
            let columns = try await desk.pool.withSession { session in
                try session.query(
                    """
                    SELECT table_name::text, column_name::text, data_type::text
                    FROM information_schema.columns
                    WHERE table_name IN ('proposal_terms', 'proposal_states') AND is_generated = 'NEVER'
                    """
                ).map { (try $0.text("table_name"), try $0.text("column_name"), try $0.text("data_type")) }
            }.filter { !own.contains("\($0.0).\($0.1)") }
            #expect(columns.count > 30)
            for (table, name, type) in columns {
                let value =
                    switch type {
                    case "uuid": "gen_random_uuid()"
                    case "text": "'gtc'"
                    case "numeric", "integer", "smallint", "bigint": "7"
                    case "boolean": "NOT \(name)"
                    case "bytea": "sha256('x')"
                    case "timestamp with time zone": "coalesce(\(name), now()) + interval '1 hour'"
                    default: "'[]'"
                    }
                let state = try await attack(desk, "UPDATE \(table) SET \(name) = \(value)")
                #expect(
                    ["CS001", "42501", "428C9"].contains(state), "\(table).\(name): \(state ?? "changed")")
            }
        }
    }

    @Test func `nothing points to what is not there`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            let columns = try await desk.pool.withSession { session in
                try session.query(
                    """
                    SELECT column_name::text
                    FROM information_schema.columns
                    WHERE table_name = 'proposal_terms' AND is_generated = 'NEVER' AND column_name <> 'sequence'
                    """
                ).map { try $0.text("column_name") }
            }
            func copy(_ changes: [String: String]) -> String {
                let own = changes.merging(["id": "gen_random_uuid()", "idempotency_key": "NULL"]) { one, _ in
                    one
                }
                let values = columns.map { own[$0] ?? $0 }.joined(separator: ", ")
                return
                    "INSERT INTO proposal_terms (\(columns.joined(separator: ", "))) SELECT \(values) FROM proposal_terms"
            }
            for change in [
                ["policy_version": "999"], ["proposer_key_id": "gen_random_uuid()"],
                ["proposer_user_id": "gen_random_uuid()"],
            ] {
                #expect(try await attack(desk, copy(change)) == "23503", "\(change)")
            }
            #expect(try await attack(desk, copy([:])) == nil)
            func decide(proposal: String, person: String) -> String {
                """
                INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method)
                VALUES (gen_random_uuid(), \(proposal), \(person), 'approve', '\(view.record.orderHash)', 'session')
                """
            }
            let (known, nobody) = ("'\(view.record.id)'", "gen_random_uuid()")
            #expect(try await attack(desk, decide(proposal: nobody, person: "'\(desk.alice.id)'")) == "CS010")
            #expect(try await attack(desk, decide(proposal: known, person: nobody)) == "CS013")
            try await desk.run(decide(proposal: known, person: "'\(desk.alice.id)'"))
            let order = Self.orderSQL + " WHERE id = \(known)"
            #expect(
                try await attack(
                    desk, order.replacing("gen_random_uuid(), id", with: "gen_random_uuid(), \(nobody)"))
                    == "CS020")
            try await desk.run(
                "INSERT INTO signing_keys (key_id, public_key) SELECT 'k', sha256('k') WHERE NOT EXISTS (SELECT FROM signing_keys)"
            )
            #expect(
                try await attack(
                    desk, order.replacing("(SELECT key_id FROM signing_keys)", with: "'nobody''s'"))
                    == "23503")
        }
    }

    @Test func `what a claim, an approval and a limit rest on cannot be bent`() async throws {
        try await GateFixture.with { desk in
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            #expect(try await attack(desk, "UPDATE orders SET claimed_by = 'mallory'") == "CS022")
            #expect(try await attack(desk, "UPDATE orders SET approved_price = 1") == "CS001")
            let waiting = try await desk.propose(["qty": "1", "symbol": "AAPL"]).view
            let its = "WHERE id = '\(waiting.record.id)'"
            for change in [
                "validity_minutes = 525600", "proposer_name = 'x'", "tier = 'x'", "approvals_required = 2",
            ] {
                #expect(
                    try await attack(desk, "UPDATE proposal_terms SET \(change) \(its)") == "CS001",
                    "\(change)")
            }
            #expect(try await attack(desk, "UPDATE proposal_terms SET notional = 1 \(its)") == "CS016")
        }
    }

    @Test func `the owner's own statements are refused too`() async throws {
        try await GateFixture.with { desk in
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            for sql in [
                "UPDATE decisions SET verdict = 'reject'", "DELETE FROM decisions",
                "TRUNCATE decisions CASCADE",
                "UPDATE journal SET data = '{}'", "DELETE FROM journal WHERE id > 0",
                "TRUNCATE journal CASCADE",
                "DELETE FROM orders", "TRUNCATE orders CASCADE", "TRUNCATE fills", "TRUNCATE halts",
                "TRUNCATE policies", "TRUNCATE signing_keys", "TRUNCATE deployment", "TRUNCATE users CASCADE",
                "TRUNCATE api_keys CASCADE",
            ] {
                await #expect(throws: PostgresError.self, "\(sql)") { try await desk.run(sql) }
            }
        }
    }

    @Test func `nothing is claimed while halted, or after the approval ran out`() async throws {
        try await GateFixture.with { desk in
            try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            let claim = """
                UPDATE orders SET state = 'submitting', claim_generation = 1, claimed_by = 'w1', claimed_at = now()
                """
            try await desk.run(
                """
                INSERT INTO halts (id, scope, target, cause, reason, allows_reducing, opened_by)
                VALUES (gen_random_uuid(), 'symbol', 'NVDA', 'manual', 'drill', false, 'test')
                """)
            #expect(try await attack(desk, claim) == "CS021")
            #expect(try await attack(desk, "UPDATE halts SET reason = 'x'") == "CS001")
        }
    }

    @Test func `the rules of Domain and of the database agree on every step`() async throws {
        try await GateFixture.with { desk in
            for from in ProposalState.allCases {
                for to in ProposalState.allCases {
                    let allowed = try await desk.count(
                        "SELECT proposal_may_become('\(from.rawValue)', '\(to.rawValue)')::int AS count")
                    #expect((allowed == 1) == from.mayBecome(to), "\(from) to \(to)")
                }
            }
            for from in OrderState.allCases {
                for to in OrderState.allCases {
                    let allowed = try await desk.count(
                        "SELECT order_may_become('\(from.rawValue)', '\(to.rawValue)')::int AS count")
                    #expect((allowed == 1) == from.mayBecome(to), "\(from) to \(to)")
                }
            }
        }
    }
}
