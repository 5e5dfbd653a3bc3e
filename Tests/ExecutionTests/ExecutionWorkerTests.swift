import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import JSON
import Testing

/// One worker, one order, and everything that must hold around it.
@Suite struct ExecutionWorkerTests {
    @Test func `it claims, sends once, and reports the executions`() async throws {
        try await Bench.with { bench in
            let worker = bench.worker()
            await bench.settle(worker)
            let state = bench.server.snapshot
            #expect(await worker.status == .active)
            #expect(state.order == .filled)
            #expect(state.fills.count == 1)
            let body = try #require(bench.simulator.receivedOrders.first).body
            #expect(body["client_order_id"]?.stringValue == FakeServer.clientOrderID)
            #expect(body["limit_price"] == "120")
            for _ in 0..<5 { await worker.step() }
            #expect(bench.arrivals == 1)
        }
    }

    @Test func `a symbol that is asked about for the first time is quoted at once, without the account`()
        async throws
    {
        try await Bench.with { bench in
            let worker = bench.worker()
            await bench.settle(worker)
            bench.simulator.setPrice("AMD", ExactDecimal(90))
            bench.server.change {
                $0.alsoWatched = ["AMD"]
                $0.quoted = []
            }
            await worker.step()
            #expect(bench.server.snapshot.quoted.last == ["AMD"])
            await worker.step()
            #expect(bench.server.snapshot.quoted.count { $0 == ["AMD"] } == 1, "later with the account")
        }
    }

    @Test func `two workers: one acts, the other takes over when the first has left`() async throws {
        try await Bench.with { bench in
            bench.simulator.setMarketOpen(true)
            let first = bench.worker("w1")
            let second = bench.worker("w2")
            await first.step()
            await second.step()
            #expect(await second.status == .standby)
            await first.stop()
            await first.run()
            #expect(await first.status == .stopped)
            #expect(bench.server.snapshot.leaves == 1)
            bench.clock.advance(seconds: 6)
            await second.step()
            #expect(await second.status == .active)
            #expect(bench.arrivals == 1)
        }
    }

    @Test func `what it knows of an order that it claimed is told without the lease`() async throws {
        try await Bench.with { bench in
            bench.server.change { $0.isDeaf = true }
            let worker = bench.worker()
            await worker.step()
            #expect(bench.arrivals == 1 && bench.server.snapshot.reports.isEmpty)
            bench.server.change { ($0.isDeaf, $0.holder, $0.generation) = (false, "w2", 2) }
            await worker.step()
            #expect(await worker.status == .standby)
            #expect(bench.server.snapshot.reports == ["placed"])
            #expect(bench.server.snapshot.order == .accepted)
        }
    }

    @Test func `what it learnt of another's order is forgotten along with the lease, and asked for anew`()
        async throws
    {
        try await Bench.with { bench in
            bench.server.change {
                ($0.order, $0.claimedBy, $0.claimedAt) = (.submitting, "w9", bench.clock.now)
                $0.isDeaf = true
            }
            let worker = bench.worker()
            await worker.step()
            // It reached the broker meanwhile: what was learnt before is not true any more.
            _ = try await bench.broker.submit(bench.server.terms, clientOrderID: FakeServer.clientOrderID)
            bench.server.change { ($0.isDeaf, $0.holder, $0.generation) = (false, "w2", 2) }
            await worker.step()
            #expect(bench.server.snapshot.reports.isEmpty)
            bench.server.expireLease()
            bench.clock.advance(seconds: 6)
            await worker.step()
            #expect(bench.server.snapshot.reports.first == "placed")
        }
    }

    @Test func `an order that stays open is followed, and cancelled when its time is over`() async throws {
        let terms = OrderTerms(
            symbol: "NVDA", side: .buy, qty: ExactDecimal(10), type: .limit, limitPrice: ExactDecimal(100))
        try await Bench.with(terms: terms) { bench in
            bench.server.change { $0.cancelDueAfterSeconds = 60 }
            let worker = bench.worker()
            for _ in 0..<10 {
                await worker.step()
                bench.clock.advance(seconds: 3)
            }
            #expect(bench.server.snapshot.order == .accepted)
            await bench.settle(worker)
            #expect(bench.server.snapshot.order == .canceled)
            #expect(bench.brokerStatus == "canceled")
        }
    }

    @Test func `partial fills arrive one by one, each once`() async throws {
        try await Bench.with { bench in
            await bench.simulator.script("matching", ["mode": "manual"])
            let worker = bench.worker()
            await worker.step()
            let path = "orders/\(FakeServer.clientOrderID)/fill"
            for qty in ["3", "3", "4"] {
                await bench.simulator.script(path, ["qty": .string(qty), "price": "118"])
                bench.clock.advance(seconds: 6)
                await worker.step()
            }
            let state = bench.server.snapshot
            #expect(state.fills.count == 3)
            #expect(state.order == .filled)
        }
    }

    @Test func `an execution that is listed late is brought later`() async throws {
        try await Bench.with { bench in
            let empty = Fault.Effect.answer(status: 200, body: [], headers: [:], performs: false)
            bench.simulator.arm(
                Fault(empty, method: "GET", path: "/v2/account/activities/FILL", times: 2))
            await bench.settle(bench.worker())
            #expect(bench.server.snapshot.fills.count == 1)
        }
    }

