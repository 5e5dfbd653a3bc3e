import Domain
import JSON
import Store

// What journal and people are told of a report: only what changed, so that repeats tell nothing.

extension ReportDigest {
    func entries(by actor: String) -> [JournalDraft] {
        var entries: [JournalDraft] = []
        if state != order.state || filledQty > order.filledQty || !freshFills.isEmpty {
            let kind = state == order.state ? "order.fills" : "order.\(state.rawValue)"
            entries.append(order.entry(kind, by: actor, particulars))
        }
        if isUnknownWord {
            let word = report.broker?.status ?? ""
            entries.append(order.entry("order.status-not-known", by: actor, ["status": .string(word)]))
        }
        entries += newContradictions.map { contradiction in
            order.entry("order.contradicted", by: actor, particulars.merging(data(of: contradiction)))
        }
        if isAstrayEnding { entries.append(order.entry("order.astray-ended", by: actor, particulars)) }
        return entries
    }

    var messages: [DeliveryRequest] {
        var messages: [DeliveryRequest] = []
        if state != order.state, let kind = kindOfMessage {
            let isGood = state == .filled || state == .accepted
            messages.append(order.message(kind, priority: isGood ? 5 : 2, particulars))
        }
        if isUnknownWord {
            let word = report.broker?.status ?? ""
            messages.append(order.message("order-status-not-known", priority: 2, ["status": .string(word)]))
        }
        if let words = contradictionWords {
            let data: JSONObject = ["contradiction": .string(words)]
            messages.append(order.message("order-contradicted", priority: 1, particulars.merging(data)))
        }
        if isAstrayEnding || order.isAstray && !freshFills.isEmpty {
            messages.append(order.message("order-astray", priority: 1, particulars))
        }
        return messages
    }

    /// What people are told of contradictions: the journal has all of them.
    private var contradictionWords: String? {
        let words = newContradictions.map(\.words)
        guard !words.isEmpty else { return nil }
        let shown = words.prefix(3).joined(separator: " ")
        return words.count > 3 ? "\(shown) And \(words.count - 3) more; the journal has them." : shown
    }

    /// One thing that contradicts, with the executions that were not taken in because of it.
    private func data(of contradiction: Contradiction) -> JSONObject {
        var data: JSONObject = ["contradiction": .string(contradiction.words)]
        if case .anotherOrder = contradiction, !report.fills.isEmpty {
            data["fills_not_taken"] = .array(report.fills.prefix(100).map { OrderView.json($0) })
        }
        return data
    }

    private var kindOfMessage: String? {
        switch state {
        case .filled: "order-filled"
        case .rejected: "order-rejected"
        case .unknown: "order-unknown"
        case .canceled: "order-canceled"
        case .expired: "order-expired"
        case .accepted, .partiallyFilled: order.state == .unknown ? "order-found" : nil
        case .released, .submitting, .refused, .lapsed, .revoked, .cancelled: nil
        }
    }

    private var particulars: JSONObject {
        var data: JSONObject = ["filled_qty": .string(filledQty.description)]
        data["filled_avg_price"] = change.filledAvgPrice.map { .string($0.description) }
        data["broker_order_id"] = report.broker.map { .string($0.id) }
        data["broker_status"] = report.broker.map { .string($0.status) }
        data["reason"] = change.reason.map(JSONValue.string)
        if executedQty > order.qty { data["executed_qty"] = .decimal(executedQty) }
        if !freshFills.isEmpty {
            data["fills"] = .array(freshFills.map { OrderView.json($0) })
        }
        return data
    }
}
