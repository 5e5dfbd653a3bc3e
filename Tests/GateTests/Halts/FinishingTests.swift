import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// A halt holds though what follows it fails, says so, and is carried out later.
struct FinishingTests {
    @Test func `a row that another session keeps locked is cancelled once it is free`() async throws {
        try await GateFixture.with { desk in
            let locked = try await desk.propose(["qty": "1"]).view
            let free = try await desk.propose(["qty": "2"]).view
            let halting = Halting(desk.context)
            let holder = try PostgresSession.standalone(desk.pool.configuration)
            try holder.script("BEGIN; SELECT id FROM proposals WHERE id = '\(locked.record.id)' FOR UPDATE")
            let outcome = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben")
            #expect(outcome.tradingState == .halted)
            #expect(outcome.isComplete == false)
            #expect(outcome.failure != nil)
            #expect(outcome.json["complete"] == false)
            #expect(outcome.json["detail"]?.stringValue?.contains("not everything it reaches") == true)
            #expect(try await desk.count(Self.messages("halt-opened")) == 1)

            let first = try await halting.finishOpen()
            #expect(first.map(\.cancelled) == [1])
            #expect(first.allSatisfy { $0.failure != nil })
            #expect(try await Self.state(of: free, desk) == .cancelled)
            #expect(try await Self.state(of: locked, desk) == .pending)
            let ben = Caller.person(desk.ben, method: .session, keyID: nil)
            #expect(
                try await refusalCode { _ = try await halting.resume(ResumeRequest(reason: "on"), by: ben) }
                    == .conflict)

            try holder.script("ROLLBACK")
            let second = try await halting.finishOpen()
            #expect(second.map(\.cancelled) == [1])
            #expect(second.allSatisfy { $0.failure == nil })
            #expect(try await Self.state(of: locked, desk) == .cancelled)
            #expect(try await halting.listOpen().map(\.unfinishedWords) == [nil])
            #expect(try await halting.finishOpen().isEmpty)
            #expect(try await desk.count(Self.entries("proposal.cancelled")) == 2)
            #expect(try await desk.count(Self.entries("halt.completed")) == 1)
            #expect(try await desk.count(Self.messages("halt-opened")) == 1)
            #expect(try await halting.resume(ResumeRequest(reason: "on"), by: ben).count == 1)
        }
    }

    @Test func `a row that refuses keeps no other from being cancelled`() async throws {
        try await GateFixture.with { desk in
            let bad = try await desk.propose(["qty": "1", "strategy": "cursed"]).view
            let released = try await desk.decide(.approve, desk.propose(["qty": "2"]).view, by: desk.alice)
            try await desk.run(
                """
                CREATE FUNCTION break_row() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF OLD.strategy = 'cursed' THEN RAISE EXCEPTION 'broken'; END IF;
                    RETURN NEW;
                END $$;
                CREATE TRIGGER broken BEFORE UPDATE ON proposal_states FOR EACH ROW EXECUTE FUNCTION break_row();
                """)
            let halting = Halting(desk.context)
            #expect(
                try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben").isComplete == false)
            #expect(try await halting.finishOpen().map(\.cancelled) == [1])
            let id = try #require(released.record.orderID)
            #expect(try await OrderReading(desk.context).find(id).record.state == .cancelled)
            #expect(try await Self.state(of: bad, desk) == .pending)
            #expect(try await desk.count("SELECT count(*) FROM orders WHERE state = 'released'") == 0)
            try await desk.run("DROP TRIGGER broken ON proposal_states")
            #expect(try await halting.finishOpen().allSatisfy { $0.failure == nil })
            #expect(try await Self.state(of: bad, desk) == .cancelled)
        }
    }

    @Test func `whom nobody could tell is told later`() async throws {
        try await GateFixture.with { desk in
            let waiting = try await desk.propose(["qty": "1"]).view
            try await desk.run("ALTER TABLE deliveries ADD CONSTRAINT broken CHECK (kind <> 'halt-opened')")
            let halting = Halting(desk.context)
            let outcome = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben")
            #expect(outcome.cancelledProposals == [waiting.record.id])
            #expect(outcome.isComplete == true)
            #expect(outcome.unfinishedWords?.contains("nobody was told") == true)
            #expect(outcome.failure?.contains("broken") == true)
            try await desk.run("ALTER TABLE deliveries DROP CONSTRAINT broken")
            #expect(try await halting.finishOpen().map(\.failure) == [nil])
            #expect(try await desk.count(Self.messages("halt-opened")) == 1)
            #expect(try await halting.finishOpen().isEmpty)
        }
    }

    @Test func `a stop latches though somebody holds the account's lock`() async throws {
        try await GateFixture.with { desk in
            let waiting = try await desk.propose(["qty": "1"]).view
            let holder = try PostgresSession.standalone(desk.pool.configuration)
            try holder.script("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")
            try AccountLock.shared(in: holder)
            let halting = Halting(desk.context)
            let outcome = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ben")
            #expect(outcome.tradingState == .halted)
            #expect(outcome.isComplete == false)
            #expect(try await Self.state(of: waiting, desk) == .pending)
            try holder.script("ROLLBACK")
            #expect(try await halting.finishOpen().map(\.failure) == [nil])
            #expect(try await Self.state(of: waiting, desk) == .cancelled)
        }
    }

    @Test func `what a halt did is written once and not taken back`() async throws {
        try await GateFixture.with { desk in
            _ = try await Halting(desk.context).halt(HaltRequest(reason: "drill"), by: "user:ben")
            for change in ["completed_at = NULL", "told_at = now()", "reason = 'other'", "opened_by = 'x'"] {
                await #expect(throws: PostgresError.self, "\(change)") {
                    try await desk.run("UPDATE halts SET \(change)")
                }
            }
        }
    }

    private static func state(of view: ProposalView, _ desk: GateFixture) async throws -> ProposalState {
        try await ProposalReading(desk.context).find(view.record.id, for: desk.bot).record.state
    }

    private static func messages(_ kind: String) -> String {
        "SELECT count(*) FROM deliveries WHERE kind = '\(kind)'"
    }

    private static func entries(_ kind: String) -> String {
        "SELECT count(*) FROM journal WHERE kind = '\(kind)'"
    }
}