    @Test(arguments: ["qty", "mode", "signature", "client_order_id"])
    func `a document that is not what the server signed is never sent`(_ member: String) async throws {
        let tamper: @Sendable (JSONValue) -> JSONValue = { document in
            var changed = document.objectValue ?? [:]
            var order = changed["order"]?.objectValue ?? [:]
            if member == "signature" {
                changed["signature"] = [
                    "alg": "ed25519", "value": .string(Base64.encode([UInt8](repeating: 1, count: 64))),
                ]
            } else {
                order[member] = member == "mode" ? "live" : "40"
                changed["order"] = .object(order)
            }
            return .object(changed)
        }
        try await Bench.with(tamper: tamper) { bench in
            await bench.settle(bench.worker(), rounds: 5)
            #expect(bench.arrivals == 0)
            #expect(bench.server.snapshot.order == .rejected)
        }
    }

    @Test func `a server with another key than the pinned one is not worked for`() async throws {
        try await Bench.with { bench in
            await bench.worker("w1").step()
            #expect(bench.arrivals == 1)
            try bench.server.changeKey()
            let worker = bench.worker("w2")
            let before = bench.server.snapshot.syncs
            await worker.step()
            #expect(await worker.status == .refused)
            #expect(bench.server.snapshot.syncs == before)
        }
    }

    @Test(arguments: ["live", "neither"])
    func `a server for other trading is not worked for`(mode: String) async throws {
        try await Bench.with { bench in
            bench.server.change { $0.mode = mode }
            let worker = bench.worker("w1")
            for _ in 0..<3 { await worker.step() }
            #expect(await worker.status == .refused)
            #expect(bench.arrivals == 0 && bench.server.snapshot.claimedAt == nil)
        }
    }

    @Test func `live trading needs its own word, and the address must fit`() async throws {
        try await Bench.with { bench in
            let live = bench.worker { $0.mode = .live }
            await live.step()
            #expect(await live.status == .refused)
            let wrong = bench.worker { $0.tradingURL = "https://api.alpaca.markets" }
            await wrong.step()
            #expect(await wrong.status == .refused)
            #expect(bench.server.snapshot.syncs == 0)
            #expect(bench.arrivals == 0)
        }
    }

    @Test func `a claim whose answer came too late is not sent`() async throws {
        try await Bench.with { bench in
            let worker = bench.worker { $0.claimFreshSeconds = 0 }
            await bench.settle(worker, rounds: 3)
            #expect(bench.arrivals == 0)
            #expect(bench.server.snapshot.order == .rejected)
        }
    }

    @Test(arguments: [true, false])
    func `after a repeated claim the broker is asked before anything is sent`(_ hasIt: Bool) async throws {
        let tamper: @Sendable (JSONValue) -> JSONValue = { document in
            .object((document.objectValue ?? [:]).merging(["already_claimed": true]))
        }
        try await Bench.with(tamper: tamper) { bench in
            if hasIt {
                let terms = bench.server.terms
                _ = try await bench.broker.submit(terms, clientOrderID: FakeServer.clientOrderID)
            } else {
                let outage = Fault.Effect.answer(status: 503, body: nil, headers: [:], performs: false)
                bench.simulator.arm(Fault(outage, method: "GET", path: "/v2/orders:by_client_order_id"))
            }
            await bench.settle(bench.worker())
            #expect(bench.arrivals == (hasIt ? 1 : 0))
            #expect(bench.server.snapshot.order == (hasIt ? .filled : .rejected))
        }
    }

    @Test func `without a quote nothing is claimed`() async throws {
        try await Bench.with { bench in
            let outage = Fault.Effect.answer(status: 503, body: nil, headers: [:], performs: false)
            bench.simulator.arm(
                Fault(outage, method: "GET", path: "/v2/stocks/quotes/latest", times: 1000))
            await bench.settle(bench.worker(), rounds: 5)
            #expect(bench.server.snapshot.order == .released)
            #expect(bench.arrivals == 0)
        }
    }

    @Test func `a crossed quote is waited out, because a claim with it would end the order`() async throws {
        try await Bench.with { bench in
            let quote: JSONValue = [
                "bp": 119, "bs": 1, "ap": 118, "as": 1, "t": .string(bench.clock.now.rfc3339),
            ]
            let crossed = Fault.Effect.answer(
                status: 200, body: ["quotes": ["NVDA": quote]], headers: [:], performs: false)
            bench.simulator.arm(
                Fault(crossed, method: "GET", path: "/v2/stocks/quotes/latest", times: 4))
            let worker = bench.worker()
            await worker.step()
            #expect(bench.server.snapshot.order == .released && bench.server.snapshot.claimedAt == nil)
            await bench.settle(worker, rounds: 30)
            #expect(bench.server.snapshot.order == .filled)
        }
    }

    @Test func `what it claimed and sent is kept in mind as long as it could be sent again, and no longer`()
        async throws
    {
        try await Bench.with { bench in
            let worker = bench.worker()
            await bench.settle(worker)
            #expect(bench.server.snapshot.order == .filled && bench.arrivals == 1)
            #expect(await worker.rememberedCount == 2)
            // A server that hands it out once more within the day for which an approval may hold.
            bench.clock.advance(seconds: 24 * 3600)
            bench.server.change { $0.order = .released }
            for _ in 0..<3 { await worker.step() }
            #expect(bench.arrivals == 1)
            bench.server.change { $0.order = .filled }
            bench.clock.advance(seconds: 25 * 3600)
            for _ in 0..<2 { await worker.step() }
            #expect(await worker.rememberedCount == 0)
        }
    }

    @Test func `an order is forgotten a day after it was last listed, never before`() {
        var orders = RememberedOrders()
        orders.insert("a", at: 0)
        orders.insert("b", at: 0)
        orders.keep(["a", "c"], at: RememberedOrders.seconds - 1)
        #expect(orders.contains("a") && orders.contains("b") && !orders.contains("c"))
        orders.keep([], at: RememberedOrders.seconds)
        #expect(orders.contains("a") && !orders.contains("b"))
        orders.keep([], at: 2 * RememberedOrders.seconds - 1)
        #expect(orders.count == 0)
    }
}
