import Broker
import BrokerSimulator
import Domain
import Execution
import JSON
import Testing

/// Whatever call fails, whenever: the broker has the order at most once and the server learns the truth.
@Suite struct CrashTests {
    private static let calls = Array(1...32)
    /// How many calls a life without faults makes.
    private static let usualCalls = 30

    @Test func `the sweep covers a whole life`() async throws {
        try await Bench.with { bench in
            let plan = FaultPlan(at: .max, .before, kills: false)
            await bench.settle(bench.worker(plan: plan))
            #expect(plan.calls == Self.usualCalls)
            #expect(bench.server.snapshot.order == .filled)
        }
    }

    @Test(arguments: calls, FaultPlan.Moment.allCases)
    func `a call that fails once is survived`(_ at: Int, _ moment: FaultPlan.Moment) async throws {
        try await Bench.with { bench in
            let plan = FaultPlan(at: at, moment, kills: false)
            await bench.settle(bench.worker(plan: plan))
            #expect(plan.calls >= at || at > Self.usualCalls)
            try expectTruth(bench, "call \(at) \(moment)")
        }
    }

    @Test(arguments: calls, FaultPlan.Moment.allCases)
    func `a crash at any call is cleared up by the next worker`(
        _ at: Int, _ moment: FaultPlan.Moment
    ) async throws {
        try await Bench.with { bench in
            let plan = FaultPlan(at: at, moment, kills: true)
            await bench.settle(bench.worker("w1", plan: plan), until: plan)
            bench.server.expireLease()
            await bench.settle(bench.worker("w2"))
            try expectTruth(bench, "call \(at) \(moment)")
        }
    }

    private func expectTruth(_ bench: Bench, _ what: String) throws {
        let state = bench.server.snapshot
        #expect(bench.arrivals <= 1, "\(what)")
        if bench.brokerStatus == nil {
            #expect(state.order == .rejected, "\(what): \(state)")
            #expect(state.fills.isEmpty)
        } else {
            #expect(bench.brokerStatus == "filled", "\(what)")
            #expect(state.order == .filled, "\(what): \(state)")
            #expect(state.fills.values.reduce(.zero, +) == ExactDecimal(10), "\(what)")
        }
    }

    @Test(arguments: [
        Fault.timeoutAfterAcceptance, .dropAfterAcceptance, Fault(.truncate), .dropBeforeAcceptance,
        .internalError, .rateLimit,
        .refusal(status: 403, code: 40_310_000, message: "insufficient buying power"),
    ])
    func `whatever the broker does with the order, it is sent once`(_ fault: Fault) async throws {
        try await Bench.with { bench in
            bench.simulator.arm(fault)
            await bench.settle(bench.worker())
            #expect(bench.arrivals == 1)
            try expectTruth(bench, "\(fault)")
        }
    }

    @Test func `an order that was refused keeps the broker's words`() async throws {
        try await Bench.with { bench in
            bench.simulator.arm(.refusal(status: 403, code: 40_310_000, message: "insufficient buying power"))
            await bench.settle(bench.worker())
            #expect(bench.server.snapshot.reason?.contains("insufficient buying power") == true)
            #expect(bench.server.snapshot.reports == ["rejected"])
        }
    }

    @Test func `not known to the broker is proof only after enough tries, time and age`() async throws {
        try await Bench.with { bench in
            bench.simulator.arm(.dropBeforeAcceptance)
            let worker = bench.worker()
            for _ in 0..<19 {
                await worker.step()
                #expect(bench.server.snapshot.order == .unknown)
                bench.clock.advance(seconds: 3)
            }
            await bench.settle(worker, rounds: 4)
            #expect(bench.server.snapshot.order == .rejected)
            #expect(bench.server.snapshot.reason?.contains("never reached the broker") == true)
            #expect(bench.arrivals == 1)
        }
    }

    @Test func `an order that turns up after all is told`() async throws {
        try await Bench.with { bench in
            bench.simulator.arm(.timeoutAfterAcceptance)
            let absent = Fault.Effect.answer(
                status: 404, body: ["code": 40_410_000, "message": "order not found"], headers: [:],
                performs: false)
            bench.simulator.arm(
                Fault(absent, method: "GET", path: "/v2/orders:by_client_order_id", times: 21))
            let worker = bench.worker()
            await bench.settle(worker)
            #expect(bench.server.snapshot.order == .rejected)
            bench.server.change { $0.isLookedAfter = true }
            for _ in 0..<60 {
                await worker.step()
                bench.clock.advance(seconds: 3)
            }
            #expect(bench.server.snapshot.reports.contains("placed"))
            #expect(bench.server.snapshot.brokerOrderID != nil)
            #expect(bench.arrivals == 1)
        }
    }

    @Test func `a broker that cannot be asked proves nothing`() async throws {
        try await Bench.with { bench in
            bench.simulator.arm(.dropBeforeAcceptance)
            let outage = Fault.Effect.answer(status: 503, body: nil, headers: [:], performs: false)
            bench.simulator.arm(
                Fault(outage, method: "GET", path: "/v2/orders:by_client_order_id", times: 1000))
            await bench.settle(bench.worker(), rounds: 60)
            #expect(bench.server.snapshot.order == .unknown)
        }
    }
}
