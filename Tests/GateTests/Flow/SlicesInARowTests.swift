import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Synchronization
import Testing

/// Slices of one group, written one behind the other while the next are judged.
@Suite(.timeLimit(.minutes(10)))
struct SlicesInARowTests {
    private typealias Wish = GateFixture.Wish

    private static func symbol(_ number: Int) -> String {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        return "X\(letters[number / 26 % 26])\(letters[number % 26])"
    }

    @Test(arguments: [256, 3])
    func `everybody is answered once, and each is stored once`(groupLimit: Int) async throws {
        try await GateFixture.with { desk in
            try await desk.applyOpenPolicy()
            try await SliceLog.keep(desk)
            let clients = (0..<5).map { client in
                (0..<70).map { number in
                    Wish(
                        changes: ["qty": "1", "symbol": .string(Self.symbol(number * 5 + client))],
                        key: "\(client)-\(number)")
                }
            }
            let answers = try await desk.propose(clients, Admission(desk.context, groupLimit: groupLimit))
            for (wishes, answers) in zip(clients, answers) {
                for (wish, answer) in zip(wishes, answers) {
                    let admitted = try answer.get()
                    #expect(!admitted.isReplay && admitted.view.record.state == .pending)
                    #expect(admitted.view.record.terms.symbol == wish.changes["symbol"]?.stringValue)
                }
            }
            let ids = Set(try answers.joined().map { try $0.get().view.record.id })
            #expect(ids.count == 350 && answers.allSatisfy { $0.count == 70 })
            for sql in [
                "SELECT count(*) FROM proposals WHERE state = 'pending'",
                "SELECT count(DISTINCT idempotency_key) FROM proposals",
                "SELECT count(DISTINCT subject) FROM journal WHERE kind = 'proposal.created'",
                "SELECT count(*) FROM journal", "SELECT max(sequence) AS count FROM proposals",
                "SELECT count(*) FROM deliveries WHERE kind = 'approval-requested'",
            ] {
                #expect(try await desk.count(sql) == 350, "\(sql)")
            }
            let slices = try await SliceLog.slices(desk)
            #expect(slices.all > 64 && slices.inOneGroup <= 16)
            // Nobody waited for the lock, so it was kept for more than four.
            if groupLimit > 64 { #expect(slices.inOneGroup > 4) }
        }
    }

    @Test func `whoever waits for the lock gets it after four more slices`() async throws {
        try await GateFixture.with { desk in
            try await desk.applyOpenPolicy()
            try await SliceLog.keep(desk)
            let admission = Admission(desk.context)
            let end = End()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for client in 0..<4 {
                    group.addTask {
                        var number = 0
                        while !end.hasCome {
                            number += 1
                            try await desk.propose(
                                ["qty": "1"], key: "\(client)-\(number)", admission: admission)
                        }
                    }
                }
                group.addTask {
                    defer { end.come() }
                    for turn in 1...12 {
                        // Somewhere in the middle of a group.
                        let slices = try await SliceLog.slices(desk).all
                        while try await SliceLog.slices(desk).all < slices + 3 + turn {}
                        try await desk.pool.transaction { session in
                            if turn.isMultiple(of: 2) {
                                try AccountLock.shared(in: session)
                            } else {
                                try AccountLock.exclusive(in: session)
                            }
                            try session.execute(
                                "INSERT INTO slice_log (kind, is_awaited) VALUES ('taker', false)")
                        }
                    }
                }
                try await group.waitForAll()
            }
            let log = try await SliceLog.lines(desk)
            #expect(log.count { $0.kind == "taker" } == 12)
            var waited = 0
            for line in log {
                if line.kind == "taker" {
                    // The one being written when the wait began, and four more.
                    #expect(waited <= 5)
                    waited = 0
                } else if line.isAwaited {
                    waited += 1
                }
            }
            #expect(log.contains { $0.isAwaited })
            #expect(try await SliceLog.slices(desk).inOneGroup > 4)
        }
    }

    @Test func `what slices let in is what the same come to one after the other`() async throws {
        var random = SplitMix64.announced()
        let seed = random.seed
        let clients = (0..<6).map { _ in (0..<30).map { _ in Self.wish(&random) } }
        let together = Mutex<[(wish: [String], outcome: String)]>([])
        try await Self.withTightLimits { desk in
            try await SliceLog.keep(desk)
            try await desk.propose(clients, Admission(desk.context))
            let found = try await Self.outcomes(desk)
            together.withLock { $0 = found }
            let slices = try await SliceLog.slices(desk)
            #expect(slices.all > 20 && slices.inOneGroup > 4, "seed \(seed)")
        }
        let wanted = together.withLock { $0 }
        #expect(wanted.count == 180)
        for code in [
            CheckCode.maxOpenPositions, .maxPositionUSD, .cashReserve, .duplicateWindow, .washTrade,
            .availableQty,
        ] {
            #expect(wanted.contains { $0.outcome.contains(code.rawValue) }, "\(code), seed \(seed)")
        }
        #expect(wanted.contains { !$0.outcome.contains("fail") })
        try await Self.withTightLimits { desk in
            for (wish, _) in wanted {
                try await desk.propose([
                    "symbol": .string(wish[0]), "side": .string(wish[1]), "qty": .string(wish[2]),
                    "limit_price": .string(wish[3]),
                    "stop_loss": wish[1] == "sell" ? nil : ["stop_price": "108.75"],
                ])
            }
            let found = try await Self.outcomes(desk)
            for (place, pair) in zip(wanted, found).enumerated() {
                #expect(pair.0.wish == pair.1.wish, "\(place), seed \(seed)")
                #expect(pair.0.outcome == pair.1.outcome, "\(place): \(pair.0.wish), seed \(seed)")
            }
        }
    }

