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

    /// The question which of these requests were stored before.
    static func question(_ requests: [AdmissionRequest]) -> PostgresReading<[ProposalQueries.StoredRequest]> {
        let keys = requests.compactMap { request in
            request.idempotencyKey.map { (keyID: request.proposer.keyID, idempotencyKey: $0) }
        }
        return ProposalQueries.stored(under: keys)
    }

    init(_ stored: [ProposalQueries.StoredRequest]) {
        for request in stored {
            let key = Key(keyID: request.keyID, idempotencyKey: request.idempotencyKey)
            known[key] = (request.id, request.requestHash)
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
