import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Synchronization
import Testing

/// The releases that were handed over.
private final class Pushes: Sendable {
    private let taken = Mutex<[PushedRelease]>([])

    var all: [PushedRelease] { taken.withLock { $0 } }

    func take(_ release: PushedRelease) { taken.withLock { $0.append(release) } }
}

struct DecidingTests {
    @Test func `an approval releases a signed order, once`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            #expect(view.record.state == .released)
            #expect(view.record.orderState == .released)
            #expect(view.approvals == 1)
            let row = try await desk.pool.withSession { session in
                let row = try session.query("SELECT document, signature FROM orders").only()
                return (try row.text("document"), try row.bytes("signature"))
            }
            let key = desk.context.secrets.signingKey.publicKey
            #expect(key.verify(row.1, of: Array(row.0.utf8)))
            let document = try JSONParser.parse(row.0)
            #expect(document["approval"]?["decisions"]?[0]?["by"]?.stringValue == "alice")
            let terms = try OrderTerms.parse(document["order"] ?? .null)
            let id = try #require(document["order"]?["client_order_id"]?.stringValue)
            #expect(SHA256.hexadecimal(terms.canonical(clientOrderID: id)) == view.record.orderHash)
            #expect(
                try await desk.count("SELECT count(*) FROM deliveries WHERE kind = 'order-released'") == 1)
            #expect(
                try await refusalCode { try await desk.decide(.reject, view, by: desk.ben) }
                    == .alreadyDecided)
            #expect(try await desk.count("SELECT count(*) FROM orders") == 1)
        }
    }

    @Test(arguments: [Verdict.approve, .reject])
    func `a proposal is decided at the very time of the vote that decides it`(_ verdict: Verdict) async throws
    {
        try await GateFixture.with { desk in
            let view = try await desk.decide(verdict, desk.propose().view, by: desk.alice)
            #expect(view.record.decidedAt == view.decisions.last?.decidedAt)
            let difference =
                "SELECT count(*) FROM proposals p JOIN decisions d ON d.proposal_id = p.id WHERE"
            #expect(try await desk.count("\(difference) p.decided_at = d.decided_at") == 1)
            #expect(
                try await desk.count("\(difference) p.approved_at = d.decided_at")
                    == (verdict == .approve ? 1 : 0))
        }
    }

    @Test func `a release is handed over after the commit, and nobody else takes it meanwhile`() async throws
    {
        try await GateFixture.with { desk in
            let pushed = Pushes()
            var context = desk.context
            context.push = { pushed.take($0) }
            let deciding = Deciding(context)
            func decide(
                _ verdict: Verdict, _ view: ProposalView, by person: Person
            ) async throws -> ProposalView {
                try await deciding.decide(
                    DecisionRequest(
                        proposalID: view.record.id, verdict: verdict, orderHash: view.record.orderHash),
                    by: person, method: .session)
            }
            let other = try await desk.propose(["symbol": "AMD"]).view
            _ = try await decide(.reject, other, by: desk.alice)
            try await desk.apply(["approval": ["approvals": 2]])
            let proposed = try await desk.propose().view
            _ = try await decide(.approve, proposed, by: desk.alice)
            #expect(pushed.all.isEmpty)
            let view = try await decide(.approve, proposed, by: desk.ben)
            let release = try #require(pushed.all.first)
            #expect(pushed.all.count == 1)
            #expect(release.orderID == view.record.orderID)
            let (stored, order, taken) = try await desk.pool.transaction { session in
                (
                    try DeliveryQueries.find(release.record.id, in: session),
                    try ReleasedOrder.find(release.orderID, in: session),
                    try DeliveryClaims.takeForWorker(limit: 10, leaseSeconds: 1, in: session)
                )
            }
            #expect(stored == release.record && stored?.attempts == 1)
            #expect(order == release.order)
            #expect(taken.isEmpty)
            try await desk.run("UPDATE deliveries SET next_attempt_at = now() WHERE destination = 'worker'")
            let late = try await desk.pool.transaction { session in
                try DeliveryClaims.takeForWorker(limit: 10, leaseSeconds: 1, in: session)
            }
            #expect(late.map(\.record.attempts) == [2])
            let wasOurs = try await desk.pool.transaction { session in
                try DeliveryResults.record(.sent(receipt: [:]), of: release.record, in: session)
            }
            #expect(!wasOurs)
        }
    }

    @Test func `what is refused at the release is not handed over`() async throws {
        try await GateFixture.with { desk in
            let proposed = try await desk.propose().view
            try await desk.report(equity: "500", cash: "500")
            var context = desk.context
            context.push = { _ in Issue.record("handed over") }
            let view = try await Deciding(context).decide(
                DecisionRequest(
                    proposalID: proposed.record.id, verdict: .approve, orderHash: proposed.record.orderHash),
                by: desk.alice, method: .session)
            #expect(view.record.state == .refused)
        }
    }

    @Test func `a rejection ends it and nothing is sent`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.decide(.reject, desk.propose().view, by: desk.alice)
            #expect(view.record.state == .rejected)
            #expect(try await desk.count("SELECT count(*) FROM orders") == 0)
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.ben) }
                    == .alreadyDecided)
        }
    }

    @Test func `refuses who may not, another hash, and the proposer`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.viewer) }
                    == .notAllowed)
            let zeros = String(repeating: "0", count: 64)
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.alice, hash: zeros) }
                    == .orderChanged)
            try await desk.run("UPDATE users SET disabled_at = now() WHERE name = 'alice'")
            await #expect(throws: (any Error).self) { try await desk.decide(.approve, view, by: desk.alice) }
            #expect(try await desk.count("SELECT count(*) FROM decisions") == 0)
        }
    }

    @Test func `two people are needed where the policy says so, and one counts once`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2]])
            let proposed = try await desk.propose().view
            let first = try await desk.decide(.approve, proposed, by: desk.alice)
            #expect(first.record.state == .pending)
            #expect(
                try await refusalCode { try await desk.decide(.approve, proposed, by: desk.alice) }
                    == .alreadyDecided)
            let second = try await desk.decide(.approve, proposed, by: desk.ben)
            #expect(second.record.state == .released)
        }
    }

    @Test func `a rejection wins over approvals not yet complete`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2]])
            let proposed = try await desk.propose().view
            try await desk.decide(.approve, proposed, by: desk.alice)
            #expect(try await desk.decide(.reject, proposed, by: desk.ben).record.state == .rejected)
            #expect(try await desk.count("SELECT count(*) FROM orders") == 0)
        }
    }

    @Test func `a decision after the deadline is refused though no sweep has run`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            try await desk.passDeadline(view.record.id)
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.alice) } == .expired)
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'expired'") == 1)
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind = 'proposal.expired'") == 1)
        }
    }

    @Test func `the quantity may be lowered and then has another hash`() async throws {
        try await GateFixture.with { desk in
            let proposed = try await desk.propose().view
            #expect(
                try await refusalCode {
                    try await desk.decide(.approve, proposed, by: desk.alice, qty: ExactDecimal(11))
                }
                    == .validation)
            let view = try await desk.decide(.approve, proposed, by: desk.alice, qty: ExactDecimal(4))
            #expect(view.record.state == .released)
            #expect(view.record.terms.qty == ExactDecimal(4))
            #expect(view.record.orderHash != proposed.record.orderHash)
            #expect(view.record.notional == ExactDecimal("472.8"))
        }
    }

    @Test func `a person's own limits hold`() async throws {
        try await GateFixture.with { desk in
            try await desk.run("UPDATE users SET max_notional = 1000 WHERE name = 'alice'")
            let view = try await desk.propose().view
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.alice) } == .notAllowed
            )
            try await desk.run(
                "UPDATE users SET max_notional = 2000, max_notional_per_day = 1100 WHERE name = 'alice'")
            #expect(
                try await refusalCode { try await desk.decide(.approve, view, by: desk.alice) } == .notAllowed
            )
            #expect(try await desk.decide(.approve, view, by: desk.ben).record.state == .released)
        }
    }

    @Test func `a person's daily limit holds for approvals at once`() async throws {
        try await GateFixture.with { desk in
            try await desk.run("UPDATE users SET max_notional_per_day = 1500 WHERE name = 'alice'")
            let one = try await desk.propose(["qty": "8"], key: "one").view
            let two = try await desk.propose(["qty": "9"], key: "two").view
            try #require(one.record.state == .pending && two.record.state == .pending)
            async let first = refusalCode { try await desk.decide(.approve, one, by: desk.alice) }
            async let second = refusalCode { try await desk.decide(.approve, two, by: desk.alice) }
            let codes = try await [first, second]
            #expect(codes.count { $0 == nil } == 1)
            #expect(codes.contains(.notAllowed))
        }
    }

    @Test func `what fails at release is refused, and says so`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            try await desk.report(equity: "2000", cash: "2000")
            let decided = try await desk.decide(.approve, view, by: desk.alice)
            #expect(decided.record.state == .refused)
            #expect(decided.record.reason?.contains("max_position_pct") == true)
            #expect(try await desk.count("SELECT count(*) FROM orders") == 0)
        }
    }

    @Test func `a closed market holds an approval until it opens or the approval lapses`() async throws {
        try await GateFixture.with { desk in
            let soon = Timestamp(
                seconds: try await Int64(
                    desk.count("SELECT extract(epoch FROM now())::bigint + 600 AS count")))
            try await desk.report(isOpen: false, nextOpen: soon.rfc3339)
            let view = try await desk.propose().view
            #expect(view.record.state == .pending, "\(view.record.reason ?? "")")
            let held = try await desk.decide(.approve, view, by: desk.alice)
            #expect(held.record.state == .approved)
            #expect(try await Releasing(desk.context).releaseHeld() == 0)
            try await desk.report()
            #expect(try await Releasing(desk.context).releaseHeld() == 1)
            #expect(try await ProposalReading(desk.context).find(view.record.id)?.record.state == .released)
        }
    }

    @Test func `an exit whose position is gone does not open one`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["limits": ["stop_loss": ["required": false]]])
            let held: JSONValue = [
                [
                    "symbol": "NVDA", "qty": "10", "market_value": "1182", "side": "long",
                    "qty_available": "10",
                ]
            ]
            try await desk.report(positions: held)
            let view = try await desk.propose(["side": "sell", "stop_loss": nil]).view
            try #require(view.record.state == .pending, "\(view.record.reason ?? "")")
            #expect(view.record.isReducing)
            try await desk.run(
                "UPDATE account_state SET account = jsonb_set(account, '{shorting_enabled}', 'true'), positions = '[]'"
            )
            let decided = try await desk.decide(.approve, view, by: desk.alice)
            #expect(decided.record.state == .refused)
            #expect(decided.record.reason?.contains("available_qty") == true)
        }
    }

    @Test func `an approval can be revoked until the worker claims`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.decide(.approve, desk.propose().view, by: desk.alice)
            let revoked = try await Revoking(desk.context).revoke(
                view.record.id, reason: "too hasty", by: desk.alice)
            #expect(revoked.record.orderState == .revoked)
            let again = try await refusal {
                _ = try await Revoking(desk.context).revoke(view.record.id, reason: nil, by: desk.ben)
            }
            #expect(again?.code == .conflict)
            #expect(again?.detail.hasPrefix("Revoked by alice at ") == true, "\(again?.detail ?? "")")
        }
    }
}
