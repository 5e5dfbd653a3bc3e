import Domain
import Postgres
import Store
import Support
import Testing

@Suite(.emptyDatabase)
struct EncodingTests {
    private func echo(_ type: String, _ value: PostgresValue) async throws -> PostgresRow {
        try await TestDatabase.pool.withSession { session in
            try session.query("SELECT $1::\(type) AS v", [value]).only()
        }
    }

    @Test func `values of ours come back as they went`() async throws {
        let decimal = try #require(ExactDecimal("-118.205"))
        #expect(try await echo("numeric", decimal.postgresValue).decimal("v") == decimal)
        let moment = Timestamp(microseconds: 1_795_000_000_123_456)
        #expect(try await echo("timestamptz", moment.postgresValue).timestamp("v") == moment)
        let id = Identifier(at: moment, random: Array(0..<10))
        #expect(try await echo("uuid", id.postgresValue).identifier("v") == id)
        #expect(try await echo("text", .text("sell")).word("v", as: Side.self) == .sell)
        let null = try await echo("numeric", .null)
        #expect(try null.optionalDecimal("v") == nil)
    }

    @Test func `a wrong value and NULL are told apart, and the value stays secret`() async throws {
        let row = try await echo("text", "hidden-word")
        for attempt: (PostgresRow) throws -> Void in [
            { _ = try $0.decimal("v") }, { _ = try $0.optionalDecimal("v") }, { _ = try $0.timestamp("v") },
            { _ = try $0.identifier("v") }, { _ = try $0.json("v") }, { _ = try $0.word("v", as: Side.self) },
        ] {
            let error = try #require(throws: PostgresError.self) { try attempt(row) }
            #expect(error.kind == .decoding && error.message.contains("does not hold"))
            #expect(!error.description.contains("hidden-word"))
        }
        let null = try await echo("numeric", .null)
        let error = try #require(throws: PostgresError.self) { try null.decimal("v") }
        #expect(error.message == "Column v is NULL where ExactDecimal is needed.")
    }
}
