import Domain
import JSON
import Postgres
import Store

/// Which limits are near or exceeded: those at which trading stops by itself, and those on what may be held.
struct LimitAlerts {
    private(set) var conditions: [AlertDraft] = []
    /// Alerts that stay open though their condition is not met any more, because it nearly is.
    private(set) var keptKeys: Set<String> = []

    init(_ policy: Policy, _ account: AccountView, in session: PostgresSession) throws {
        if let near = policy.alerts.nearLimitPct { try lookAtBreakers(near, in: session) }
        if let near = policy.alerts.nearHoldingPct {
            for use in LimitUse.all(policy.limits, AccountBook(account.snapshot)) {
                try look(at: use, near, in: session)
            }
        }
    }

    /// An alert that a limit is near ends only well below where it began, so that it does not come and go.
    private static let hysteresis = ExactDecimal(9).divided(by: ExactDecimal(10), scale: 1) ?? .one

    // MARK: what stops trading

    private mutating func lookAtBreakers(_ near: ExactDecimal, in session: PostgresSession) throws {
        for report in try BreakerReport.all(in: session) {
            // The worker's silence has an alert of its own; tripped ones have tripped.
            guard report.rule != nil, report.kind != .staleSnapshot, case .armed = report.state else {
                continue
            }
            for measure in report.measures
            where measure.limit.isPositive && measure.limit > .one || measure.unit == .pct {
                let key = "limit-near:\(report.kind.rawValue):\(report.target):\(measure.unit.rawValue)"
                if measure.counted >= measure.limit * near {
                    conditions.append(Self.near(report, measure, key))
                } else if measure.counted >= measure.limit * near * Self.hysteresis {
                    keptKeys.insert(key)
                }
            }
        }
    }

    private static func near(_ report: BreakerReport, _ measure: BreakerMeasure, _ key: String) -> AlertDraft
    {
        let target = report.target.isEmpty ? "" : " (\(report.target))"
        let (value, limit) = (measure.unit.words(measure.counted), measure.unit.words(measure.limit))
        return AlertDraft(
            .limitNear, title: "Near a limit: \(report.kind.words)\(target)",
            detail: "\(value) of \(limit). At the limit trading stops by itself.",
            evidence: [
                "breaker": .string(report.kind.rawValue), "value": .string(value), "limit": .string(limit),
                "left": .string(measure.unit.words(measure.distance)),
            ], subject: "breaker:\(report.kind.rawValue)", dedupKey: key)
    }

    // MARK: what may be held

    /// Near and exceeded are two alerts, of which one stands: what grows beyond its limit is news again.
    private mutating func look(
        at use: LimitUse, _ near: ExactDecimal, in session: PostgresSession
    ) throws {
        let (nearKey, exceededKey) = ("limit-near:\(use.key)", "limit-exceeded:\(use.key)")
        switch use.standing(near: near) {
        case .exceeded: conditions.append(Self.draft(.limitExceeded, "Over", use, exceededKey))
        case .near:
            if use.wavers(below: use.limit) {
                keptKeys.insert(exceededKey)
                if try AlertStore.findOpen(exceededKey, in: session) != nil { return }
            }
            conditions.append(Self.draft(.limitNear, "Near", use, nearKey))
        case .within:
            if use.wavers(below: use.limit * near) { keptKeys.insert(nearKey) }
        }
    }

    private static func draft(
        _ type: AlertType, _ word: String, _ use: LimitUse, _ key: String
    ) -> AlertDraft {
        var evidence: JSONObject = [
            "value": .string(words(use.value, use)), "limit": .string(words(use.limit, use)),
            "setting": .string(use.setting),
        ]
        evidence["symbol"] = use.symbol.map(JSONValue.string)
        return AlertDraft(
            type, title: "\(word) a limit: \(use.words)", detail: use.detail, evidence: evidence,
            subject: use.symbol.map { "symbol:\($0)" } ?? "limit:\(use.kind.rawValue)", dedupKey: key)
    }

    private static func words(_ amount: ExactDecimal, _ use: LimitUse) -> String {
        use.kind == .openPositions ? amount.description : amount.dollars
    }
}
