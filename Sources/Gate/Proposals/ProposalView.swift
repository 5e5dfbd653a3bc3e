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
        var members: [(key: String, value: JSONValue)] = []
        members.reserveCapacity(56)
        members.append(("id", .string(record.id.text)))
        members.append(("state", .string(record.state.rawValue)))
        members.append(("mode", .string(record.mode.rawValue)))
        members += record.terms.json.members
        // What the order does not have is null: a client finds each field there.
        if record.terms.limitPrice == nil { members.append(("limit_price", .null)) }
        if record.terms.stopPrice == nil { members.append(("stop_price", .null)) }
        if record.terms.takeProfitLimitPrice == nil { members.append(("take_profit", .null)) }
        if record.terms.stopLoss == nil { members.append(("stop_loss", .null)) }
        addNotes(to: &members)
        addJudgement(to: &members)
        return .object(JSONObject(distinct: members))
    }

    // Member by member: a dictionary literal is put together twice, and this is the answer to each proposal.

    private func addNotes(to members: inout [(key: String, value: JSONValue)]) {
        let notes = record.notes
        members.append(("reference_price", .decimal(notes.referencePrice)))
        members.append(("strategy", .string(notes.strategy)))
        members.append(("rationale", .text(notes.rationale)))
        members.append(("confidence", .plainNumber(notes.confidence)))
        members.append(("catalyst_score", .plainNumber(notes.catalystScore)))
        members.append(("signal_id", .text(notes.signalID)))
        members.append(("pattern_id", .text(notes.patternID)))
        members.append(("news_id", .text(notes.newsID)))
        members.append(("external_ref", .text(notes.externalRef)))
        members.append(("evidence", notes.evidence ?? .null))
        members.append(("proposed_by", .string(record.proposerName)))
    }

    private func addJudgement(to members: inout [(key: String, value: JSONValue)]) {
        members.append(("notional", .decimal(record.notional)))
        members.append(("tier", .string(record.tier)))
        members.append(("approvals_required", .integer(record.approvalsRequired)))
        members.append(("approvals", .integer(approvals)))
        members.append(("order_hash", .string(record.orderHash)))
        members.append(("check_code", .string(record.checkCode)))
        members.append(("client_order_id", .string(record.clientOrderID)))
        members.append(("checks", record.checks))
        members.append(("impact", record.impact ?? .null))
        members.append(("decisions", .array(decisions.map(\.json))))
        members.append(("policy_version", .integer(record.policyVersion)))
        let seconds = record.expiresAt.seconds(since: record.createdAt)
        members.append(("timeout_minutes", .integer(seconds / 60)))
        members.append(("created_at", .string(record.createdAt.rfc3339)))
        members.append(("expires_at", .string(record.expiresAt.rfc3339)))
        members.append(("approved_at", .text(record.approvedAt?.rfc3339)))
        members.append(("valid_until", .text(record.validUntil?.rfc3339)))
        members.append(("decided_at", .text(record.decidedAt?.rfc3339)))
        members.append(("decided_by", .text(record.decidedBy)))
        members.append(("order_id", .text(record.orderID?.text)))
        members.append(("order_state", .text(record.orderState?.rawValue)))
        members.append(("reason", .text(record.reason)))
        let id = record.id.text
        members.append(
            ("links", ["self": .string("/api/v1/proposals/" + id), "page": .string("/proposals/" + id)]))
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
