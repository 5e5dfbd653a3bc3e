import Domain
import FoundationEssentials
import HTTPServer
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct StateFileTests {
    /// A path of its own, removed afterwards.
    private func withFile(_ body: (String) async throws -> Void) async throws {
        let path = "/tmp/simulator-\(UUID().uuidString).jsonl"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try await body(path)
    }

    @Test func `a restarted simulator knows everything it knew`() async throws {
        try await withFile { path in
            var before: [JSONValue] = []
            let paths = ["/v2/orders?status=all&nested=true", "/v2/positions", "/v2/account/activities"]
            do {
                let caller = try Caller { $0.stateFile = path }
                _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
                _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
                caller.simulator.arm(.dropAfterAcceptance)
                _ = try? await caller.order("buy", 5, "MSFT", ["client_order_id": "cs-2"])
                _ = try await caller.order(
                    "buy", 5, "NVDA",
                    [
                        "order_class": "bracket", "take_profit": ["limit_price": "130"],
                        "stop_loss": ["stop_price": "110"],
                    ])
                caller.simulator.setPrice("NVDA", decimal("109"))
                for path in paths { before.append(try await caller.get(path).json) }
            }
            let again = try Caller { $0.stateFile = path }
            for (path, wanted) in zip(paths, before) {
                #expect(try await again.get(path).json == wanted)
            }
            #expect(again.simulator.receivedOrders.map(\.clientOrderID) == ["cs-1", "cs-1", "cs-2", nil])
            #expect(again.simulator.receivedOrders.map(\.status) == [200, 422, 200, 200])
            #expect(try await again.order("buy", 1, "AAPL", ["client_order_id": "cs-2"]).status == 422)
        }
    }

    @Test func `a line that broke off is cut away and the rest stands`() async throws {
        try await withFile { path in
            do {
                let caller = try Caller { $0.stateFile = path }
                _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
            }
            let whole = try Data(contentsOf: URL(filePath: path))
            try (whole + Data("{\"at\":17940000".utf8)).write(to: URL(filePath: path))
            let again = try Caller { $0.stateFile = path }
            #expect(again.simulator.order(clientOrderID: "cs-1")?["status"] == "filled")
            _ = try await again.order("buy", 10, "AAPL", ["client_order_id": "cs-2"])
            let text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
            for line in text.split(separator: "\n") { _ = try JSONParser.parse(String(line)) }
        }
    }

    @Test func `an order is taken even where the process dies before it answers`() async throws {
        try await withFile { path in
            do {
                let caller = try Caller { $0.stateFile = path }
                _ = try await caller.order("buy", 10, "AAPL", ["client_order_id": "cs-1"])
            }
            // What the file holds when the process dies right after writing the command.
            let lines = try String(contentsOf: URL(filePath: path), encoding: .utf8).split(separator: "\n")
            let place = lines.firstIndex { $0.contains("\"submit\"") } ?? 0
            let cut = lines[...place].joined(separator: "\n") + "\n"
            try Data(cut.utf8).write(to: URL(filePath: path))
            let again = try Caller { $0.stateFile = path }
            #expect(again.simulator.order(clientOrderID: "cs-1")?["filled_qty"] == "10")
            #expect(again.simulator.receivedOrders.first?.status == nil)
        }
    }

    @Test func `another account's file, a foreign file and a damaged one are refused`() async throws {
        try await withFile { path in
            do { _ = try Caller { $0.stateFile = path } }
            let other = refusal(path) { $0.account = "SIM2" }
            #expect(other?.code == .stateFile)
            #expect(other?.message.contains("belongs to account SIM1") == true)
            try Data("{\"a\":1}\n".utf8).write(to: URL(filePath: path))
            #expect(refusal(path)?.message.contains("is not a simulator's") == true)
            try Data("{\"a\":1\n{}\n".utf8).write(to: URL(filePath: path))
            #expect(refusal(path)?.message.contains("is damaged in line 1") == true)
            #expect(refusal("/nonexistent/state")?.message.contains("cannot be opened") == true)
        }
    }

    @Test func `the header keeps every setting`() throws {
        let settings = ExchangeSettings(
            accountNumber: "X", cash: decimal("12.34"), multiplier: 4, isShortingEnabled: true,
            allowsPositionFlips: true, replacesTouchedStops: true, seed: .max, walkBasisPoints: 5,
            partialFillPercent: 6, fillDelayMicroseconds: 7, partialFillDelayMicroseconds: 8,
            cancelDelayMicroseconds: 9)
        let header = StateHeader(settings: settings, clock: "market", bornAt: Timestamp(seconds: 10))
        #expect(StateHeader(try JSONParser.parse(header.json.bytes())) == header)
        #expect(StateHeader(["simulator": 2]) == nil)
    }

    @Test func `two simulators cannot share a file`() async throws {
        try await withFile { path in
            let first = try Caller { $0.stateFile = path }
            #expect(refusal(path)?.message.contains("is in use by another simulator") == true)
            #expect(first.simulator.receivedOrders.isEmpty)
        }
    }

    private func refusal(
        _ path: String, _ change: (inout BrokerSimulatorConfiguration) -> Void = { _ in }
    ) -> BrokerSimulatorError? {
        do {
            _ = try Caller {
                $0.stateFile = path
                change(&$0)
            }
            return nil
        } catch {
            return error as? BrokerSimulatorError
        }
    }
}
