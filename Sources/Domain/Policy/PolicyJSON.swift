package import JSON

extension Policy {
    /// The policy as a complete document; reading it gives the same policy.
    package var json: JSONValue {
        [
            "preset": .string(preset),
            "approval": [
                "timeout_minutes": .integer(approval.timeoutMinutes),
                "validity_minutes": .integer(approval.validityMinutes),
                "approvals": .integer(approval.approvals),
            ],
            "limits": limits.json,
            "execution": ["order_timeout_minutes": .limit(execution.orderTimeoutMinutes)],
            "breakers": breakers.json, "alerts": alerts.json, "reports": reports.json,
        ]
    }
}

extension PolicyLimits {
    fileprivate var json: JSONValue {
        [
            "max_position_usd": .limit(maxPositionUSD), "max_position_pct": .limit(maxPositionPct),
            "min_position_usd": .limit(minPositionUSD), "cash_reserve_min_pct": .limit(cashReserveMinPct),
            "max_open_positions": .limit(maxOpenPositions),
            "max_new_positions_per_day": .limit(maxNewPositionsPerDay),
            "max_new_positions_per_week": .limit(maxNewPositionsPerWeek),
            "min_confidence": .limit(minConfidence), "min_catalyst_score": .limit(minCatalystScore),
            "stop_loss": stopLoss.json, "max_slippage_pct": .limit(maxSlippagePct),
            "max_quote_age_seconds": .limit(maxQuoteAgeSeconds),
            "max_snapshot_age_seconds": .limit(maxSnapshotAgeSeconds),
            "duplicate_window_seconds": .limit(duplicateWindowSeconds), "hours": hours?.json ?? .null,
        ]
    }
}

extension StopLossPolicy {
    fileprivate var json: JSONValue {
        [
            "required": .bool(isRequired), "default_pct": .limit(defaultPct), "min_pct": .limit(minPct),
            "max_pct": .limit(maxPct), "type": .string(kind.rawValue),
        ]
    }
}

extension HoursPolicy {
    fileprivate var json: JSONValue {
        [
            "close_buffer_minutes": .integer(closeBufferMinutes), "pre_market": .bool(allowsPreMarket),
            "after_hours": .bool(allowsAfterHours),
        ]
    }
}

extension JSONValue {
    fileprivate static func limit(_ decimal: ExactDecimal?) -> JSONValue {
        decimal.map { .string($0.description) } ?? .null
    }

    fileprivate static func limit(_ integer: Int?) -> JSONValue { integer.map(JSONValue.integer) ?? .null }
}