    private static func withTightLimits(_ body: (GateFixture) async throws -> Void) async throws {
        try await GateFixture.with { desk in
            try await desk.apply([
                "limits": [
                    "max_open_positions": 9, "max_new_positions_per_day": nil,
                    "max_new_positions_per_week": nil, "max_position_usd": 1800, "max_position_pct": nil,
                    "min_position_usd": nil, "max_snapshot_age_seconds": 600,
                    "duplicate_window_seconds": 3600,
                ]
            ])
            try await desk.report(
                cash: "35000",
                positions: .array(
                    ["HELDA", "HELDB"].map { symbol in
                        [
                            "symbol": .string(symbol), "qty": "20", "avg_entry_price": "118.20",
                            "current_price": "118.20",
                        ]
                    }))
            try await body(desk)
        }
    }

    private static func wish(_ random: inout SplitMix64) -> Wish {
        let isHeld = Int.random(in: 0..<3, using: &random) == 0
        let symbol = isHeld ? ["HELDA", "HELDB"].randomElement(using: &random) : nil
        let isSale = isHeld && Bool.random(using: &random)
        return Wish(changes: [
            "symbol": .string(symbol ?? Self.symbol(Int.random(in: 0..<14, using: &random))),
            "side": isSale ? "sell" : "buy",
            "qty": .string(String(Int.random(in: 1...9, using: &random))),
            "limit_price": isSale && Bool.random(using: &random) ? "119.00" : "118.20",
            "stop_loss": isSale ? nil : ["stop_price": "108.75"],
        ])
    }

    /// What was asked for in which order, and what the checks found that refuses it or warns of it.
    private static func outcomes(_ desk: GateFixture) async throws -> [(wish: [String], outcome: String)] {
        try await desk.pool.withSession { session in
            try session.query(
                """
                SELECT symbol, side, qty::text, limit_price::text, coalesce((
                    SELECT string_agg(concat_ws(':', finding ->> 'code', finding ->> 'outcome'), ' '
                        ORDER BY finding ->> 'code')
                    FROM json_array_elements(p.checks) AS finding
                    WHERE finding ->> 'outcome' IN ('fail', 'warn')), '') AS found
                FROM proposals p
                ORDER BY sequence
                """
            ).map { row in
                (
                    try ["symbol", "side", "qty", "limit_price"].map { try row.text($0) },
                    try row.text("found")
                )
            }
        }
    }

    @Test func `a key is one proposal, in one slice, in the next and in later groups`() async throws {
        try await GateFixture.with { desk in
            try await desk.applyOpenPolicy()
            try await SliceLog.keep(desk)
            // Each begins elsewhere, so that the same key comes in the same slice, in the next and much later.
            let clients = (0..<6).map { client in
                (0..<40).map { Wish(key: "k\((client / 2 * 3 + $0) % 40)") }
            }
            let answers = try await desk.propose(clients, Admission(desk.context))
            var ids: [String: Set<Identifier>] = [:]
            var firsts: [String: Int] = [:]
            for (wish, answer) in zip(clients.joined(), answers.joined()) {
                let admitted = try answer.get()
                ids[wish.key ?? "", default: []].insert(admitted.view.record.id)
                firsts[wish.key ?? "", default: 0] += admitted.isReplay ? 0 : 1
            }
            #expect(ids.count == 40 && ids.values.allSatisfy { $0.count == 1 })
            #expect(firsts.values.allSatisfy { $0 == 1 })
            #expect(try await desk.count("SELECT count(*) FROM proposals") == 40)
            // None was tried, refused by the database and done again.
            #expect(try await desk.count("SELECT max(sequence) AS count FROM proposals") == 40)
        }
    }

