import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

/// A stop, what the worker does because of it and its end are told as one matter, and each thing once.
@Suite struct OneMessageTests {
    private static let oscar = Caller.person(
        Person(id: WorkFloor.identifier(7), name: "oscar", role: .operator_), method: .session, keyID: nil)

    private func told(_ floor: WorkFloor) async throws -> [(kind: String, subject: String?, data: JSONValue)]
    {
        try await floor.context.pool.withSession { session in
            let rows = try session.query(
                "SELECT kind, subject, data FROM deliveries WHERE kind !~ '^(proposal|order|approval)-' ORDER BY sequence"
            )
            return try rows.map {
                (try $0.text("kind"), try $0.optionalText("subject"), try $0.json("data"))
            }
        }
    }

    @Test(arguments: [CommandRecord.Kind.flatten, .cancelEntries])
    func `a stop that also acts at the broker is one message, and its end another about the same`(
        _ kind: CommandRecord.Kind
    ) async throws {
        try await WorkFloor.with { floor in
            let outcome = try await Halting(floor.context).halt(
                HaltRequest(reason: "fire", atBroker: kind), by: "user:olga")
            let halt = try #require(outcome.halt)
            let command = try #require(outcome.command)
            let first = try await told(floor)
            #expect(first.map(\.kind) == ["halt-opened"])
            #expect(first[0].data["at_broker"]?.stringValue == kind.rawValue)
            if kind == .flatten {
                _ = try await Commanding(floor.context).withdraw(command.id, reason: "x", by: Self.oscar)
            }
            _ = try await Halting(floor.context).clear(halt.id, reason: "over", by: Self.oscar)
            let all = try await told(floor)
            #expect(all.last?.kind == "halt-cleared" && all.last?.data["stopped_because"] == "fire")
            let later = all.filter { $0.kind != "halt-opened" }
            #expect(later.allSatisfy { $0.subject == "halt:\(halt.id)" })
        }
    }

    @Test func `a breaker that trips and acts at the broker is one message`() async throws {
        try await WorkFloor.with { floor in
            try await floor.sync()
            var account = WorkFloor.account()
            account["account"] = [
                "account_number": "SIM1", "status": "ACTIVE", "equity": "97000", "cash": "97000",
                "buying_power": "97000", "last_equity": "100000",
            ]
            try await floor.sync("w1", account)
            let kinds = try await told(floor).map(\.kind)
            #expect(kinds == ["breaker-tripped"], "\(kinds)")
            let open = try await Halting(floor.context).listOpen()
            #expect(open.count == 1 && open[0].toldAt != nil)
        }
    }

    @Test func `closing one position without a halt tells of itself`() async throws {
        try await WorkFloor.with { floor in
            _ = try await Commanding(floor.context).close(symbol: "NVDA", reason: "enough", by: "user:olga")
            let all = try await told(floor)
            #expect(all.map(\.kind) == ["command-issued"])
            #expect(all[0].subject?.hasPrefix("command:") == true)
        }
    }
}
