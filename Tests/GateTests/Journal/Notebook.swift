import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Synchronization

/// A sealed journal and what is needed to tamper with it.
struct Notebook: Sendable {
    let ground: Ground

    /// A journal of so many entries, sealed one by one up to the last two, which are sealed together.
    static func with<R>(entries: Int = 6, _ body: (Notebook) async throws -> R) async throws -> R {
        try await Ground.with { ground in
            let notebook = Notebook(ground: ground)
            try await notebook.write(entries)
            try await notebook.seal()
            return try await body(notebook)
        }
    }

    /// Writes entries; the first seal adds one more, of the signing key.
    func write(_ count: Int) async throws {
        try await ground.pool.transaction { session in
            let drafts = (1...count).map { number in
                JournalDraft(
                    kind: "test.written", actor: "user:alice", subject: "test:\(number)",
                    data: ["number": .integer(number)])
            }
            try JournalStore.append(drafts, in: session)
        }
    }

    func seal() async throws { try await Sealing(ground.context).sealAll() }

    func verify(
        trusting keys: [PublicKey] = [], earlier: JournalCheckpoint? = nil, pageSize: Int = 5000
    ) async throws -> JournalReport {
        try await JournalVerification(ground.context).verify(
            trusting: keys, earlier: earlier, pageSize: pageSize)
    }

    /// Runs SQL as superuser with all triggers and foreign keys off.
    func tamper(_ sql: String) async throws {
        try await ground.attack("BEGIN; SET LOCAL session_replication_role = replica; \(sql); COMMIT")
    }

    func lines() async throws -> [String] {
        let collected = Collected()
        try await JournalExport(ground.context).write { line in collected.append(line) }
        return collected.lines
    }
}

/// Lines as they are written.
private final class Collected: Sendable {
    private let storage = Mutex<[String]>([])
    var lines: [String] { storage.withLock { $0 } }
    func append(_ line: String) { storage.withLock { $0.append(line) } }
}
