import Cryptography
import Domain
import Gate
import Postgres
import Store
import Testing

@Suite struct TamperingTests {
    /// What somebody with all rights does, and what is found: code and position.
    struct Attack: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let sql: String
        let found: [String]

        init(_ name: String, _ sql: String, _ found: [String]) {
            testDescription = name
            self.sql = sql
            self.found = found
        }
    }

    private static let attacks = [
        Attack("edit an entry", "UPDATE journal SET actor = 'user:mallory' WHERE id = 3", ["altered 3"]),
        Attack(
            "move an entry in time", "UPDATE journal SET at = at + interval '1 microsecond' WHERE id = 3",
            ["altered 3"]),
        Attack("respace its data", "UPDATE journal SET data = data || ' ' WHERE id = 3", ["altered 3"]),
        Attack("delete an entry", "DELETE FROM journal WHERE id = 3", ["entry_missing 3"]),
        Attack(
            "delete a link", "DELETE FROM journal_chain WHERE position = 3", ["missing 3", "not_sealed nil"]),
        Attack(
            "delete an entry and its link",
            "DELETE FROM journal WHERE id = 3; DELETE FROM journal_chain WHERE position = 3", ["missing 3"]),
        Attack(
            "swap two entries",
            """
            UPDATE journal_chain SET entry_id = -1 WHERE position = 3;
            UPDATE journal_chain SET entry_id = 3 WHERE position = 4;
            UPDATE journal_chain SET entry_id = 4 WHERE position = 3
            """, ["altered 3", "altered 4"]),
        Attack(
            "close the gap of a deleted entry",
            """
            DELETE FROM journal WHERE id = 3; DELETE FROM journal_chain WHERE position = 3;
            UPDATE journal_chain SET position = position - 1 WHERE position = 4;
            UPDATE journal_chain SET position = position - 1 WHERE position = 5;
            UPDATE journal_chain SET position = position - 1 WHERE position = 6;
            UPDATE journal_chain SET position = position - 1 WHERE position = 7;
            UPDATE journal_checkpoints SET position = position - 1 WHERE position >= 6
            """,
            [
                "altered 3", "altered 4", "altered 5", "checkpoint_signature 5", "altered 6",
                "checkpoint_signature 6",
            ]),
        Attack(
            "edit a hash",
            "UPDATE journal_chain SET hash = decode(repeat('ab', 32), 'hex') WHERE position = 3",
            ["altered 3", "altered 4"]),
        Attack(
            "edit a checkpoint",
            "UPDATE journal_checkpoints SET hash = decode(repeat('ab', 32), 'hex') WHERE position = 6",
            ["checkpoint_signature 6", "checkpoint_mismatch 6"]),
        Attack(
            "backdate a checkpoint",
            "UPDATE journal_checkpoints SET signed_at = signed_at - interval '1 day' WHERE position = 6",
            ["checkpoint_signature 6"]),
        Attack("delete all checkpoints", "DELETE FROM journal_checkpoints", ["checkpoint_missing nil"]),
        Attack(
            "delete the end of the chain under its checkpoint",
            "DELETE FROM journal_chain WHERE position > 6",
            ["not_sealed nil", "checkpoint_without_entry 7"]),
    ]

    private func problems(_ report: JournalReport) -> Set<String> {
        Set(report.problems.map { "\($0.code.rawValue) \($0.position.map(String.init) ?? "nil")" })
    }

    @Test(arguments: attacks)
    func `what a superuser does to the record is found`(attack: Attack) async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            #expect(try await notebook.verify().isIntact)
            try await notebook.tamper(attack.sql)
            for pageSize in [2, 5000] {
                #expect(problems(try await notebook.verify(pageSize: pageSize)) == Set(attack.found))
            }
        }
    }

    @Test func `entries that wait cannot vanish unseen`() async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            try await notebook.write(2)
            #expect(try await notebook.verify().waiting == 2)
            try await notebook.tamper("DELETE FROM journal WHERE id = 8")
            try await notebook.tamper("DELETE FROM journal_unsealed WHERE entry_id = 9")
            #expect(problems(try await notebook.verify()) == ["not_sealed nil", "entry_missing nil"])
        }
    }

    @Test func `an end cut off without a trace shows beside an earlier checkpoint`() async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            let kept = try #require(try await JournalReading(notebook.ground.context).newestCheckpoint())
            #expect(try await notebook.verify(earlier: kept).isIntact)
            try await notebook.tamper(
                """
                DELETE FROM journal_checkpoints WHERE position > 6;
                DELETE FROM journal_chain WHERE position > 6;
                DELETE FROM journal WHERE id > 6
                """)
            #expect(try await notebook.verify().isIntact)
            #expect(problems(try await notebook.verify(earlier: kept)) == ["truncated 7"])
            // Growing again does not hide it.
            try await notebook.write(3)
            try await notebook.seal()
            #expect(problems(try await notebook.verify(earlier: kept)) == ["rewritten 7"])
        }
    }

    @Test func `a journal written anew with another key is not believed`() async throws {
        try await Notebook.with(entries: 6) { notebook async throws in
            let ground = notebook.ground
            let mallory = try Ground.context(ground.superuser, mode: .paper, master: 66)
            try await notebook.tamper(
                """
                DELETE FROM journal_checkpoints; DELETE FROM journal_chain;
                UPDATE journal SET actor = 'user:mallory' WHERE id = 3;
                INSERT INTO journal_unsealed SELECT id FROM journal
                """)
            try await Sealing(mallory).sealAll()
            let report = try await notebook.verify()
            #expect(Set(report.problems.map(\.code)) == [.checkpointKey])
            // A key changed on purpose is trusted by its public half.
            #expect(try await notebook.verify(trusting: [mallory.secrets.signingKey.publicKey]).isIntact)
        }
    }

    @Test func `a checkpoint kept elsewhere must be signed itself`() async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            let kept = try #require(try await JournalReading(notebook.ground.context).newestCheckpoint())
            let forged = JournalCheckpoint(
                position: kept.position, hash: kept.hash, signedAt: kept.signedAt.adding(seconds: 1),
                keyID: kept.keyID, signature: kept.signature)
            #expect(problems(try await notebook.verify(earlier: forged)) == ["checkpoint_signature 3"])
        }
    }

    @Test(arguments: ["journal", "journal_chain", "journal_checkpoints"])
    func `the application's own role cannot rewrite the record`(table: String) async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            let column = table == "journal" ? "kind" : "position"
            for sql in [
                "UPDATE \(table) SET \(column) = \(column)", "DELETE FROM \(table)",
                "TRUNCATE \(table) CASCADE", "ALTER TABLE \(table) DISABLE TRIGGER ALL",
                "DROP TABLE \(table) CASCADE", "SET session_replication_role = replica",
            ] {
                let error = await #expect(throws: PostgresError.self) {
                    try await notebook.ground.pool.withSession { session in try session.script(sql) }
                }
                #expect(error?.sqlState == "42501", "\(sql)")
            }
            #expect(try await notebook.verify().isIntact)
        }
    }

    @Test(arguments: [
        "UPDATE journal SET kind = 'x'", "DELETE FROM journal_chain", "TRUNCATE journal CASCADE",
    ])
    func `even the owner meets the triggers`(sql: String) async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            let error = await #expect(throws: PostgresError.self) { try await notebook.ground.attack(sql) }
            #expect(error?.sqlState == "CS001")
            #expect(try await notebook.verify().isIntact)
        }
    }

    @Test func `what the application's own role can still do to hide an entry is found`() async throws {
        try await Notebook.with(entries: 2) { notebook async throws in
            try await notebook.write(2)
            try await notebook.ground.pool.withSession { session in
                try session.script("DELETE FROM journal_unsealed WHERE entry_id = 4")
                try session.script(
                    "INSERT INTO journal_chain VALUES (4, 5, decode(repeat('ab', 32), 'hex'))")
            }
            #expect(problems(try await notebook.verify()) == ["not_sealed nil", "altered 4"])
        }
    }
}
