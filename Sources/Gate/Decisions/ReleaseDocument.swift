import Domain
import JSON
import Store

/// What the worker gets and what is signed: the order and who approved it (product.md section 11).
struct ReleaseDocument {
    let view: ProposalView
    let orderID: Identifier
    let approval: (at: Timestamp, validUntil: Timestamp)
    let orderTimeoutMinutes: Int?

    /// The canonical JSON whose UTF-8 bytes are signed.
    var text: String {
        JSONValue.object(["order": .object(order), "approval": .object(approvalMembers)]).canonical()
    }

    private var order: JSONObject {
        let record = view.record
        var order: JSONObject = [
            "id": .string(orderID.text), "proposal_id": .string(record.id.text),
            "client_order_id": .string(record.clientOrderID), "mode": .string(record.mode.rawValue),
            "strategy": .string(record.notes.strategy), "is_reducing": .bool(record.isReducing),
        ]
        order["order_timeout_minutes"] = orderTimeoutMinutes.map(JSONValue.integer)
        return order.merging(record.terms.json)
    }

    private var approvalMembers: JSONObject {
        [
            "tier": .string(view.record.tier),
            "decisions": .array(view.decisions.filter { $0.verdict == .approve }.map(\.json)),
            "approved_at": .string(approval.at.rfc3339), "expires_at": .string(approval.validUntil.rfc3339),
            "order_hash": .string(view.record.orderHash),
        ]
    }
}