    @Test func `a bad one fails alone, also where slices of its group are stored already`() async throws {
        try await GateFixture.with { desk in
            try await desk.applyOpenPolicy()
            try await SliceLog.keep(desk)
            try await desk.run(
                """
                CREATE SEQUENCE late;
                CREATE FUNCTION refuse_bad() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF (SELECT last_value FROM slices_of_group) >= 2 THEN PERFORM nextval('late'); END IF;
                    RAISE EXCEPTION 'bad' USING ERRCODE = '23514';
                END $$;
                CREATE TRIGGER refuse_bad BEFORE INSERT ON proposal_terms FOR EACH ROW WHEN (NEW.strategy = 'bad')
                    EXECUTE FUNCTION refuse_bad()
                """)
            let clients = (0..<6).map { client in
                (0..<60).map { number in
                    let kind = (client * 5 + number) % 29
                    return Wish(
                        changes: ["qty": "1", "strategy": kind == 0 ? "bad" : "momentum"],
                        key: kind == 14 ? "nul\0\(client)-\(number)" : "\(client)-\(number)")
                }
            }
            let answers = try await desk.propose(clients, Admission(desk.context))
            var good = 0
            for (wish, answer) in zip(clients.joined(), answers.joined()) {
                let isBad = wish.changes["strategy"] == "bad"
                let isUnsendable = wish.key?.contains("\0") == true
                switch answer {
                case .success(let admitted):
                    #expect(!isBad && !isUnsendable && !admitted.isReplay)
                    good += 1
                case .failure(let error):
                    let kind = (error as? PostgresError)?.kind
                    #expect(isBad && kind == .server || isUnsendable && kind == .parameter, "\(error)")
                }
            }
            #expect(good > 300)
            for sql in [
                "SELECT count(*) FROM proposals", "SELECT count(DISTINCT idempotency_key) FROM proposals",
                "SELECT count(*) FROM journal", "SELECT count(DISTINCT subject) FROM journal",
                "SELECT count(*) FROM deliveries",
            ] {
                #expect(try await desk.count(sql) == good, "\(sql)")
            }
            #expect(try await desk.count("SELECT is_called::int AS count FROM late") == 1)
        }
    }

    @Test func `a connection that breaks anywhere leaves everybody answered and nothing stored twice`()
        async throws
    {
        try await GateFixture.with { desk in
            try await desk.applyOpenPolicy()
            try await SliceLog.keep(desk)
            // It breaks while a slice is written, while it is committed, and at any time.
            try await desk.run(
                """
                CREATE SEQUENCE breaks;
                CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF nextval('breaks') % TG_ARGV[0]::int = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()); END IF;
                    RETURN NULL;
                END $$;
                CREATE TRIGGER break AFTER INSERT ON proposal_terms FOR EACH STATEMENT EXECUTE FUNCTION break(13);
                CREATE CONSTRAINT TRIGGER break_late AFTER INSERT ON journal DEFERRABLE INITIALLY DEFERRED
                    FOR EACH ROW EXECUTE FUNCTION break(17)
                """)
            let admission = Admission(desk.context)
            let end = End()
            let killer = Task {
                while !end.hasCome {
                    let slices = try await SliceLog.slices(desk).all
                    try await desk.pool.withSession { session in
                        try session.query(
                            """
                            SELECT pg_terminate_backend(pid)
                            FROM pg_locks
                            WHERE locktype = 'advisory' AND granted
                              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                            """)
                    }
                    while try await SliceLog.slices(desk).all < slices + 5, !end.hasCome {}
                }
            }
            let found = try await withThrowingTaskGroup(of: [(String, Identifier, Int)].self) { group in
                for client in 0..<5 {
                    group.addTask {
                        var found: [(String, Identifier, Int)] = []
                        for number in 0..<30 {
                            let (id, tries) = try await Self.insist("\(client)-\(number)", desk, admission)
                            found.append(("\(client)-\(number)", id, tries))
                        }
                        return found
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            end.come()
            try await killer.value
            #expect(found.count == 150)
            #expect(found.reduce(0) { $0 + $1.2 } > 150, "nothing broke")
            let stored = try await desk.pool.withSession { session in
                try session.query(
                    """
                    SELECT p.idempotency_key AS key, p.id, count(j.id) AS entries
                    FROM proposals p
                    LEFT JOIN journal j ON j.subject = 'proposal:' || p.id
                    GROUP BY p.idempotency_key, p.id
                    """
                ).map { (try $0.text("key"), try $0.identifier("id"), try $0.int("entries")) }
            }
            #expect(stored.count == 150 && stored.allSatisfy { $0.2 == 1 })
            let byKey = Dictionary(stored.map { ($0.0, $0.1) }) { first, _ in first }
            #expect(found.allSatisfy { byKey[$0.0] == $0.1 })
            #expect(try await desk.count("SELECT count(*) FROM deliveries") == 150)
        }
    }

    /// Proposes under a key until it is answered; the proposal, and how often it was asked for.
    private static func insist(
        _ key: String, _ desk: GateFixture, _ admission: Admission
    ) async throws -> (Identifier, Int) {
        var tries = 0
        while true {
            tries += 1
            do {
                return (
                    try await desk.propose(["qty": "1"], key: key, admission: admission).view.record.id, tries
                )
            } catch let error as PostgresError where error.isConnectionFailure && tries < 200 {}
        }
    }
}

/// When those who go on and on are to stop.
private final class End: Sendable {
    private let isHere = Mutex(false)

    var hasCome: Bool { isHere.withLock { $0 } }
    func come() { isHere.withLock { $0 = true } }
}
