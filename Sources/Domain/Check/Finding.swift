package import JSON

/// When the checks run: as a proposal comes in, as it is released, as the worker takes the order.
package enum CheckPhase: String, Sendable, Hashable, CaseIterable {
    case admission
    case release
    case claim
}

/// What a check is called, in the order shown.
///
/// Where a limit of the policy is checked it is the limit's own name.
package enum CheckCode: String, Sendable, Hashable, CaseIterable {
    case halt
    case accountStatus = "account_status"
    case maxSnapshotAge = "max_snapshot_age_seconds"
    case symbolKnown = "symbol_known"
    case orderShape = "order_shape"
    case availableQty = "available_qty"
    case maxPositionUSD = "max_position_usd"
    case maxPositionPct = "max_position_pct"
    case minPositionUSD = "min_position_usd"
    case maxOpenPositions = "max_open_positions"
    case maxNewPositionsPerDay = "max_new_positions_per_day"
    case maxNewPositionsPerWeek = "max_new_positions_per_week"
    case stopLossRequired = "stop_loss_required"
    case stopLossBand = "stop_loss_band"
    case minConfidence = "min_confidence"
    case minCatalystScore = "min_catalyst_score"
    case buyingPower = "buying_power"
    case cashReserve = "cash_reserve_min_pct"
    case tradingHours = "trading_hours"
    case duplicateWindow = "duplicate_window_seconds"
    case washTrade = "wash_trade"
    case maxQuoteAge = "max_quote_age_seconds"
    case maxSlippage = "max_slippage_pct"
}

/// What one check found, for people and for programs.
package struct Finding: Sendable, Hashable {
    /// How a check ended; only `fail` stops an order.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        case pass
        case warn
        case fail
        case skipped
    }

    package let code: CheckCode
    package let outcome: Outcome
    /// The limit that was applied, as a plain number or word; nil where there is none.
    package let limit: String?
    /// What was measured against it; nil where nothing could be.
    package let value: String?
    /// What it is, what was measured, what is allowed and what that means, in a sentence for people.
    package let detail: String

    /// A finding as it stands.
    package init(code: CheckCode, outcome: Outcome, limit: String?, value: String?, detail: String) {
        self.code = code
        self.outcome = outcome
        self.limit = limit
        self.value = value
        self.detail = detail
    }
}

extension Finding {
    /// What stands for the limit where the policy's own stop was added.
    static let defaultStop = "default"

    /// Whether it says that the stop loss is the policy's own.
    package var isOfDefaultStop: Bool { code == .stopLossRequired && limit == Self.defaultStop }

    /// The finding as the API shows it.
    package var json: JSONValue {
        [
            "code": .string(code.rawValue), "detail": .string(detail), "limit": .text(limit),
            "outcome": .string(outcome.rawValue), "value": .text(value),
        ]
    }

    fileprivate static let memberNames = JSONNames("code", "detail", "limit", "outcome", "value")

    /// A finding as `json` wrote it; nil where it is none.
    package init?(json: JSONValue) {
        guard let code = json["code"]?.stringValue.flatMap(CheckCode.init),
            let outcome = json["outcome"]?.stringValue.flatMap(Outcome.init),
            let detail = json["detail"]?.stringValue
        else { return nil }
        self.init(
            code: code, outcome: outcome, limit: json["limit"]?.stringValue,
            value: json["value"]?.stringValue,
            detail: detail)
    }
}

extension [Finding] {
    /// Whether nothing stops the order.
    package var allow: Bool { !contains { $0.outcome == .fail } }

    /// Those of one outcome.
    package func having(_ outcome: Finding.Outcome) -> [Finding] { filter { $0.outcome == outcome } }

    /// The findings as the API shows them, written once for all who pass them on.
    package var json: JSONValue {
        var values: [String?] = []
        values.reserveCapacity(5 * count)
        for finding in self {
            values.append(finding.code.rawValue)
            values.append(finding.detail)
            values.append(finding.limit)
            values.append(finding.outcome.rawValue)
            values.append(finding.value)
        }
        return .encoded(JSONText(names: Finding.memberNames, values: values))
    }
}
