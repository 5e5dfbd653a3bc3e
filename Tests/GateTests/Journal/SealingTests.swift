import Cryptography
import Domain
import Gate
import JSON
import Postgres
import Store
import Testing

@Suite struct SealingTests {
    /// Computed with Python's hashlib.
    @Test func `the chain can be computed with any SHA-256`() {
        let first = JournalEntry(
            id: 7, at: Timestamp(microseconds: 1_795_245_924_123_456), kind: "user.added", actor: "cli:root",
            subject: "user:1", data: #"{"name":"größer"}"#)
        let second = JournalEntry(
            id: 5, at: Timestamp(microseconds: 1_795_245_925_000_000), kind: "a", actor: "b", subject: "",
            data: "{}")
        #expect(first.at.rfc3339 == "2026-11-21T07:25:24.123456Z")
        let one = JournalChain.hash(
            after: JournalChain.beginning, position: 1, entry: first, digest: { SHA256.hash($0) })
        #expect(Hex.encode(one) == "62a172f7b6277b5bd73fdd4655c9ac3791066f9430206eaa8eba85e77e70a44e")
        let two = JournalChain.hash(after: one, position: 2, entry: second, digest: { SHA256.hash($0) })
        #expect(Hex.encode(two) == "a740e96db06b1ef72145e60ac501b86a7aa722ee814d35692823cdd5c40039b2")
        let message = JournalCheckpoint.message(
            position: 2, hash: two, signedAt: Timestamp(microseconds: 1_795_245_926_000_000),
            keyID: "0011223344556677")
        #expect(
            String(decoding: message, as: UTF8.self)
                == "24:countersign-checkpoint-1,1:2,64:a740e96db06b1ef72145e60ac501b86a7aa722ee814d35692823cdd5c40039b2,20:2026-11-21T07:25:26Z,16:0011223344556677,"
        )
    }

    @Test func `entries get their place in order, and the first seal signs`() async throws {
        try await Ground.with { ground async throws in
            let notebook = Notebook(ground: ground)
            let sealing = Sealing(ground.context)
            #expect(try await sealing.sealOnce() == 0)
            try await notebook.write(3)
            #expect(try await sealing.sealOnce(limit: 2) == 2)
            let checkpoint = try #require(try await JournalReading(ground.context).newestCheckpoint())
            #expect(checkpoint.position == 2)
            #expect(TrustedKeys([ground.context.secrets.signingKey.publicKey]).judge(checkpoint) == .signed)
            // The third, and the entry that tells of the signing key.
            #expect(try await sealing.sealOnce() == 2)
            #expect(try await sealing.sealOnce() == 0)
            #expect(try await JournalReading(ground.context).newestCheckpoint() == checkpoint)
            let report = try await notebook.verify()
            #expect(report.isIntact && report.entries == 4 && report.waiting == 0 && report.uncovered == 2)
        }
    }

    @Test func `a checkpoint is signed when the last one is old, and only for something new`() async throws {
        try await Ground.with { ground async throws in
            let notebook = Notebook(ground: ground)
            let eager = Sealing(ground.context, checkpointSeconds: 0)
            try await notebook.write(1)
            try await eager.sealOnce()
            try await eager.sealOnce()
            try await eager.sealOnce()
            #expect(try await notebook.verify().checkpoints == 2)
        }
    }

    @Test func `a thousand entries always bring a checkpoint`() async throws {
        try await Ground.with { ground async throws in
            let notebook = Notebook(ground: ground)
            let sealing = Sealing(ground.context)
            try await notebook.write(1)
            try await sealing.sealOnce()
            try await notebook.write(2500)
            while try await sealing.sealOnce() > 0 {}
            let report = try await notebook.verify(pageSize: 300)
            #expect(report.isIntact && report.lastPosition == 2502 && report.uncovered < 1000)
        }
    }

    @Test func `many sealers at once give each entry one place`() async throws {
        try await Ground.with { ground async throws in
            let notebook = Notebook(ground: ground)
            try await notebook.write(40)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...8 {
                    group.addTask {
                        for _ in 1...6 { try await Sealing(ground.context).sealOnce(limit: 3) }
                    }
                }
                try await group.waitForAll()
            }
            try await notebook.seal()
            let report = try await notebook.verify()
            #expect(report.isIntact && report.entries == 41 && report.waiting == 0)
        }
    }

    @Test func `an entry that commits late is sealed after later ones`() async throws {
        try await Ground.with { ground async throws in
            let notebook = Notebook(ground: ground)
            try await ground.pool.transaction { session in
                try JournalStore.append(
                    [JournalDraft(kind: "late", actor: "system", subject: "")], in: session)
                let other = try PostgresSession.standalone(ground.pool.configuration)
                try JournalStore.append(
                    [JournalDraft(kind: "early", actor: "system", subject: "")], in: other)
                // What is not committed cannot be sealed.
                #expect(try SealingStore.waiting(limit: 10, in: other).map(\.kind) == ["early"])
            }
            try await notebook.seal()
            #expect(try await notebook.verify().isIntact)
        }
    }

    @Test func `what a transaction takes back is not in the journal`() async throws {
        try await Ground.with { ground async throws in
            try? await ground.pool.transaction { session in
                try JournalStore.append(
                    [JournalDraft(kind: "undone", actor: "system", subject: "")], in: session)
                throw CancellationError()
            }
            try await Notebook(ground: ground).write(1)
            try await Notebook(ground: ground).seal()
            let report = try await Notebook(ground: ground).verify()
            #expect(report.isIntact && report.entries == 2)
        }
    }

    @Test func `pages go back from the newest entry`() async throws {
        try await Notebook.with(entries: 5) { notebook async throws in
            let reading = JournalReading(notebook.ground.context)
            let first = try await reading.page(limit: 4)
            #expect(first.items.map(\.entry.kind).first == "signing_key.registered")
            let second = try await reading.page(before: first.nextBefore, limit: 4)
            #expect(second.items.map(\.entry.subject) == ["test:2", "test:1"])
            #expect(second.nextBefore == nil)
            #expect(second.items.last?.position == 1)
            #expect(second.items.last?.json["data"]?["number"] == 1)
            #expect(try await reading.page(subject: "test:3").items.map(\.entry.subject) == ["test:3"])
        }
    }
}
