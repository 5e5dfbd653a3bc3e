import Cryptography
import Domain
package import JSON
import Postgres
import Store

/// Writes the whole chain as a file that can be verified without the database: JSON, one object a line.
///
/// A `header`, then for each position an `entry` and where there is one its `checkpoint`, then an `end` with the counts.
package struct JournalExport: Sendable {
    private let context: GateContext

    /// What the first line says the file is.
    static let format = "countersign-journal"
    static let version = 1

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Seals what waits, hands every line (without its line break) to `write`, and returns the last one.
    @discardableResult
    package func write(pageSize: Int = 5000, _ write: @escaping @Sendable (String) throws -> Void)
        async throws
        -> JSONValue
    {
        try await Sealing(context).sealAll()
        return try await context.pool.withSnapshot { session in
            try write(header(in: session).serialized())
            var entries = 0
            var checkpoints = 0
            try ChainReading.read(in: session, pageSize: pageSize) { part in
                switch part {
                case .link(let link):
                    entries += 1
                    try write(Self.line(link).serialized())
                case .checkpoint(let checkpoint):
                    checkpoints += 1
                    try write(Self.line(checkpoint).serialized())
                }
            }
            let end: JSONValue = [
                "type": "end", "entries": .integer(entries), "checkpoints": .integer(checkpoints),
                "waiting": .integer(try JournalQueries.waitingCount(in: session)),
            ]
            try write(end.serialized())
            return end
        }
    }

    private func header(in session: PostgresSession) throws -> JSONValue {
        let deployment = try DeploymentStore.find(in: session)
        let keys = try SigningKeyStore.list(in: session).map { key -> JSONValue in
            ["key_id": .string(key.keyID), "public_key": .string(Hex.encode(key.publicKey))]
        }
        return [
            "type": "header", "format": .string(Self.format), "version": .integer(Self.version),
            "exported_at": .string(try DatabaseClock.now(in: session).rfc3339),
            "mode": .text(deployment?.mode.rawValue), "account_number": .text(deployment?.accountNumber),
            "keys": .array(keys),
        ]
    }

    private static func line(_ link: ChainLink) -> JSONValue {
        var line: JSONObject = [
            "type": "entry", "position": .integer(link.position), "id": .integer(link.entryID),
            "hash": .string(Hex.encode(link.hash)),
        ]
        guard let entry = link.entry else { return .object(line) }
        line["at"] = .string(entry.at.rfc3339)
        line["kind"] = .string(entry.kind)
        line["actor"] = .string(entry.actor)
        line["subject"] = .string(entry.subject)
        line["data"] = .string(entry.data)
        return .object(line)
    }

    private static func line(_ checkpoint: JournalCheckpoint) -> JSONValue {
        .object(JSONObject([(key: "type", value: "checkpoint")]).merging(checkpoint.json.objectValue ?? [:]))
    }
}
