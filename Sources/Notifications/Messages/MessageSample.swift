package import Domain
import JSON
import Store

/// A made-up trade and what may be told of it, to see what messages look like.
package struct MessageSample: Sendable {
    /// Every kind of message there is.
    package static let kinds: [String] =
        ["approval-requested", "approval-counted"]
        + ProposalState.allCases.filter { $0 != .pending && $0 != .blocked }.map { "proposal-\($0.rawValue)" }
        + OrderState.allCases.filter { $0 != .released && $0 != .submitting }.map {
            "order-\($0.rawValue.replacing("_", with: "-"))"
        } + [
            "order-found", "order-contradicted", "order-status-not-known", "halt-opened", "halt-cleared",
            "channel-disabled", "channel-test",
        ] + StopNotice.kinds + AlertNotice.kinds

    /// Friday, 14:05 in New York.
    static let now = Timestamp(seconds: 1_795_201_500)
    private static let hash = "9f2c41d07ab35e68" + String(repeating: "0c", count: 24)

    package var mode = TradingMode.paper
    /// Why the bot wants it.
    package var rationale =
        "NVDA gapped up 3.1% on guidance and holds above yesterday's high on twice the usual volume.\n\n"
        + "Entry at the opening range; the stop is below the gap."
    package var strategy = "gap_and_go"
    package var comment = "Volume confirms it."

    /// The trade as it comes by default.
    package init() {}

    /// What such a message is written from; nil where there is no such kind.
    package func subject(_ kind: String) -> Subject? {
        guard Self.kinds.contains(kind) else { return nil }
        if kind.hasPrefix("proposal-"), let state = ProposalState(rawValue: String(kind.dropFirst(9))) {
            return subject(kind, state, data: state == .cancelled ? ["halt": Self.halt] : [:])
        }
        if kind.hasPrefix("order-") { return orderSubject(kind) }
        switch kind {
        case "approval-requested": return subject(kind, .pending, approvals: 0)
        case "approval-counted": return subject(kind, .pending, approvals: 1)
        case _ where AlertNotice.kinds.contains(kind):
            return Subject(kind: kind, mode: mode, alert: Self.alert(kind), now: Self.now)
        default: return Subject(kind: kind, data: Self.data(kind), mode: mode, now: Self.now)
        }
    }

    private func orderSubject(_ kind: String) -> Subject {
        let word = String(kind.dropFirst(6)).replacing("-", with: "_")
        let state = OrderState(rawValue: word) ?? .accepted
        let filled = ["filled": "400", "partially_filled": "150", "canceled": "150"][word]
        let reasons = [
            "rejected": "insufficient buying power", "refused": "The price moved 0.9% away; 0.5% is allowed.",
        ]
        let contradictions = [
            "contradicted": "The broker calls the order filled, with only 150 of its 400 shares."
        ]
        var data = JSONObject()
        data["filled_qty"] = filled.map(JSONValue.string)
        data["filled_avg_price"] = filled.map { _ in "118.1" }
        data["reason"] = reasons[word].map(JSONValue.string)
        data["contradiction"] = contradictions[word].map(JSONValue.string)
        if state == .cancelled { data["halt"] = Self.halt }
        let order = OrderStanding(
            state: state, qty: ExactDecimal(400), filledQty: filled.flatMap(ExactDecimal.init) ?? .zero,
            filledAvgPrice: filled.flatMap { _ in ExactDecimal("118.1") }, reason: reasons[word])
        return subject(kind, .released, order: order, data: data)
    }

    private func subject(
        _ kind: String, _ state: ProposalState, approvals: Int = 2, order: OrderStanding? = nil,
        data: JSONObject = [:]
    ) -> Subject {
        var order = order
        if state == .released, order == nil {
            order = OrderStanding(state: .released, qty: ExactDecimal(400))
        }
        let quote = ExactDecimal("118.29").flatMap { bid in
            ExactDecimal("118.31").map { ask in
                Quote(
                    symbol: "NVDA", bid: bid, ask: ask, quotedAt: Self.now.adding(seconds: -12),
                    receivedAt: Self.now)
            }
        }
        return Subject(
            kind: kind, data: data, proposal: proposal(state), decisions: decisions(state, approvals),
            order: order, quote: quote, now: Self.now)
    }

    private func proposal(_ state: ProposalState) -> ProposalRecord {
        let isApproved = [.approved, .released, .refused, .lapsed, .revoked].contains(state)
        let reasons: [ProposalState: String] = [
            .cancelled: "daily loss limit reached", .refused: "The price moved 0.9% away; 0.5% is allowed.",
            .revoked: "second thoughts", .expired: "nobody answered in time", .rejected: comment,
        ]
        let deciders: [ProposalState: String] = [
            .cancelled: "user:olga", .withdrawn: "key:dee-bot", .expired: "system", .lapsed: "system",
            .revoked: "user:Ana",
        ]
        return ProposalRecord(
            new, state: state, approvedAt: isApproved ? Self.now.adding(seconds: -20) : nil,
            validUntil: isApproved ? Self.now.adding(minutes: 15) : nil,
            decidedAt: state == .pending ? nil : Self.now.adding(seconds: -20),
            decidedBy: state == .pending ? nil : deciders[state] ?? "user:Ben", reason: reasons[state])
    }

    private func decisions(_ state: ProposalState, _ approvals: Int) -> [DecisionRecord] {
        switch state {
        case .pending: return approvals == 0 ? [] : [decision("Ana", 1, .approve, -120)]
        case .rejected: return [decision("Ben", 2, .reject, -20)]
        case .approved, .released, .refused, .lapsed, .revoked:
            return [decision("Ana", 1, .approve, -120), decision("Ben", 2, .approve, -20)]
        case .blocked, .expired, .withdrawn, .cancelled: return []
        }
    }

    private func decision(
        _ name: String, _ number: UInt8, _ verdict: Verdict, _ seconds: Int
    ) -> DecisionRecord {
        DecisionRecord(
            proposalID: Self.identifier(7), userID: Self.identifier(number), userName: name, verdict: verdict,
            orderHash: Self.hash, comment: name == "Ben" ? comment : nil, method: .pin,
            decidedAt: Self.now.adding(seconds: seconds))
    }
}

