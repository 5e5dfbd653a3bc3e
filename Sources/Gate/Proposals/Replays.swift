import Domain
import JSON
import Postgres
import Store

/// What was admitted before under the idempotency keys of a group.
struct Replays {
    private struct Key: Hashable {
        let keyID: Identifier
        let idempotencyKey: String
    }

    private var known: [Key: (id: Identifier, requestHash: [UInt8])] = [:]

    init(_ requests: [AdmissionRequest], in session: PostgresSession) throws {
        let keys = requests.compactMap { request in
            request.idempotencyKey.map { (keyID: request.proposer.keyID, idempotencyKey: $0) }
        }
        for stored in try ProposalQueries.stored(under: keys, in: session) {
            let key = Key(keyID: stored.keyID, idempotencyKey: stored.idempotencyKey)
            known[key] = (stored.record.id, stored.record.requestHash)
        }
    }

    /// The answer to a repetition; nil where the request is new.
    func answer(to request: AdmissionRequest) -> Result<Identifier, Refusal>? {
        guard let key = key(of: request), let earlier = known[key] else { return nil }
        guard earlier.requestHash == request.requestHash else {
            return .failure(
                Refusal(
                    .idempotencyMismatch,
                    "This Idempotency-Key was used before with another body. Nothing was stored. "
                        + "Send a new key with a new request, or the same body with the old key.",
                    facts: ["proposal_id": .string(earlier.id.text)]))
        }
        return .success(earlier.id)
    }

    mutating func remember(_ request: AdmissionRequest, _ id: Identifier) {
        guard let key = key(of: request) else { return }
        known[key] = (id, request.requestHash)
    }

    private func key(of request: AdmissionRequest) -> Key? {
        request.idempotencyKey.map { Key(keyID: request.proposer.keyID, idempotencyKey: $0) }
    }
}
