import Cryptography
import Domain
import Gate
import HTTPServer
import JSON

extension RouteTable {
    /// Decisions of people, and taking them back.
    mutating func addDecisions() {
        api(.post, "/proposals/{id}/decisions") { call in
            let (person, method) = try call.requirePerson(to: "decide")
            try call.require(person.role.canDecide, to: "decide")
            let id = try call.identifier(of: "proposal")
            let request = try decisionRequest(id, call.request.json())
            return .json(try await call.context.deciding.decide(request, by: person, method: method).json)
        }
        api(.post, "/proposals/{id}/revoke") { call in
            let (person, _) = try call.requirePerson(to: "take an approval back")
            try call.require(person.role.canDecide, to: "take an approval back")
            let id = try call.identifier(of: "proposal")
            let reader = JSONReader(try call.request.optionalJSON())
            let reason = reader.string("reason", maxCharacters: TextLimits.reason)
            try reader.finish()
            return .json(try await call.context.revoking.revoke(id, reason: reason, by: person).json)
        }
    }
}

/// How long the texts of people may be.
enum TextLimits {
    static let comment = 2000
    static let reason = 500
}

private func decisionRequest(_ id: Identifier, _ body: JSONValue) throws -> DecisionRequest {
    let reader = JSONReader(body)
    let verdict = reader.choice("verdict", Verdict.self)
    if reader.value("verdict") == nil { reader.missing("verdict") }
    let orderHash = reader.string("order_hash", maxCharacters: 64)
    if reader.value("order_hash") == nil { reader.missing("order_hash") }
    if let orderHash, !orderHash.isOrderHash {
        reader.fault("order_hash", "must be the 64 hexadecimal digits of the proposal's order_hash")
    }
    let comment = reader.string("comment", maxCharacters: TextLimits.comment)
    let qty = reader.value("qty").flatMap { value -> ExactDecimal? in
        let qty = value.numberText.flatMap(ExactDecimal.init)
        if qty == nil { reader.fault("qty", "must be a decimal such as \"100\"") }
        return qty
    }
    if reader.string("totp", maxCharacters: 16) != nil {
        reader.fault("totp", "is not set up here; leave it out")
    }
    try reader.finish()
    guard let verdict, let orderHash else { throw Refusal.invalid(reader.faults) }
    return DecisionRequest(
        proposalID: id, verdict: verdict, orderHash: orderHash,
        comment: comment.flatMap { $0.isBlank ? nil : $0 }, qty: qty)
}

extension String {
    /// Whether it can be the hash of an order.
    var isOrderHash: Bool { Hex.decode(self)?.count == SHA256.byteCount }
}
