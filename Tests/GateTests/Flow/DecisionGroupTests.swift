import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

/// Decisions of one transaction are what they would be one after the other, and none of them harms another.
struct DecisionGroupTests {
    private static let symbols = ["AAPL", "AMD", "MSFT", "NVDA", "TSLA", "INTC", "ORCL", "QCOM"]

    /// Limits that all these proposals fit into.
    private static let limits: JSONObject = [
        "max_position_usd": "1000000", "max_position_pct": "0.9", "max_open_positions": 100,
        "max_new_positions_per_day": 100, "max_new_positions_per_week": 100,
    ]
    private static let wide: JSONValue = ["limits": .object(limits)]

    /// Decides all at once, on one queue; a view or a refusal for each.
    private func decideAll(
        _ desk: GateFixture, _ asked: [(verdict: Verdict, view: ProposalView, person: Person)]
    ) async -> [Result<ProposalView, any Error>] {
        let deciding = Deciding(desk.context)
        return await withTaskGroup(of: (Int, Result<ProposalView, any Error>).self) { group in
            for (place, (verdict, view, person)) in asked.enumerated() {
                group.addTask {
                    do {
                        let request = DecisionRequest(
                            proposalID: view.record.id, verdict: verdict, orderHash: view.record.orderHash)
                        return (
                            place, .success(try await deciding.decide(request, by: person, method: .session))
                        )
                    } catch {
                        return (place, .failure(error))
                    }
                }
            }
            var results = [Result<ProposalView, any Error>?](repeating: nil, count: asked.count)
            for await (place, result) in group { results[place] = result }
            return results.compactMap { $0 }
        }
    }

    /// Proposals in different symbols, each of `qty` shares at $118.20.
    private func propose(_ desk: GateFixture, qty: String = "1", symbols: [String] = symbols) async throws
        -> [ProposalView]
    {
        var views: [ProposalView] = []
        for symbol in symbols {
            views.append(try await desk.propose(["symbol": .string(symbol), "qty": .string(qty)]).view)
        }
        return views
    }

    private func codes(_ results: [Result<ProposalView, any Error>]) -> [RefusalCode] {
        results.compactMap { result in
            guard case .failure(let error as Refusal) = result else { return nil }
            return error.code
        }
    }

    private func states(_ results: [Result<ProposalView, any Error>]) -> [ProposalState] {
        results.compactMap { try? $0.get().record.state }
    }

