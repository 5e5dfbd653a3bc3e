import Domain
import Gate
import JSON
import Postgres
import Store
import Support
import Testing

struct WaitingTests {
    private func list(
        _ desk: GateFixture, after place: WaitingProposals.Place? = nil, limit: Int = 10
    ) async throws -> [WaitingProposal] {
        let asking = desk.alice.id
        return try await desk.pool.withSession { session in
            try session.read(WaitingProposals.list(after: place, limit: limit, for: asking))
        }
    }

    @Test func `what waits is listed by deadline, page after page, as a person sees it`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2, "timeout_minutes": 60]])
            let late = try await desk.propose(["qty": "1"]).view
            let soon = try await desk.propose(["qty": "2", "timeout_minutes": 5]).view
            let rejected = try await desk.propose(["qty": "3"]).view
            try await desk.decide(.reject, rejected, by: desk.alice)
            try await desk.decide(.approve, soon, by: desk.alice)
            let first = try #require(try await list(desk, limit: 1).first)
            #expect(first.id == soon.record.id && first.terms == soon.record.terms)
            #expect(first.approvals == 1 && first.hasDecided && first.approvalsRequired == 2)
            #expect(first.checkCode == soon.record.checkCode && first.expiresAt == soon.record.expiresAt)
            let rest = try await list(desk, after: (first.expiresAt, first.sequence))
            #expect(rest.map(\.id) == [late.record.id])
            #expect(rest.first?.approvals == 0 && rest.first?.hasDecided == false)
            let found = late.findings.filter { $0.outcome == .warn || $0.code == .symbolKnown }
            #expect(rest.first?.outlines.map(\.code) == found.map(\.code))
            #expect(rest.first?.outlines.map(\.outcome) == found.map(\.outcome))
        }
    }

    @Test func `one deadline keeps the order of coming, and what is past it is not shown`() async throws {
        try await GateFixture.with { desk in
            var ids: [Identifier] = []
            for qty in ["1", "2", "3"] {
                ids.append(try await desk.propose(["qty": .string(qty)]).view.record.id)
            }
            try await desk.run(
                unguarded("UPDATE proposal_states SET expires_at = (SELECT max(expires_at) FROM proposals)"))
            #expect(try await list(desk).map(\.id) == ids)
            let second = try #require(try await list(desk, limit: 2).last)
            #expect(try await list(desk, after: (second.expiresAt, second.sequence)).map(\.id) == [ids[2]])
            try await desk.passDeadline(ids[0])
            #expect(try await list(desk).map(\.id) == [ids[1], ids[2]])
        }
    }

    @Test func `expiry takes everything that is due, slice by slice, each journalled once`() async throws {
        try await GateFixture.with { desk in
            for number in 1...7 { try await desk.propose(["qty": .string("\(number)")]) }
            try await desk.run(
                unguarded("UPDATE proposal_states SET expires_at = now() - interval '1 second'"))
            #expect(try await Expiry(desk.context).sweep(sliceLimit: 2) == 7)
            #expect(try await Expiry(desk.context).sweep(sliceLimit: 2) == 0)
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'expired'") == 7)
            #expect(
                try await desk.count(
                    """
                    SELECT count(DISTINCT j.subject)
                    FROM journal j
                    JOIN proposals p ON j.subject = 'proposal:' || p.id
                    WHERE j.kind = 'proposal.expired' AND j.data::jsonb ->> 'order_hash' = p.order_hash
                    """) == 7)
            #expect(
                try await desk.count("SELECT count(*) FROM deliveries WHERE kind = 'proposal-expired'") == 7)
        }
    }

    /// The sweep writes its entries in the database, everything else in the program.
    @Test func `an expiry reads the same whoever carries it out`() async throws {
        try await GateFixture.with { desk in
            let order: JSONObject = ["symbol": "BRK.B", "qty": "10.0"]
            let swept = try await desk.propose(order).view.record
            try await desk.passDeadline(swept.id)
            #expect(try await Expiry(desk.context).sweep() == 1)
            let met = try await desk.propose(order.merging(["qty": "12.00"])).view
            try await desk.passDeadline(met.record.id)
            // Whoever comes too late ends it on the way.
            #expect(
                try await refusalCode { try await desk.decide(.approve, met, by: desk.alice) } == .expired)
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'expired'") == 2)
            let entries = try await desk.pool.withSession { session in
                try session.query(
                    """
                    SELECT kind, actor, subject, data
                    FROM journal
                    WHERE kind = 'proposal.expired'
                    ORDER BY id
                    """
                ).map { row in try ["kind", "actor", "subject", "data"].map { try row.text($0) } }
            }
            let expected = [swept, met.record].map { record in
                let data: JSONObject = [
                    "symbol": "BRK.B", "side": "buy", "qty": .string(record.terms.qty.description),
                    "order_hash": .string(record.orderHash),
                ]
                return [
                    "proposal.expired", "system", "proposal:\(record.id)", JSONValue.object(data).canonical(),
                ]
            }
            #expect(entries == expected)
            #expect(
                try await desk.count(
                    """
                    SELECT count(DISTINCT (p.decided_by, p.reason, d.kind, d.priority, d.data, d.destination, d.state))
                    FROM proposals p
                    JOIN deliveries d ON d.proposal_id = p.id AND d.subject = 'proposal:' || p.id
                    WHERE d.kind = 'proposal-expired' AND d.order_id IS NULL AND d.not_after IS NULL
                    """) == 1)
        }
    }
}
