package import Domain
package import JSON
package import Store

/// A proposal with its decisions: what the API answers and the pages show.
package struct ProposalView: Sendable {
    package let record: ProposalRecord
    package let decisions: [DecisionRecord]

    /// A proposal with the decisions on it.
    package init(record: ProposalRecord, decisions: [DecisionRecord]) {
        self.record = record
        self.decisions = decisions
    }

    /// How many people have approved exactly this order.
    package var approvals: Int {
        decisions.count { $0.verdict == .approve && $0.orderHash == record.orderHash }
    }

    /// The findings of the last check.
    package var findings: [Finding] {
        (record.checks.arrayValue ?? []).compactMap(Finding.init(json:))
    }

    /// The document of product.md section 7.
    package var json: JSONValue {
        let state: JSONObject = [
            "id": .string(record.id.text), "state": .string(record.state.rawValue),
            "mode": .string(record.mode.rawValue),
        ]
        // What the order does not have is null: a client finds each field there.
        var order = record.terms.json
        for name in ["limit_price", "stop_price", "take_profit", "stop_loss"] where order[name] == nil {
            order[name] = .null
        }
        return .object(
            JSONObject(distinct: state.members + order.members + notes.members + judgement.members))
    }

    private var notes: JSONObject {
        let notes = record.notes
        return [
            "reference_price": .decimal(notes.referencePrice), "strategy": .string(notes.strategy),
            "rationale": .text(notes.rationale), "confidence": .plainNumber(notes.confidence),
            "catalyst_score": .plainNumber(notes.catalystScore), "signal_id": .text(notes.signalID),
            "pattern_id": .text(notes.patternID), "news_id": .text(notes.newsID),
            "external_ref": .text(notes.externalRef), "evidence": notes.evidence ?? .null,
            "proposed_by": .string(record.proposerName),
        ]
    }

    private var judgement: JSONObject {
        [
            "notional": .decimal(record.notional), "tier": .string(record.tier),
            "approvals_required": .integer(record.approvalsRequired), "approvals": .integer(approvals),
            "order_hash": .string(record.orderHash), "check_code": .string(record.checkCode),
            "client_order_id": .string(record.clientOrderID),
            "checks": record.checks, "impact": record.impact ?? .null,
            "decisions": .array(decisions.map(\.json)),
            "policy_version": .integer(record.policyVersion),
            "timeout_minutes": .integer(record.expiresAt.seconds(since: record.createdAt) / 60),
            "created_at": .string(record.createdAt.rfc3339), "expires_at": .string(record.expiresAt.rfc3339),
            "approved_at": .text(record.approvedAt?.rfc3339),
            "valid_until": .text(record.validUntil?.rfc3339),
            "decided_at": .text(record.decidedAt?.rfc3339), "decided_by": .text(record.decidedBy),
            "order_id": .text(record.orderID?.text), "order_state": .text(record.orderState?.rawValue),
            "reason": .text(record.reason),
            "links": [
                "self": .string("/api/v1/proposals/\(record.id)"), "page": .string("/proposals/\(record.id)"),
            ],
        ]
    }
}

extension DecisionRecord {
    /// The decision as the API shows it.
    package var json: JSONValue {
        [
            "by": .string(userName), "verdict": .string(verdict.rawValue), "at": .string(decidedAt.rfc3339),
            "comment": .text(comment), "method": .string(method.rawValue),
        ]
    }
}

extension JSONValue {
    /// A score as a JSON number, or null.
    static func plainNumber(_ value: ExactDecimal?) -> JSONValue {
        value.flatMap { JSONNumber($0.description) }.map(JSONValue.number) ?? .null
    }
}
