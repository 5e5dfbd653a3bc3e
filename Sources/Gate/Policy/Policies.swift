package import Domain
package import JSON
import Postgres
package import Store

/// What became of a document that was to be applied.
package enum PolicyApplication: Sendable, Hashable {
    /// It is a new version, and this is what changed.
    case applied(PolicyRecord, changes: [PolicyChange])
    /// It says what the newest version says already; nothing was stored.
    case unchanged(PolicyRecord)

    /// The version that counts now.
    package var record: PolicyRecord {
        switch self {
        case .applied(let record, _), .unchanged(let record): record
        }
    }
}

/// The limits: which count, and new versions of them.
package struct Policies: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// The newest version as stored; throws `no-policy` where there is none.
    package func newest() async throws -> PolicyRecord {
        try await context.pool.withSession { session in
            guard let record = try PolicyStore.list(before: nil, limit: 1, in: session).first else {
                throw Self.noPolicy
            }
            return record
        }
    }

    /// One version; throws `not-found`.
    package func find(version: Int) async throws -> PolicyRecord {
        try await context.pool.withSession { session in
            guard let number = Int32(exactly: version),
                let record = try PolicyStore.find(version: Int(number), in: session)
            else { throw Refusal.notFound("policy version") }
            return record
        }
    }

    /// Versions older than `before`, newest first.
    package func versions(before: Int? = nil, limit: Int = 50) async throws -> [PolicyRecord] {
        let before = before.flatMap { Int32(exactly: $0) }.map { Int($0) }
        return try await context.pool.withSession { session in
            try PolicyStore.list(before: before, limit: limit, in: session)
        }
    }

    /// Makes a document the newest version.
    ///
    /// What it leaves out is stored as its preset has it now.
    package func apply(_ document: JSONValue, by actor: String) async throws -> PolicyApplication {
        let policy: Policy
        do {
            policy = try PolicyDocument.parse(document)
        } catch {
            throw Refusal.invalid(error.faults)
        }
        return try await context.pool.transaction { session in
            // Waits for admissions and claims under way; whatever comes later sees the new limits.
            try AccountLock.exclusive(in: session)
            return try Self.apply(policy, by: actor, in: session)
        }
    }

    /// What is wrong with the newest version beside the people there are, for people; empty where nothing is.
    ///
    /// It is told and not refused: whoever sets a desk up may write the limits before they add the people.
    package func warnings() async throws -> [String] {
        try await context.pool.withSession { session in
            guard let document = try PolicyStore.list(before: nil, limit: 1, in: session).first?.document,
                let policy = try? PolicyDocument.parse(document)
            else { return [] }
            let (asked, people) = (policy.approval.approvals, try UserStore.approvers(in: session))
            guard asked > people else { return [] }
            return [
                "The policy asks for \(asked) approvals, and \(people == 1 ? "1 person" : "\(people) people") may"
                    + " approve: no proposal can be approved. Add approvers, or ask for fewer approvals."
            ]
        }
    }

    static func apply(_ policy: Policy, by actor: String, in session: PostgresSession) throws
        -> PolicyApplication
    {
        let newest = try PolicyStore.list(before: nil, limit: 1, in: session).first
        let changes = PolicyChange.between(newest?.document ?? [:], policy.json)
        if let newest, changes.isEmpty { return .unchanged(newest) }
        let record = try PolicyStore.insert(
            version: (newest?.version ?? 0) + 1, document: policy.json, appliedBy: actor, in: session)
        try JournalStore.append([entry(record, policy, newest == nil ? [] : changes, by: actor)], in: session)
        return .applied(record, changes: changes)
    }

    private static func entry(
        _ record: PolicyRecord, _ policy: Policy, _ changes: [PolicyChange], by actor: String
    ) -> JournalDraft {
        let told = changes.map { change -> JSONValue in
            ["pointer": .string(change.pointer), "from": change.from, "to": change.to]
        }
        return JournalDraft(
            kind: "policy.applied", actor: actor, subject: "policy:\(record.version)",
            data: [
                "version": .integer(record.version), "preset": .string(policy.preset),
                "document": policy.json, "changes": .array(told),
            ])
    }

    private static let noPolicy = Refusal(
        .noPolicy,
        "No policy is applied, so nothing is allowed. Apply one with `countersign policy apply`.")
}
