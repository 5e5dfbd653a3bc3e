import Cryptography
package import Domain
package import JSON
package import Store

extension JournalCheckpoint {
    /// The checkpoint as the API and exported files show it.
    package var json: JSONValue {
        [
            "position": .integer(position), "hash": .string(Hex.encode(hash)),
            "signed_at": .string(signedAt.rfc3339), "key_id": .string(keyID),
            "signature": .string(Hex.encode(signature)),
        ]
    }

    /// A checkpoint as `json` writes it, with other members beside; nil where it is none.
    package init?(json: JSONValue) {
        guard let position = json["position"]?.intValue, position > 0,
            let hash = json["hash"]?.stringValue.flatMap(Hex.decode), hash.count == SHA256.byteCount,
            let signedAt = json["signed_at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            let keyID = json["key_id"]?.stringValue,
            let signature = json["signature"]?.stringValue.flatMap(Hex.decode),
            signature.count == PublicKey.signatureByteCount
        else { return nil }
        self.init(position: position, hash: hash, signedAt: signedAt, keyID: keyID, signature: signature)
    }
}

extension JournalRecord {
    /// The entry as the API shows it, its particulars as an object.
    package var json: JSONValue {
        [
            "id": .integer(entry.id), "at": .string(entry.at.rfc3339), "kind": .string(entry.kind),
            "actor": .string(entry.actor), "subject": .string(entry.subject),
            "data": (try? JSONParser.parse(entry.data, maxDepth: 64)) ?? .string(entry.data),
            "position": position.map { .integer($0) } ?? .null, "hash": .text(hash.map { Hex.encode($0) }),
        ]
    }
}

extension JournalReport {
    /// The report as `audit verify --json` prints it.
    package var json: JSONValue {
        [
            "intact": .bool(isIntact), "entries": .integer(entries), "checkpoints": .integer(checkpoints),
            "waiting": .integer(waiting), "last_position": .integer(lastPosition),
            "last_hash": .string(Hex.encode(lastHash)), "uncovered": .integer(uncovered),
            "newest_checkpoint": newestCheckpoint?.json ?? .null, "problem_count": .integer(problemCount),
            "problems": .array(problems.map(\.json)),
        ]
    }
}

extension JournalProblem {
    /// The problem as the report shows it.
    package var json: JSONValue {
        [
            "code": .string(code.rawValue), "position": position.map { .integer($0) } ?? .null,
            "entry_id": entryID.map { .integer($0) } ?? .null, "detail": .string(detail),
        ]
    }
}
