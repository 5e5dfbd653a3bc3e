import Domain
import HTTPServer
import JSON
import Support
import Testing

/// A link may have been passed on: without a session it shows what its message said.
@Suite struct LinkPageTests {
    @Test func `reasons are cut as in the message and scores left out`() async throws {
        try await Desk.with { desk in
            let rationale = "begins " + String(repeating: "word ", count: 300) + "zebra"
            let proposal = try await desk.propose([
                "rationale": .string(rationale), "confidence": 71, "catalyst_score": 83,
            ])
            let link = try await desk.link(to: "alice", for: proposal)
            let bare = try await Browser(desk).open(link)
            #expect(bare.text.contains("begins word") && !bare.text.contains("zebra"))
            let full = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(full.text.contains("word zebra"))
            for hidden in [
                "71 of 100", "83 of 100", "Price then and now", "valued it at", "Moved since", "bid $",
            ] {
                #expect(!bare.text.contains(hidden), "\(hidden)")
            }
            for shown in ["71 of 100", "83 of 100", "Price then and now", "bid $"] {
                #expect(full.text.contains(shown), "\(shown)")
            }
        }
    }

    @Test func `eight warnings of 300 characters are shown`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack(
                unguarded(
                    """
                    UPDATE proposal_terms
                    SET checks = (
                        SELECT jsonb_agg(jsonb_build_object('code', 'max_slippage_pct', 'outcome', 'warn',
                            'detail', 'warning' || number || ' ' || repeat('x', 400) || 'tail'))
                        FROM generate_series(1, 9) AS number)
                    """))
            let bare = try await Browser(desk).open(try await desk.link(to: "alice", for: proposal))
            #expect(bare.text.contains("warning8") && !bare.text.contains("warning9"))
            #expect(!bare.text.contains("tail"))
            let full = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(full.text.contains("warning9") && full.text.contains("tail"))
        }
    }

    @Test func `what an operator wrote shows to people who logged in`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack(
                """
                INSERT INTO halts (id, scope, target, cause, reason, allows_reducing, opened_by)
                VALUES (gen_random_uuid(), 'symbol', 'NVDA', 'manual', 'we lost a lot', false, 'user:olivia'),
                    (gen_random_uuid(), 'symbol', 'TSLA', 'manual', 'A rumour.', false, 'user:olivia')
                """)
            let bare = try await Browser(desk).open(try await desk.link(to: "alice", for: proposal))
            #expect(
                bare.form(to: "/proposals/\(proposal.id)")?.buttons.map(\.1) == ["reject", "reject_pause"])
            #expect(bare.text.contains("Trading is stopped for orders like this one."))
            #expect(!bare.text.contains("we lost a lot"))
            let full = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(full.text.contains("Symbol NVDA is stopped: we lost a lot."))
            #expect(full.text.contains("Symbol NVDA: we lost a lot."))
            #expect(full.text.contains("Symbol TSLA: A rumour.") && !full.text.contains("A rumour.."))
        }
    }
}
