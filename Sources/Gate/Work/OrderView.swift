package import Domain
package import JSON
package import Store

/// An order with its executions, as the API shows it.
package struct OrderView: Sendable, Hashable {
    package let record: OrderRecord
    /// The executions, oldest first.
    package let fills: [FillRecord]

    /// An order and its executions.
    package init(record: OrderRecord, fills: [FillRecord]) {
        self.record = record
        self.fills = fills
    }

    /// What the broker is to do, as it was signed.
    package var terms: OrderTerms? {
        guard let document = try? JSONParser.parse(Array(record.document.utf8)),
            let order = document["order"]
        else { return nil }
        return try? OrderTerms.parse(order)
    }

    /// The order as the API shows it.
    package var json: JSONValue {
        let identity: JSONObject = [
            "id": .string(record.id.text), "proposal_id": .string(record.proposalID.text),
            "client_order_id": .string(record.clientOrderID), "state": .string(record.state.rawValue),
        ]
        return .object(identity.merging(terms?.json ?? bareTerms).merging(course))
    }

    private var bareTerms: JSONObject {
        [
            "symbol": .string(record.symbol), "side": .string(record.side.rawValue),
            "qty": .string(record.qty.description),
        ]
    }

    private var course: JSONObject {
        [
            "notional": .string(record.notional.description), "is_reducing": .bool(record.isReducing),
            "order_hash": .string(record.orderHash), "released_at": .string(record.releasedAt.rfc3339),
            "valid_until": .string(record.validUntil.rfc3339),
            "claim_generation": .integer(record.claimGeneration), "claimed_by": .text(record.claimedBy),
            "claimed_at": .text(record.claimedAt?.rfc3339), "checks": record.claimChecks ?? .null,
            "submitted_at": .text(record.submittedAt?.rfc3339),
            "broker_order_id": .text(record.brokerOrderID), "broker_status": .text(record.brokerStatus),
            "filled_qty": .string(record.filledQty.description),
            "filled_avg_price": .text(record.filledAvgPrice?.description),
            "fills": .array(fills.map(Self.json)), "finished_at": .text(record.finishedAt?.rfc3339),
            "reason": .text(record.reason), "turned_up_at": .text(record.turnedUpAt?.rfc3339),
        ]
    }

    static func json(_ fill: FillRecord) -> JSONValue {
        [
            "execution_id": .string(fill.executionID), "qty": .string(fill.qty.description),
            "price": .string(fill.price.description), "executed_at": .string(fill.executedAt.rfc3339),
        ]
    }
}
