import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// What stops have cancelled at the broker, how far that reaches, and who is kept waiting meanwhile.
@Suite struct CancellationTests {
    private static let oscar = Caller.person(
        Person(id: WorkFloor.identifier(7), name: "oscar", role: .operator_), method: .session, keyID: nil)

    private func stop(_ reason: String, _ floor: WorkFloor) async throws -> (HaltRecord, CommandRecord) {
        let outcome = try await Halting(floor.context).halt(
            HaltRequest(reason: reason, atBroker: .cancelEntries), by: "user:oscar")
        return (try #require(outcome.halt), try #require(outcome.command))
    }

    private func state(_ command: CommandRecord, _ floor: WorkFloor) async throws -> CommandRecord.State? {
        try await Commanding(floor.context).list().first { $0.id == command.id }?.state
    }

    @Test(arguments: [true, false])
    func `two stops share a cancellation, and it ends with the last of them`(isOlderFirst: Bool) async throws
    {
        try await WorkFloor.with { floor in
            let (older, command) = try await stop("first", floor)
            let (newer, same) = try await stop("second", floor)
            #expect(same.id == command.id)
            let order = isOlderFirst ? [older, newer] : [newer, older]
            _ = try await Halting(floor.context).clear(order[0].id, reason: "x", by: Self.oscar)
            #expect(try await state(command, floor) == .issued)
            _ = try await Halting(floor.context).clear(order[1].id, reason: "x", by: Self.oscar)
            #expect(try await state(command, floor) == .withdrawn)
        }
    }

    @Test func `neither of two halts goes while everything is being closed for both`() async throws {
        try await WorkFloor.with { floor in
            var halts: [HaltRecord] = []
            for reason in ["first", "second"] {
                let outcome = try await Halting(floor.context).halt(
                    HaltRequest(reason: reason, atBroker: .flatten), by: "user:oscar")
                halts.append(try #require(outcome.halt))
            }
            for halt in halts {
                let refused = try await refusal {
                    _ = try await Halting(floor.context).clear(halt.id, reason: "x", by: Self.oscar)
                }
                #expect(refused?.code == .conflict)
                await #expect(throws: (any Error).self) {
                    try await floor.ground.attack(
                        """
                        UPDATE halts SET cleared_at = now(), cleared_by = 'x', clear_reason = 'y'
                        WHERE id = '\(halt.id)'
                        """)
                }
            }
            for attack in ["DELETE FROM command_halts", "TRUNCATE command_halts"] {
                await #expect(throws: (any Error).self) { try await floor.ground.attack(attack) }
            }
        }
    }

    @Test func `a strategy's cancellation names what that strategy has open, and nothing else`() async throws
    {
        try await WorkFloor.with { floor in
            _ = try await Policies(floor.context).apply(
                ["limits": ["hours": nil, "duplicate_window_seconds": nil]], by: "cli:root")
            let mine = try await floor.release(["strategy": "momentum"])
            let other = try await floor.release(["strategy": "turtle", "qty": "11"])
            for order in [mine, other] {
                _ = try await floor.claim(order)
                try await floor.report(
                    order,
                    ["outcome": "placed", "broker_order": ["id": .string("b-\(order)"), "status": "new"]])
            }
            let request = HaltRequest(
                scope: .strategy, target: "momentum", reason: "drill", atBroker: .cancelEntries)
            _ = try await Halting(floor.context).halt(request, by: "user:oscar")
            let told = try await floor.sync()["commands"]?[0]
            let name = try await OrderReading(floor.context).find(mine).record.clientOrderID
            #expect(told?["kind"] == "cancel_entries" && told?["strategy"] == "momentum")
            #expect(told?["client_order_ids"] == [.string(name)])
        }
    }

    @Test func `a report that trips nothing waits for nobody, and one that does waits its turn`() async throws
    {
        try await WorkFloor.with { floor in
            let order = try await floor.release()
            _ = try await floor.claim(order)
            let holder = try PostgresSession.standalone(floor.context.pool.configuration)
            try holder.script("BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0")
            try AccountLock.exclusive(in: holder)
            try await floor.sync()
            try await floor.report(
                order, ["outcome": "placed", "broker_order": ["id": "b1", "status": "new"]])
            #expect(try await BreakerWatch(floor.context).tick(upSeconds: 1000) == 0)
            var poor = WorkFloor.account()
            poor["account"] = [
                "account_number": "SIM1", "status": "ACTIVE", "equity": "90000", "cash": "90000",
                "buying_power": "90000",
            ]
            let members = poor
            async let answer = floor.sync("w1", members)
            // It queues for the lock: only then is that lock given back.
            while try await floor.count(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted") == 0
            { await Task.yield() }
            #expect(try await Halting(floor.context).listOpen().isEmpty)
            try holder.script("ROLLBACK")
            _ = try await answer
            #expect(try await Halting(floor.context).listOpen().contains { $0.cause == "drawdown" })
        }
    }

    @Test func `lowered limits run out by the database's clock`() async throws {
        try await WorkFloor.with { floor in
            let halting = Halting(floor.context)
            func lower(_ factor: String, _ number: UInt8, until: String) async throws {
                try await floor.ground.attack(
                    """
                    INSERT INTO limit_reductions (id, factor, reason, set_by, set_at, expires_at)
                    VALUES ('\(WorkFloor.identifier(number))', \(factor), 'x', 'user:oscar',
                        clock_timestamp() - interval '24 hours', clock_timestamp() + interval '\(until)')
                    """)
            }
            try await lower("0.5", 41, until: "-1 second")
            #expect(try await halting.limitsLowered() == nil)
            try await lower("0.4", 42, until: "50 minutes")
            #expect(try await halting.limitsLowered()?.factor == ExactDecimal("0.4"))
            await #expect(throws: (any Error).self) { try await lower("0.3", 43, until: "70 minutes") }
            _ = try await halting.halt(HaltRequest(reason: "drill"), by: "user:ada")
            _ = try await halting.resume(
                ResumeRequest(reason: "x", limitsFactor: ExactDecimal("0.25")), by: Self.oscar)
            let lowered = try #require(try await halting.limitsLowered())
            #expect(lowered.factor == ExactDecimal("0.25"))
            #expect(lowered.expiresAt.seconds(since: lowered.setAt) == 24 * 60 * 60)
        }
    }
}
