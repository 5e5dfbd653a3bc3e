import Postgres
package import Testing

/// Gives a whole suite one database: `@Suite(.database)`, then `try TestDatabase.pool` in its tests.
package struct DatabaseTrait: SuiteTrait, TestTrait, TestScoping {
    let isEmpty: Bool

    package func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let scope: (PostgresPool) async throws -> Void = { pool in
            try await TestDatabase.$suitePool.withValue(pool) { try await function() }
        }
        if isEmpty {
            try await TestDatabase.withEmpty(scope)
        } else {
            try await TestDatabase.with(scope)
        }
    }
}

extension Trait where Self == DatabaseTrait {
    /// One database with the product's migrations, shared by the suite's tests.
    package static var database: DatabaseTrait { DatabaseTrait(isEmpty: false) }

    /// One empty database, shared by the suite's tests.
    package static var emptyDatabase: DatabaseTrait { DatabaseTrait(isEmpty: true) }
}
