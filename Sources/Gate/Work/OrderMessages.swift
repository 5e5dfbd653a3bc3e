import Domain
import JSON
import Store

// How the journal and the messages tell what becomes of an order.

extension OrderRecord {
    /// An entry of the journal about this order.
    func entry(_ kind: String, by actor: String, _ data: JSONObject = [:]) -> JournalDraft {
        let standing: JSONObject = [
            "proposal_id": .string(proposalID.text), "client_order_id": .string(clientOrderID),
        ]
        return JournalDraft(
            kind: kind, actor: actor, subject: "order:\(id.text)", data: standing.merging(data))
    }

    /// A message about this order.
    func message(_ kind: String, priority: Int = 5, _ data: JSONObject = [:]) -> DeliveryRequest {
        DeliveryRequest(
            kind: kind, proposalID: proposalID, orderID: id, priority: priority, data: data)
    }
}
