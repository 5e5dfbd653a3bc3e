import BrokerSimulator
import Domain
import Execution
import JSON
import Logging
import Testing

/// What the server refuses to be told is not told every round, not lost, and never in the way of what has to be done.
@Suite struct RefusedReportTests {
    /// An order that stays open at the broker.
    private static let resting = OrderTerms(
        symbol: "NVDA", side: .buy, qty: ExactDecimal(10), type: .limit, limitPrice: ExactDecimal(100))

    private func step(_ worker: ExecutionWorker, _ bench: Bench, rounds: Int, seconds: Int = 10) async {
        for _ in 0..<rounds {
            await worker.step()
            bench.clock.advance(seconds: seconds)
        }
    }

    private func lines(_ log: RecordedLog, _ event: String) -> Int {
        log.lines.count { $0.contains("\"\(event)\"") }
    }

    @Test func `pauses grow to ten minutes`() {
        var refused = RefusedReports()
        let pauses = (0..<12).map { _ in refused.note("o", ["a": 1], reason: "no", at: 0).pauseSeconds }
        #expect(pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600])
        #expect(refused.isRefused("o", ["a": 1, "error": "in other words"], at: 599))
        #expect(!refused.isRefused("o", ["a": 1], at: 600))
        #expect(!refused.isRefused("o", ["a": 2], at: 1), "something else")
        #expect(!refused.isRefused("p", ["a": 1], at: 1))
        #expect(refused.noteTaken("o") && !refused.noteTaken("o"))
        #expect(refused.note("o", ["a": 1], reason: "no", at: 0).pauseSeconds == 2)
    }

    @Test func `it is told again seldom, logged once for each reason, and goes through in the end`()
        async throws
    {
        try await Bench.with(terms: Self.resting) { bench in
            let log = RecordedLog()
            let worker = bench.worker(log: Logger(sink: log.sink) { "" })
            bench.server.change { $0.refusal = "an odd number" }
            await step(worker, bench, rounds: 90)
            let tries = bench.server.snapshot.refusedReports
            #expect((7...10).contains(tries), "\(tries) in a quarter of an hour")
            #expect(lines(log, "order.not-reported") == 1)
            #expect(bench.arrivals == 1, "and sent once all the same")
            bench.server.change { $0.refusal = "another number" }
            await step(worker, bench, rounds: 61)
            #expect(lines(log, "order.not-reported") == 2)
            #expect(bench.server.snapshot.order == .submitting && bench.server.snapshot.reports.isEmpty)
            bench.server.change { $0.refusal = nil }
            await step(worker, bench, rounds: 61)
            #expect(bench.server.snapshot.order == .accepted)
            #expect(bench.server.snapshot.reports == ["placed"])
            #expect(lines(log, "order.reported") == 1 && lines(log, "order.not-reported") == 2)
        }
    }

    @Test func `what changes at the broker meanwhile is told at once`() async throws {
        try await Bench.with(terms: Self.resting) { bench in
            let worker = bench.worker()
            bench.server.change { $0.refusal = "an odd number" }
            // The next try of itself is minutes away.
            await step(worker, bench, rounds: 60)
            bench.server.change { $0.refusal = nil }
            await step(worker, bench, rounds: 1)
            #expect(bench.server.snapshot.order == .submitting)
            bench.simulator.setPrice("NVDA", ExactDecimal(90))
            await step(worker, bench, rounds: 3)
            #expect(bench.server.snapshot.order == .filled && bench.server.snapshot.fills.count == 1)
        }
    }

    @Test func `the broker is left alone meanwhile, and what is to be cancelled is cancelled`() async throws {
        try await Bench.with(terms: Self.resting) { bench in
            let worker = bench.worker()
            await step(worker, bench, rounds: 3)
            #expect(bench.server.snapshot.order == .accepted)
            bench.server.change {
                $0.refusal = "an odd number"
                $0.cancelDueAfterSeconds = 60
            }
            await step(worker, bench, rounds: 60)
            #expect(bench.brokerStatus == "canceled")
            #expect(bench.server.snapshot.order == .accepted)
            let tries = bench.server.snapshot.refusedReports
            #expect((1...11).contains(tries), "\(tries) in ten minutes")
            bench.server.change { $0.refusal = nil }
            await step(worker, bench, rounds: 61)
            #expect(bench.server.snapshot.order == .canceled)
        }
    }

    @Test func `of a command it is told seldom too`() async throws {
        try await Bench.with { bench in
            let log = RecordedLog()
            bench.server.change {
                $0.order = .filled
                $0.commands = [["id": "c1", "kind": "flatten"]]
            }
            await step(bench.worker(log: Logger(sink: log.sink) { "" }), bench, rounds: 60)
            let tries = bench.server.snapshot.refusedCommandReports
            #expect((6...9).contains(tries), "\(tries) in ten minutes")
            #expect(lines(log, "command.not-reported") == 1)
        }
    }
}
