import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// The sums that triggers keep must be the sums that Domain makes of every single commitment.
struct ExposureTests {
    private static let symbols = ExposureWalk.symbols

    @Test func `sums equal the Domain's own over random walks`() async throws {
        var random = SplitMix64.announced()
        try await GateFixture.with { desk in
            try await desk.run(ExposureWalk.unguarded)
            for step in 0..<400 {
                let sql = ExposureWalk.step(&random)
                let shownAt: Timestamp? =
                    Int.random(in: 0..<4, using: &random) == 0 ? nil : Timestamp(seconds: 1_700_000_500)
                let someone = Int.random(in: 0..<2, using: &random) == 0
                let seed = random.seed
                try await desk.pool.withSession { session in
                    try session.script(sql)
                    guard step % 4 == 0 else { return }
                    let own =
                        someone
                        ? try session.query("SELECT id FROM proposals ORDER BY random() LIMIT 1").first
                            .map { (row) throws(PostgresError) in try row.identifier("id") } : nil
                    try Self.compare(own, shownAt, "seed \(seed), step \(step)", in: session)
                }
            }
            // Every proposal has its state, and what it is sought by together with that.
            #expect(
                try await desk.count(
                    """
                    SELECT count(*)
                    FROM proposal_terms p
                    FULL JOIN proposal_states s ON s.proposal_id = p.id
                    WHERE (s.sequence, s.state = 'blocked', s.symbol, s.side, s.keenness, s.expires_at)
                        IS DISTINCT FROM (p.sequence, p.is_blocked, p.symbol, p.side, p.keenness, p.expires_at)
                    """) == 0)
            // Those under way at the end may all have been cancelled.
            #expect(try await desk.count("SELECT count(*) FROM orders WHERE claimed_at IS NOT NULL") > 0)
        }
    }

    @Test func `what two sessions change at once is counted when both have committed`() async throws {
        try await GateFixture.with { desk in
            let one = try await desk.propose(["qty": "10"]).view
            let two = try await desk.propose(["qty": "11"]).view
            async let first = desk.decide(.approve, one, by: desk.alice)
            async let second = desk.decide(.reject, two, by: desk.ben)
            _ = try await (first, second)
            try await desk.pool.withSession { session in
                try Self.compare(nil, nil, "after both", in: session)
                try ExposureStore.fold(in: session)
                try Self.compare(nil, nil, "folded", in: session)
                try Self.compare(one.record.id, nil, "without the first", in: session)
            }
            #expect(try await desk.count("SELECT count(*) FROM exposure_changes") == 0)
        }
    }

    @Test func `a change rolled back is not counted`() async throws {
        struct Stop: Error {}
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            await #expect(throws: Stop.self) {
                try await desk.pool.transaction { session in
                    try ProposalTransitions.end(
                        view.record.id, as: .withdrawn, by: "system", reason: nil, in: session)
                    try ExposureStore.fold(in: session)
                    throw Stop()
                }
            }
            try await desk.pool.withSession { session in
                try Self.compare(nil, nil, "rolled back", in: session)
                let committed = try Self.sums(nil, nil, in: session)
                #expect(committed.openingNotional == ExactDecimal("1182"))
            }
        }
    }

    @Test func `two connections that count opened positions do not wait for each other`() async throws {
        try await withTestDatabase { pool in
            // Two whose numbers meet in any small number of rows.
            var open: [Int: PostgresSession] = [:]
            var pair: (PostgresSession, PostgresSession)?
            while pair == nil {
                let session = try PostgresSession.standalone(pool.configuration)
                pair = open.updateValue(session, forKey: session.processID % 32).map { ($0, session) }
            }
            let (one, other) = try #require(pair)
            try one.script("BEGIN; SELECT count_opened('2026-01-05', 1)")
            try other.script("SET lock_timeout = '5s'; BEGIN; SELECT count_opened('2026-01-05', 1); COMMIT")
            try one.script("COMMIT; SELECT count_opened('2026-01-05', -1)")
            let sum = try one.query("SELECT sum(orders)::bigint AS sum FROM opened_positions").only().int(
                "sum")
            #expect(sum == 1)
        }
    }

    @Test func `the application's role cannot change the sums`() async throws {
        try await GateFixture.with { desk in
            try await desk.propose()
            for sql in [
                "UPDATE exposure SET opening_notional = 0", "DELETE FROM exposure_changes",
                "INSERT INTO opened_positions VALUES ('2026-01-01', 0, -1)",
                "SELECT count_opened('2026-01-01', -1)",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await desk.pool.transaction { session in
                        try session.query("SET LOCAL ROLE countersign_app")
                        try session.query(sql)
                    }
                }
                #expect(error?.sqlState == "42501", "\(sql)")
            }
        }
    }

    // MARK: the comparison

    private static func sums(
        _ own: Identifier?, _ shownAt: Timestamp?, of asked: [String] = symbols, in session: PostgresSession
    ) throws -> CommittedExposure {
        var batch = PostgresBatch()
        let judged = own.map { [$0] } ?? []
        let sums = batch.add(ExposureStore.sums(Set(asked), except: judged))
        let resting = batch.add(ExposureStore.resting(Set(asked), except: judged))
        // Without a time the newest report would count, which here is never the question.
        let underWay = batch.add(
            ExposureStore.underWay(except: judged, shownAt: shownAt ?? Timestamp(seconds: 0)))
        let answers = try session.run(batch)
        return try ExposureStore.Parts(
            sums: try sums(answers), resting: try resting(answers), underWay: try underWay(answers)
        ).committed(shownAlready: [])
    }

    private static func compare(
        _ own: Identifier?, _ shownAt: Timestamp?, _ note: Comment, in session: PostgresSession
    ) throws {
        let wanted = CommittedExposure(try everyCommitment(except: own, shownAt, in: session))
        // All symbols looked at by themselves, some, and none.
        for asked in [symbols, [symbols[1]], []] {
            let found = try sums(own, shownAt, of: asked, in: session)
            #expect(found.reserve == wanted.reserve, note)
            #expect(found.openingNotional == wanted.openingNotional, note)
            #expect(found.symbolsOnlyProposed == wanted.symbolsOnlyProposed, note)
            #expect(found.symbolsReleased == wanted.symbolsReleased, note)
            for symbol in asked { #expect(found[symbol] == wanted[symbol], note) }
        }
    }

    /// What each proposal and order behind a place takes.
    static func everyCommitment(
        except own: Identifier?, _ shownAt: Timestamp?, after sequence: Int = 0, in session: PostgresSession
    ) throws -> [Commitment] {
        let rows = try session.query(
            """
            SELECT p.id, p.client_order_id, p.symbol, p.side, p.qty, p.type, p.limit_price,
                p.stop_loss_stop_price, p.take_profit_limit_price,
                p.is_reducing, p.notional, p.qty AS whole, o.id IS NULL AS is_proposed,
                CASE WHEN o.id IS NULL THEN p.qty WHEN o.finished_at IS NOT NULL THEN o.filled_qty
                    WHEN o.last_report_at < $2::timestamptz THEN o.qty - o.filled_qty ELSE o.qty END AS remaining
            FROM proposals p
            LEFT JOIN orders o ON o.proposal_id = p.id
            WHERE p.id IS DISTINCT FROM $1::uuid AND p.sequence > $3
              AND (p.state IN ('pending', 'approved') OR (o.id IS NOT NULL AND (o.finished_at IS NULL
                OR (o.filled_qty > 0 AND o.finished_at > coalesce($2::timestamptz, '-infinity')))))
            """, [.optional(own), .optional(shownAt), sequence.postgresValue])
        return try rows.map { row in
            let terms = OrderTerms(
                symbol: try row.text("symbol"), side: try row.word("side"),
                qty: try row.decimal("remaining"), type: try row.word("type"),
                limitPrice: try row.optionalDecimal("limit_price"), timeInForce: .day,
                stopLoss: try row.optionalDecimal("stop_loss_stop_price").map {
                    StopLoss(stopPrice: $0, limitPrice: nil)
                },
                takeProfitLimitPrice: try row.optionalDecimal("take_profit_limit_price"))
            return Commitment(
                terms: terms, reference: try row.decimal("notional").divided(by: try row.decimal("whole")),
                isReducing: try row.bool("is_reducing"),
                stage: try row.bool("is_proposed") ? .proposed : .released,
                proposalID: try row.identifier("id"), clientOrderID: try row.text("client_order_id"))
        }.filter { $0.qty.isPositive }
    }
}
