import Domain
import JSON
import Store

// How the journal and the messages tell of a proposal's life.

extension ProposalRecord {
    var subject: String { "proposal:\(id)" }

    /// What every entry about a proposal names.
    var essentials: JSONObject {
        [
            "symbol": .string(terms.symbol), "side": .string(terms.side.rawValue),
            "qty": .string(terms.qty.description), "order_hash": .string(orderHash),
        ]
    }

    func entry(_ kind: String, by actor: String, _ data: JSONObject = [:]) -> JournalDraft {
        JournalDraft(kind: "proposal.\(kind)", actor: actor, subject: subject, data: essentials.merging(data))
    }

    /// The message that tells everybody how it ended.
    func outcome(_ state: ProposalState, _ data: JSONObject = [:]) -> DeliveryRequest {
        DeliveryRequest(kind: "proposal-\(state.rawValue)", proposalID: id, priority: 3, data: data)
    }
}

extension ProposalExpiry.Words {
    /// As `entry` and `outcome` tell of it, for proposals that nobody reads one by one.
    static let nobodyAnswered = ProposalExpiry.Words(
        journalKind: "proposal.expired", actor: "system", reason: "nobody answered in time",
        messageKind: "proposal-expired", messagePriority: 3)
}