extension MessageSample {
    static func identifier(_ number: UInt8) -> Identifier {
        Identifier(at: now, random: [UInt8](repeating: 0, count: 9) + [number])
    }

    private static let halt: JSONValue = [
        "scope": "account", "target": .null, "cause": "manual", "reason": "daily loss limit reached",
        "opened_by": "user:olga", "opened_at": .string(now.adding(seconds: -20).rfc3339),
        "allows_reducing": false,
    ]

    private static func data(_ kind: String) -> JSONObject {
        if let data = stopData(kind) { return data }
        return switch kind {
        case "halt-opened": halt.objectValue ?? [:]
        case "halt-cleared": ["reason": "looked into; all in order", "by": "user:olga"]
        case "channel-disabled":
            [
                "name": "desk", "channel": "desk", "channel_kind": "slack",
                "reason": "Slack answered status 404: no_service",
            ]
        default: ["channel": "desk"]
        }
    }

    private var new: NewProposal {
        NewProposal(
            id: Self.identifier(7), mode: mode, proposerKeyID: Self.identifier(9),
            proposerUserID: nil, proposerName: "dee-bot", idempotencyKey: nil, requestHash: [],
            terms: OrderTerms(
                symbol: "NVDA", side: .buy, qty: ExactDecimal(400), type: .limit,
                limitPrice: ExactDecimal("118.20"),
                stopLoss: ExactDecimal("109.80").map { StopLoss(stopPrice: $0) },
                takeProfitLimitPrice: ExactDecimal("131.00")),
            notes: ProposalNotes(
                referencePrice: ExactDecimal("118.05"), strategy: strategy, rationale: rationale,
                confidence: ExactDecimal(72), catalystScore: nil, signalID: nil, patternID: nil, newsID: nil,
                externalRef: nil, evidence: nil),
            notional: ExactDecimal(47_280), isReducing: false, clientOrderID: "cs-paper-sample",
            canonicalOrder: "", orderHash: Self.hash, tier: "large", approvalsRequired: 2, policyVersion: 1,
            checks: Self.checks, impact: nil, createdAt: Self.now.adding(minutes: -3),
            expiresAt: Self.now.adding(minutes: 27), validityMinutes: 15, blockedReason: nil)
    }

    private static let checks: JSONValue = [
        [
            "code": "trading_hours", "outcome": "pass", "limit": .null, "value": .null,
            "detail": "The market is open for orders until 16:00 New York.",
        ],
        [
            "code": "max_position_usd", "outcome": "warn", "limit": "50000", "value": "47280",
            "detail": "The position would be $47,280; $50,000 is allowed.",
        ],
        [
            "code": "halt", "outcome": "pass", "limit": .null, "value": .null,
            "detail": "Nothing is halted.",
        ],
    ]
}
