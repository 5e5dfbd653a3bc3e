import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// Everything that competes for one row: one winner, and the others are told the truth.
struct ContestTests {
    @Test func `withdrawal, halt and expiry end what waits`() async throws {
        try await GateFixture.with { desk in
            let one = try await desk.propose(["qty": "1"]).view
            let withdrawn = try await Withdrawal(desk.context).withdraw(one.record.id, by: desk.bot)
            #expect(withdrawn.record.state == .withdrawn)
            #expect(
                try await refusalCode { try await desk.decide(.approve, one, by: desk.alice) }
                    == .alreadyDecided)

            let two = try await desk.propose(["qty": "2"]).view
            try await desk.passDeadline(two.record.id)
            #expect(try await Expiry(desk.context).sweep() == 1)
            #expect(
                try await refusalCode {
                    _ = try await Withdrawal(desk.context).withdraw(two.record.id, by: desk.bot)
                }
                    == .expired)

            let three = try await desk.propose(["qty": "3"]).view
            _ = try await Halting(desk.context).halt(HaltRequest(reason: "drill"), by: "user:ben")
            #expect(
                try await refusalCode { try await desk.decide(.approve, three, by: desk.alice) } == .halted)
        }
    }

    @Test func `the loser hears who ended it, not who had voted before`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply(["approval": ["approvals": 2]])
            let view = try await desk.propose().view
            _ = try await desk.decide(.approve, view, by: desk.alice)
            _ = try await Withdrawal(desk.context).withdraw(view.record.id, by: desk.bot)
            let late = try await refusal { try await desk.decide(.approve, view, by: desk.ben) }
            #expect(
                late?.detail.hasPrefix("Already withdrawn by dee-bot at ") == true, "\(late?.detail ?? "")")
            #expect(late?.facts["decided_by"] == "dee-bot")
            let revocation = try await refusal {
                _ = try await Revoking(desk.context).revoke(view.record.id, reason: nil, by: desk.alice)
            }
            #expect(revocation?.detail == late?.detail)
        }
    }

    @Test func `only the proposer withdraws, and who may see it is told so`() async throws {
        try await GateFixture.with { desk in
            let view = try await desk.propose().view
            let seen = try await refusal {
                _ = try await Withdrawal(desk.context).withdraw(
                    view.record.id, by: .person(desk.alice, method: .session, keyID: nil))
            }
            #expect(seen?.code == .notAllowed)
            #expect(seen?.detail.hasPrefix("Only dee-bot, who proposed it, may withdraw this") == true)
            let other = Caller.key(id: GateFixture.identifier(8), name: "other", scope: .propose)
            #expect(
                try await refusalCode {
                    _ = try await Withdrawal(desk.context).withdraw(view.record.id, by: other)
                } == .notFound)
            #expect(
                try await refusalCode {
                    _ = try await ProposalReading(desk.context).find(view.record.id, for: other)
                }
                    == .notFound)
        }
    }

    @Test func `of many at once exactly one wins`() async throws {
        try await GateFixture.with { desk in
            try await desk.apply([
                "limits": ["duplicate_window_seconds": nil, "max_new_positions_per_day": nil]
            ])
            for round in 0..<12 {
                let view = try await desk.propose(["qty": "1"], key: "round\(round)").view
                try #require(view.record.state == .pending, "\(view.record.reason ?? "")")
                let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                    group.addTask {
                        try await refusalCode { try await desk.decide(.approve, view, by: desk.alice) } == nil
                    }
                    group.addTask {
                        try await refusalCode { try await desk.decide(.reject, view, by: desk.ben) } == nil
                    }
                    group.addTask {
                        try await refusalCode {
                            _ = try await Withdrawal(desk.context).withdraw(view.record.id, by: desk.bot)
                        } == nil
                    }
                    var winners = 0
                    for try await won in group where won { winners += 1 }
                    return winners
                }
                #expect(winners == 1)
            }
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'pending'") == 0)
            let orders = try await desk.count("SELECT count(*) FROM orders")
            #expect(try await desk.count("SELECT count(*) FROM proposals WHERE state = 'released'") == orders)
        }
    }

    @Test func `a halt reaches what waits and what is unclaimed at once, and latches`() async throws {
        try await GateFixture.with { desk in
            let waiting = try await desk.propose(["qty": "1"]).view
            let released = try await desk.decide(.approve, desk.propose(["qty": "2"]).view, by: desk.alice)
            let halting = Halting(desk.context)
            let foreseen = try await halting.halt(
                HaltRequest(reason: "drill"), by: "user:ben", isDryRun: true)
            #expect(foreseen.cancelledProposals == [waiting.record.id])
            #expect(foreseen.tradingState == .active)
            let outcome = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben")
            #expect(outcome.cancelledProposals == [waiting.record.id])
            #expect(outcome.cancelledOrders == [try #require(released.record.orderID)])
            #expect(outcome.tradingState == .halted)
            #expect(try await desk.propose(["qty": "3"]).view.record.state == .blocked)
            let operator_ = Caller.person(desk.ben, method: .session, keyID: nil)
            #expect(try await halting.resume(ResumeRequest(reason: "drill over"), by: operator_).count == 1)
            #expect(try await desk.propose(["qty": "4"]).view.record.state == .pending)
        }
    }

    @Test func `who stopped needs a second person to resume, where one exists`() async throws {
        try await GateFixture.with { desk in
            try await desk.run(
                "INSERT INTO users (id, name, role) VALUES (gen_random_uuid(), 'olga', 'admin')")
            let halting = Halting(desk.context)
            _ = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben")
            let ben = Caller.person(desk.ben, method: .session, keyID: nil)
            #expect(
                try await refusalCode { _ = try await halting.resume(ResumeRequest(reason: "on"), by: ben) }
                    == .secondPersonRequired)
            let key = Caller.key(id: GateFixture.identifier(7), name: "ops", scope: .operate)
            #expect(
                try await refusalCode { _ = try await halting.resume(ResumeRequest(reason: "on"), by: key) }
                    == .secondPersonRequired)
            let alice = Caller.person(desk.alice, method: .session, keyID: nil)
            #expect(
                try await refusalCode { _ = try await halting.resume(ResumeRequest(reason: "on"), by: alice) }
                    == .notAllowed
            )
            let olga = Person(id: GateFixture.identifier(5), name: "olga", role: .admin)
            #expect(
                try await halting.resume(
                    ResumeRequest(reason: "on"), by: .person(olga, method: .session, keyID: nil)
                ).count
                    == 1)
        }
    }

    @Test func `a halt on a strategy leaves the others alone`() async throws {
        try await GateFixture.with { desk in
            let one = try await desk.propose(["qty": "1", "strategy": "a"]).view
            let two = try await desk.propose(["qty": "1", "strategy": "b", "symbol": "AAPL"]).view
            let outcome = try await Halting(desk.context).halt(
                HaltRequest(scope: .strategy, target: "a", reason: "odd fills"), by: "user:ben")
            #expect(outcome.cancelledProposals == [one.record.id])
            #expect(outcome.tradingState == .active)
            #expect(try await desk.decide(.approve, two, by: desk.alice).record.state == .released)
        }
    }
}
