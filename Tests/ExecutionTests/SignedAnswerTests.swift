import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import JSON
import Support
import Synchronization
import Testing

/// What the worker is told to do at the broker is done on the server's signed word alone.
@Suite struct SignedAnswerTests {
    private static let flatten: JSONValue = ["id": "c1", "kind": "flatten"]

    /// What somebody between the server and the worker does to an answer; `first` is the first one that passed by.
    enum Meddling: String, CaseIterable, Sendable {
        case addsCommand, removesSignature, signsByItself, repeats, namesAnotherAlgorithm

        func apply(_ answer: JSONValue, first: JSONValue) -> JSONValue {
            var members = answer.objectValue ?? [:]
            members["commands"] = [SignedAnswerTests.flatten]
            switch self {
            case .addsCommand: break
            case .removesSignature: members["signature"] = nil
            case .signsByItself:
                guard let key = try? SigningKey(seed: [UInt8](repeating: 5, count: 32)) else { return answer }
                let text = SyncSignature.text(of: members)
                members["signature"] = [
                    "alg": "ed25519", "value": .string(Base64.encode(key.sign(Array(text.utf8)))),
                ]
            case .repeats: return first
            case .namesAnotherAlgorithm:
                members["signature"] = ["alg": "none", "value": answer["signature"]?["value"] ?? .null]
            }
            return .object(members)
        }
    }

    /// An order that rests at the broker, which a command would cancel.
    private func rest(_ bench: Bench) async throws {
        let terms = OrderTerms(
            symbol: "NVDA", side: .buy, qty: ExactDecimal(1), type: .limit, limitPrice: ExactDecimal(50))
        _ = try await bench.broker.submit(terms, clientOrderID: "resting")
        bench.server.change { $0.order = .filled }
    }

    private func isResting(_ bench: Bench) -> Bool {
        bench.simulator.order(clientOrderID: "resting")?["status"] == "new"
    }

    @Test func `a command that the server signed is carried out`() async throws {
        try await Bench.with { bench in
            try await rest(bench)
            bench.server.change { $0.commands = [Self.flatten] }
            await bench.worker().step()
            #expect(!isResting(bench))
        }
    }

    @Test(arguments: Meddling.allCases)
    func `a command that somebody in between made up or repeats is not`(_ meddling: Meddling) async throws {
        try await Bench.with { bench in
            try await rest(bench)
            let first = Mutex<JSONValue?>(nil)
            bench.server.tamperAnswer.withLock {
                $0 = { answer in
                    let passed = first.withLock { first in
                        first = first ?? answer
                        return first
                    }
                    return meddling.apply(answer, first: passed ?? answer)
                }
            }
            if meddling == .repeats { bench.server.change { $0.commands = [Self.flatten] } }
            let worker = bench.worker("w1")
            if meddling == .repeats {
                // The command was meant once, and was carried out; what rests now came afterwards.
                await worker.step()
                bench.server.change { $0.commands = [] }
                let terms = OrderTerms(
                    symbol: "NVDA", side: .buy, qty: ExactDecimal(1), type: .limit,
                    limitPrice: ExactDecimal(50))
                _ = try await bench.broker.submit(terms, clientOrderID: "later")
            }
            for _ in 0..<3 { await worker.step() }
            #expect(await worker.status == .refused)
            #expect(
                bench.server.snapshot.complaints.last??["message"]?.stringValue?.contains("Nothing of what")
                    == true, "the server hears of it, where it hears the worker at all")
            bench.server.tamperAnswer.withLock { $0 = nil }
            for _ in 0..<2 { await worker.step() }
            #expect(await worker.status == .active)
            #expect(bench.server.snapshot.complaints.last == .some(nil), "and that it is over")
            let name = meddling == .repeats ? "later" : "resting"
            #expect(bench.simulator.order(clientOrderID: name)?["status"] == "new")
        }
    }

    @Test(arguments: [("SIM2", false), (nil, true)])
    func `a server of another account is not worked for`(_ number: String?, _ isDone: Bool) async throws {
        try await Bench.with { bench in
            try await rest(bench)
            bench.server.change {
                $0.accountNumber = number
                $0.commands = [Self.flatten]
            }
            let worker = bench.worker("w1")
            await worker.step()
            #expect(isResting(bench) == !isDone)
            #expect(await worker.status == (isDone ? .active : .refused))
        }
    }

    /// `already_claimed` stands beside what is signed: whoever takes it away has the worker send an order that is there.
    @Test(arguments: [true, false])
    func `an order that the broker has is not made twice, whatever somebody makes of the claim`(
        _ isOver: Bool
    ) async throws {
        let hiding: @Sendable (JSONValue) -> JSONValue = { document in
            .object((document.objectValue ?? [:]).merging(["already_claimed": false]))
        }
        let limit = ExactDecimal(isOver ? 120 : 100)
        let terms = OrderTerms(
            symbol: "NVDA", side: .buy, qty: ExactDecimal(10), type: .limit, limitPrice: limit)
        try await Bench.with(terms: terms, tamper: hiding) { bench in
            let since = bench.clock.now.adding(minutes: -1)
            _ = try await bench.broker.submit(terms, clientOrderID: FakeServer.clientOrderID)
            await bench.settle(bench.worker(), rounds: 4)
            #expect(bench.arrivals == 2, "it was sent again")
            #expect(try await bench.broker.orders(since: since).count == 1, "and made once")
            #expect(bench.server.snapshot.order == (isOver ? .filled : .accepted))
            #expect(bench.server.snapshot.reports.first == "unknown")
        }
    }
}
