/// All breakers of an account, with what each of them remembers.
package struct BreakerPanel: Sendable {
    /// Which breaker.
    package struct Key: Sendable, Hashable {
        package let kind: BreakerKind
        package let target: String

        /// The breaker of that kind and target.
        package init(_ kind: BreakerKind, target: String = "") {
            self.kind = kind
            self.target = target
        }
    }

    /// Those that have something to remember; all others watch.
    package private(set) var breakers: [Key: Breaker]

    /// A panel of breakers as they were kept.
    package init(_ kept: [Breaker] = []) {
        breakers = Dictionary(
            kept.map { (Key($0.kind, target: $0.target), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The breaker a reading is for.
    package subscript(_ reading: BreakerReading) -> Breaker {
        breakers[Key(reading.kind, target: reading.target)] ?? Breaker(reading.kind, target: reading.target)
    }

    /// What every breaker that is on sees; one that remembers a position or a strategy that is gone sees no loss.
    package func readings(_ ground: BreakerGround, _ policy: BreakerPolicy) -> [BreakerReading] {
        let readings = ground.readings(policy)
        let seen = Set(readings.map { Key($0.kind, target: $0.target) })
        let gone = breakers.keys.filter { key in
            !seen.contains(key) && !key.target.isEmpty && policy[key.kind] != nil
        }
        return readings
            + gone.sorted { ($0.kind.rawValue, $0.target) < ($1.kind.rawValue, $1.target) }.map { key in
                let nothing = key.kind.units.map { ($0, ExactDecimal.zero) }
                return BreakerReading(
                    key.kind, target: key.target, day: ground.day, Dictionary(uniqueKeysWithValues: nothing))
            }
    }

    /// Takes in the ground as it is now; tells which breakers trip, and which changed at all.
    package mutating func read(
        _ ground: BreakerGround, _ policy: BreakerPolicy
    ) -> (trips: [BreakerTrip], changed: [Breaker]) {
        var trips: [BreakerTrip] = []
        var changed: [Breaker] = []
        for reading in readings(ground, policy) {
            guard let rule = policy[reading.kind] else { continue }
            let before = self[reading]
            var breaker = before
            if let trip = breaker.read(reading, rule) { trips.append(trip) }
            guard breaker != before else { continue }
            breakers[Key(reading.kind, target: reading.target)] = breaker
            changed.append(breaker)
        }
        return (trips, changed)
    }
}
