// A breaker trips once, when a limit is reached, and stays tripped until somebody clears its halt. After that it
// watches again only when there is a new crossing to see: a loss of the day on the next trading day, everything else
// once it is below its limit; or at once, from what was acknowledged, where the one who clears it asks for that.

/// One breaker, or one of several of a kind: that of a strategy or of a symbol.
package struct Breaker: Sendable, Hashable {
    /// What a breaker does.
    package enum State: Sendable, Hashable {
        /// It watches; what was acknowledged before is not counted.
        case armed(acknowledged: Acknowledged?)
        /// It tripped and its halt is open.
        case tripped(BreakerTrip)
        /// Its halt was cleared; it waits for what lets it watch again.
        case cleared(BreakerTrip)
    }

    /// What somebody took note of when clearing the halt.
    package struct Acknowledged: Sendable, Hashable {
        package let day: CalendarDate
        package let values: [BreakerUnit: ExactDecimal]

        /// A loss that is known.
        package init(day: CalendarDate, values: [BreakerUnit: ExactDecimal]) {
            self.day = day
            self.values = values
        }
    }

    package let kind: BreakerKind
    /// The strategy or symbol; empty for the account.
    package let target: String
    package private(set) var state: State

    /// A breaker that watches, unless told otherwise.
    package init(_ kind: BreakerKind, target: String = "", state: State = .armed(acknowledged: nil)) {
        self.kind = kind
        self.target = target
        self.state = state
    }

    /// Takes in what is measured now; tells of the trip, where this is one.
    package mutating func read(_ reading: BreakerReading, _ rule: BreakerRule) -> BreakerTrip? {
        switch state {
        case .tripped: return nil
        case .cleared(let trip):
            guard mayArm(after: trip.day, reading, rule) else { return nil }
            state = .armed(acknowledged: nil)
        case .armed(let acknowledged?):
            if mayArm(after: acknowledged.day, reading, rule) { state = .armed(acknowledged: nil) }
        case .armed(nil): break
        }
        guard let reached = measures(reading, rule).first(where: \.isReached) else { return nil }
        let trip = BreakerTrip(kind: kind, target: target, day: reading.day, measure: reached)
        state = .tripped(trip)
        return trip
    }

    /// Its halt was cleared.
    package mutating func haltCleared() {
        switch state {
        case .tripped(let trip): state = .cleared(trip)
        case .armed, .cleared: break
        }
    }

    /// Its halt was cleared by somebody who knows of the loss and wants it watched on from there.
    package mutating func acknowledge(_ reading: BreakerReading) {
        switch state {
        case .tripped, .cleared:
            state = .armed(acknowledged: Acknowledged(day: reading.day, values: reading.values))
        case .armed: break
        }
    }

    /// How far it is from each of its limits.
    package func measures(_ reading: BreakerReading, _ rule: BreakerRule) -> [BreakerMeasure] {
        kind.units.compactMap { unit in
            guard let limit = rule.limits[unit], let value = reading.values[unit] else { return nil }
            return BreakerMeasure(unit: unit, value: value, limit: limit, known: known[unit] ?? .zero)
        }
    }

    private var known: [BreakerUnit: ExactDecimal] {
        switch state {
        case .armed(let acknowledged): acknowledged?.values ?? [:]
        case .tripped, .cleared: [:]
        }
    }

    /// Whether there is a new crossing to see.
    private func mayArm(after day: CalendarDate, _ reading: BreakerReading, _ rule: BreakerRule) -> Bool {
        switch kind {
        case .dailyLoss: reading.day > day
        case .drawdown, .consecutiveLosses, .positionLoss, .executionFailures, .staleSnapshot,
            .reconcileMismatch:
            kind.units.allSatisfy { unit in
                guard let limit = rule.limits[unit] else { return true }
                return reading.values[unit].map { $0 < limit } ?? false
            }
        }
    }
}

/// A value and the limit it must stay below.
package struct BreakerMeasure: Sendable, Hashable {
    package let unit: BreakerUnit
    /// What is measured: a loss is positive, a profit negative.
    package let value: ExactDecimal
    package let limit: ExactDecimal
    /// The part of the value that was acknowledged and does not count.
    package var known: ExactDecimal = .zero

    /// A measure.
    package init(unit: BreakerUnit, value: ExactDecimal, limit: ExactDecimal, known: ExactDecimal = .zero) {
        self.unit = unit
        self.value = value
        self.limit = limit
        self.known = known
    }

    /// What counts against the limit.
    package var counted: ExactDecimal { value - known }
    /// What is left until it trips.
    package var distance: ExactDecimal { limit - counted }
    /// Whether it trips: a profit never does, because every limit is above nought.
    package var isReached: Bool { limit.isPositive && counted >= limit }
    /// Whether four fifths of the limit are used.
    package var isNear: Bool { counted * ExactDecimal(5) >= limit * ExactDecimal(4) }
}

/// That a breaker tripped, with what it saw.
package struct BreakerTrip: Sendable, Hashable {
    package let kind: BreakerKind
    package let target: String
    /// The trading day it happened on.
    package let day: CalendarDate
    package let measure: BreakerMeasure

    /// A trip.
    package init(kind: BreakerKind, target: String, day: CalendarDate, measure: BreakerMeasure) {
        self.kind = kind
        self.target = target
        self.day = day
        self.measure = measure
    }

    /// What happened, for people.
    package var words: String {
        let where_ = target.isEmpty ? "" : " (\(target))"
        let (value, limit) = (measure.unit.words(measure.value), measure.unit.words(measure.limit))
        let known =
            measure.known.isPositive ? ", \(measure.unit.words(measure.known)) of it known before" : ""
        return "\(kind.words)\(where_): \(value), the limit is \(limit)\(known)"
    }
}

/// What is measured for one breaker at one moment; what nobody knows is left out.
package struct BreakerReading: Sendable, Hashable {
    package let kind: BreakerKind
    package let target: String
    package let day: CalendarDate
    package let values: [BreakerUnit: ExactDecimal]

    /// A reading.
    package init(
        _ kind: BreakerKind, target: String = "", day: CalendarDate, _ values: [BreakerUnit: ExactDecimal]
    ) {
        self.kind = kind
        self.target = target
        self.day = day
        self.values = values
    }
}