    @Test func `many at once are each released once, and the answer is what is stored`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(Self.wide)
            let views = try await propose(desk)
            let asked = views.enumerated().map { place, view in
                (verdict: place % 3 == 0 ? Verdict.reject : .approve, view: view, person: desk.alice)
            }
            let results = await decideAll(desk, asked)
            #expect(states(results).count { $0 == .released } == 5)
            #expect(states(results).count { $0 == .rejected } == 3)
            for result in results {
                let view = try result.get()
                let stored = try #require(try await ProposalReading(desk.context).find(view.record.id))
                #expect(stored.json == view.json)
            }
            #expect(try await desk.count("SELECT count(*) FROM orders") == 5)
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 8)
            let kinds = "'proposal.approved', 'proposal.rejected', 'proposal.released'"
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind IN (\(kinds))") == 13)
            #expect(
                try await desk.count(
                    """
                    SELECT count(*) FROM journal AS later
                    JOIN journal AS earlier ON earlier.subject = later.subject AND earlier.kind = 'proposal.approved'
                    WHERE later.kind = 'proposal.released' AND earlier.id < later.id
                    """) == 5)
        }
    }

    /// Two groups run at a time, and one that judges while the other commits may count a release twice, never not at all:
    /// so at the very limit an approval may be refused beside another one, and what is released never exceeds it.
    @Test func `what a release takes is gone for the others`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["limits": ["max_new_positions_per_day": 3]])
            let views = try await propose(desk, symbols: Array(Self.symbols.prefix(3)))
            let results = await decideAll(desk, views.map { (.approve, $0, desk.alice) })
            #expect(states(results).allSatisfy { $0 == .released || $0 == .refused })
            let released = states(results).count { $0 == .released }
            #expect((1...3).contains(released) && results.count == 3)
            for symbol in Self.symbols[3..<(6 - released)] {
                let view = try await desk.propose(["symbol": .string(symbol)]).view
                #expect(try await desk.decide(.approve, view, by: desk.alice).record.state == .released)
            }
            #expect(try await desk.propose(["symbol": "ORCL"]).view.record.state == .blocked)
        }
    }

    @Test func `what is refused is free again for the next, and no more than that`() async throws {
        try await GateFixture.with { desk in
            var limits = Self.limits
            limits["cash_reserve_min_pct"] = "0.1"
            try await desk.apply(["limits": .object(limits)])
            let views = try await propose(desk, qty: "100", symbols: Array(Self.symbols.prefix(4)))
            #expect(views.allSatisfy { $0.record.state == .pending })
            // Beside $10,000 that stay, three of four orders of $11,820 can be paid.
            try await desk.report(equity: "100000", cash: "52000")
            let results = await decideAll(desk, views.map { (.approve, $0, desk.alice) })
            let released = states(results).count { $0 == .released }
            #expect((1...3).contains(released))
            #expect(states(results).count { $0 == .refused } == 4 - released)
            #expect(try await desk.count("SELECT count(*) FROM orders") == released)
        }
    }

    @Test func `orders in one symbol are judged one after the other`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(Self.wide)
            let views = try await [1, 2, 3, 4].asyncMap { qty in
                try await desk.propose(["qty": .string("\(qty)")]).view
            }
            let results = await decideAll(desk, views.map { (.approve, $0, desk.ben) })
            #expect(states(results) == [.released, .released, .released, .released])
            #expect(try await desk.count("SELECT count(*) FROM orders WHERE symbol = 'NVDA'") == 4)
        }
    }

    @Test func `two people on one proposal count as two, however they arrive`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2], "limits": .object(Self.limits)])
            let views = try await propose(desk)
            let asked = views.flatMap { [(Verdict.approve, $0, desk.alice), (.approve, $0, desk.ben)] }
            let results = await decideAll(desk, asked.map { (verdict: $0.0, view: $0.1, person: $0.2) })
            #expect(results.count == 16 && codes(results).isEmpty)
            #expect(states(results).count { $0 == .released } == 8)
            #expect(try await desk.count("SELECT count(*) FROM orders") == 8)
            let again = await decideAll(desk, views.map { (.approve, $0, desk.alice) })
            #expect(codes(again) == Array(repeating: .alreadyDecided, count: 8))
        }
    }

    @Test func `a limit for the day is used up once`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(Self.wide)
            try await desk.run("UPDATE users SET max_notional_per_day = 300 WHERE name = 'alice'")
            let views = try await propose(desk)
            let results = await decideAll(desk, views.map { (.approve, $0, desk.alice) })
            #expect(states(results) == [.released, .released])
            #expect(codes(results) == Array(repeating: .notAllowed, count: 6))
        }
    }

    @Test func `who waits for somebody's lock keeps nobody else waiting`() async throws {
        try await GateFixture.with { desk in
            let held = try await desk.propose(key: "held").view
            let free = try await desk.propose(["symbol": "AAPL"], key: "free").view
            let holder = try PostgresSession.standalone(desk.pool.configuration)
            try holder.script("BEGIN; SELECT FROM proposals WHERE id = '\(held.record.id)' FOR UPDATE")
            let deciding = Deciding(desk.context)
            func approve(_ view: ProposalView) async throws -> ProposalState {
                let request = DecisionRequest(
                    proposalID: view.record.id, verdict: .approve, orderHash: view.record.orderHash)
                return try await deciding.decide(request, by: desk.alice, method: .session).record.state
            }
            async let stuck = approve(held)
            while try holder.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'").isEmpty {}
            #expect(try await approve(free) == .released)
            try holder.script("COMMIT")
            #expect(try await stuck == .released)
        }
    }

    @Test func `one that cannot be decided keeps no neighbour from it`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(Self.wide)
            let views = try await propose(desk)
            try await desk.passDeadline(views[1].record.id)
            // The guard refuses this person in the middle of the transaction, where all else was judged sound.
            try await desk.run("UPDATE users SET disabled_at = now() WHERE name = 'ben'")
            var asked = views.map { (verdict: Verdict.approve, view: $0, person: desk.alice) }
            asked[2].person = desk.viewer
            asked[4].person = desk.ben
            let results = await decideAll(desk, asked)
            #expect(states(results).count == 5)
            #expect(Set(codes(results)) == [.expired, .notAllowed])
            #expect(try await desk.count("SELECT count(*) FROM orders") == 5)
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 5)
            #expect(
                try await desk.count("SELECT count(*) FROM proposals WHERE state = 'expired'") == 1)
        }
    }
}

extension Sequence {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async rethrows -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
