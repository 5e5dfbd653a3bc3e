package import Domain
package import JSON
package import Postgres
import Store

/// How one breaker stands, for people.
package struct BreakerReport: Sendable {
    package let kind: BreakerKind
    package let target: String
    package let state: Breaker.State
    /// Nil where it is off.
    package let rule: BreakerRule?
    /// How far it is from each of its limits; nothing where that is not known.
    package let measures: [BreakerMeasure]
    package let haltID: Identifier?
    package let trippedAt: Timestamp?

    /// Every breaker, also those that are off.
    package static func all(in session: PostgresSession) throws -> [BreakerReport] {
        guard let scene = try BreakerScene.load(in: session) else { return [] }
        let panel = BreakerPanel(scene.records.map(\.breaker))
        let kept = Dictionary(
            scene.records.map { (BreakerPanel.Key($0.breaker.kind, target: $0.breaker.target), $0) },
            uniquingKeysWith: { first, _ in first })
        let readings = panel.readings(scene.ground, scene.policy)
        return BreakerKind.allCases.flatMap { kind -> [BreakerReport] in
            guard let rule = scene.policy[kind] else {
                return [BreakerReport(off: kind, kept[.init(kind)])]
            }
            let mine = readings.filter { $0.kind == kind }
            guard !mine.isEmpty else {
                let nothing = BreakerReading(kind, day: scene.ground.day, [:])
                return [BreakerReport(nothing, panel[nothing], rule, kept[.init(kind)])]
            }
            return mine.map { reading in
                let record = kept[.init(kind, target: reading.target)]
                return BreakerReport(reading, panel[reading], rule, record)
            }
        }
    }

    private init(off kind: BreakerKind, _ record: BreakerRecord?) {
        self.kind = kind
        target = ""
        state = record?.breaker.state ?? .armed(acknowledged: nil)
        rule = nil
        measures = []
        haltID = record?.haltID
        trippedAt = record?.trippedAt
    }

    private init(
        _ reading: BreakerReading, _ breaker: Breaker, _ rule: BreakerRule, _ record: BreakerRecord?
    ) {
        kind = reading.kind
        target = reading.target
        state = breaker.state
        self.rule = rule
        measures = breaker.measures(reading, rule)
        haltID = record?.haltID
        trippedAt = record?.trippedAt
    }

    /// `off`, `armed`, `near`, `tripped`, `cleared`, or `unknown` where nothing can be measured.
    package var word: String {
        switch state {
        case .tripped: return "tripped"
        case .cleared: return rule == nil ? "off" : "cleared"
        case .armed:
            if rule == nil { return "off" }
            if measures.isEmpty {
                return kind == .positionLoss || kind == .consecutiveLosses ? "armed" : "unknown"
            }
            return measures.contains(where: \.isNear) ? "near" : "armed"
        }
    }

    /// Whether somebody who looks at the status should hear of it.
    package var isWorthTelling: Bool { ["near", "tripped", "cleared"].contains(word) }

    /// The breaker as the API shows it.
    package var json: JSONValue {
        [
            "breaker": .string(kind.rawValue), "target": .text(target.isEmpty ? nil : target),
            "state": .string(word), "on_trip": .text(rule?.onTrip.rawValue),
            "scope": .text(rule?.scope.rawValue),
            "allows_reducing": rule.map { .bool($0.haltAllowsReducing) } ?? .null,
            "limits": .array(
                measures.map { measure in
                    [
                        "unit": .string(measure.unit.rawValue), "value": measure.unit.json(measure.value),
                        "limit": measure.unit.json(measure.limit),
                        "acknowledged": measure.unit.json(measure.known),
                        "distance": measure.unit.json(measure.distance),
                    ]
                }),
            "halt_id": .text(haltID?.text), "tripped_at": .text(trippedAt?.rfc3339),
        ]
    }
}
