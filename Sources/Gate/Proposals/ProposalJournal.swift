import Domain
import JSON
import Store

// How the journal and the messages tell of a proposal's life.

extension ProposalBrief {
    var subject: String { "proposal:\(id)" }

    /// What every entry about a proposal names.
    var essentials: JSONObject {
        [
            "symbol": .string(symbol), "side": .string(side.rawValue),
            "qty": .string(qty.description), "order_hash": .string(orderHash),
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

extension ProposalRecord {
    var subject: String { brief.subject }
    var essentials: JSONObject { brief.essentials }

    func entry(_ kind: String, by actor: String, _ data: JSONObject = [:]) -> JournalDraft {
        brief.entry(kind, by: actor, data)
    }

    /// The message that tells everybody how it ended.
    func outcome(_ state: ProposalState, _ data: JSONObject = [:]) -> DeliveryRequest {
        brief.outcome(state, data)
    }
}
