import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

extension RouteTable {
    /// The journal and the keys that sign.
    mutating func addAudit() {
        api(.get, "/audit") { call in try await listJournal(call) }
        api(.get, "/audit/checkpoint") { call in
            try call.require(call.caller.mayAudit, to: "read the journal")
            var query = QueryReader(call.request)
            try query.finish()
            let checkpoint = try await call.context.gate.pool.withSnapshot { session in
                try JournalFeed.newestCheckpoint(in: session)
            }
            guard let checkpoint else {
                throw Refusal(.notFound, "No checkpoint has been signed yet; the first follows shortly.")
            }
            return .json(checkpoint.json)
        }
        // Anybody may know the public keys: a worker pins one before it has been told anything else.
        let context = context
        open(.get, Self.apiPrefix + "/signing-keys") { _ in .json(try await signingKeys(context)) }
    }
}

private func listJournal(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayAudit, to: "read the journal")
    var query = QueryReader(call.request)
    let subject = query.text("subject")
    let (limit, before) = query.page()
    try query.finish()
    let entries = try await call.context.gate.pool.withSnapshot { session in
        try JournalFeed.list(before: before, subject: subject, limit: limit + 1, in: session)
    }
    let page = entries.prefix(limit)
    return listResponse(page.map(\.json), next: entries.count > limit ? page.last?.id : nil)
}

/// The key that signs now comes first, because workers pin it; those from before follow, the newest first.
private func signingKeys(_ context: WebContext) async throws -> JSONValue {
    let secrets = context.gate.secrets
    let earlier = try await Deployment(context.gate).signingKeys().filter {
        $0.keyID != secrets.signingKeyID
    }
    func item(_ keyID: String, _ publicKey: [UInt8], isCurrent: Bool) -> JSONValue {
        [
            "key_id": .string(keyID), "alg": "ed25519", "public_key": .string(Base64.encode(publicKey)),
            "current": .bool(isCurrent),
        ]
    }
    return [
        "items": .array(
            [item(secrets.signingKeyID, secrets.signingKey.publicKey.bytes, isCurrent: true)]
                + earlier.map { item($0.keyID, $0.publicKey, isCurrent: false) }), "next_cursor": .null,
    ]
}

extension JournalEntryRecord {
    /// The entry as the API shows it.
    var json: JSONValue {
        [
            "id": .integer(id), "at": .string(at.rfc3339), "kind": .string(kind), "actor": .string(actor),
            "subject": .string(subject), "data": (try? JSONParser.parse(data, maxDepth: 64)) ?? .string(data),
            "position": position.map { .integer($0) } ?? .null, "hash": .text(hash.map(Hex.encode)),
        ]
    }
}

extension CheckpointRecord {
    fileprivate var json: JSONValue {
        [
            "position": .integer(position), "hash": .string(Hex.encode(hash)),
            "signed_at": .string(signedAt.rfc3339), "key_id": .string(keyID), "alg": "ed25519",
            "signature": .string(Base64.encode(signature)),
        ]
    }
}
