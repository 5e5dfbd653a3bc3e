package import Domain
import JSON
package import Postgres

/// A breaker as it is kept.
package struct BreakerRecord: Sendable, Hashable {
    package let breaker: Breaker
    /// The halt that it opened last.
    package let haltID: Identifier?
    package let trippedAt: Timestamp?
}

/// Keeps what breakers remember.
package enum BreakerStore {
    /// All breakers that remember something.
    ///
    /// One whose halt was cleared counts as cleared, whoever cleared it and by whichever way.
    package static func all(in session: PostgresSession) throws(PostgresError) -> [BreakerRecord] {
        try session.read(all)
    }

    /// `all`, among other statements.
    package static var all: PostgresReading<[BreakerRecord]> {
        PostgresReading(
            """
            SELECT b.kind, b.target, b.state, b.trading_day::text AS trading_day, b.unit, b.value, b.trip_limit,
                b.known, b.acknowledged, b.halt_id, b.tripped_at, h.cleared_at IS NOT NULL AS is_halt_cleared
            FROM breakers b
            LEFT JOIN halts h ON h.id = b.halt_id
            ORDER BY b.kind, b.target
            """
        ) { (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in try BreakerRecord(row) }
        }
    }

    /// Keeps a breaker that did not trip just now.
    package static func save(_ breaker: Breaker, in session: PostgresSession) throws(PostgresError) {
        switch breaker.state {
        case .armed(let acknowledged):
            try arm(breaker, acknowledged, in: session)
        case .tripped: break
        case .cleared:
            _ = try session.execute(
                """
                UPDATE breakers
                SET state = 'cleared', updated_at = clock_timestamp()
                WHERE kind = $1 AND target = $2
                """, [.text(breaker.kind.rawValue), .text(breaker.target)])
        }
    }

    private static func arm(
        _ breaker: Breaker, _ acknowledged: Breaker.Acknowledged?, in session: PostgresSession
    ) throws(PostgresError) {
        let values = acknowledged.map { acknowledged in
            JSONValue.object(
                acknowledged.values.reduce(into: JSONObject()) {
                    $0[$1.key.rawValue] = .string($1.value.description)
                })
        }
        _ = try session.execute(
            """
            UPDATE breakers
            SET state = 'armed', trading_day = $3::date, acknowledged = $4, updated_at = clock_timestamp()
            WHERE kind = $1 AND target = $2
            """,
            [
                .text(breaker.kind.rawValue), .text(breaker.target), .optional(acknowledged?.day.description),
                .optional(values),
            ])
    }

    /// Keeps a trip and the halt that it opened.
    package static func trip(
        _ trip: BreakerTrip, haltID: Identifier, in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            INSERT INTO breakers
                (kind, target, state, trading_day, unit, value, trip_limit, known, halt_id, tripped_at)
            VALUES ($1, $2, 'tripped', $3::date, $4, $5, $6, $7, $8, clock_timestamp())
            ON CONFLICT (kind, target) DO UPDATE
            SET state = 'tripped', trading_day = EXCLUDED.trading_day, unit = EXCLUDED.unit,
                value = EXCLUDED.value, trip_limit = EXCLUDED.trip_limit, known = EXCLUDED.known,
                acknowledged = NULL, halt_id = EXCLUDED.halt_id, tripped_at = EXCLUDED.tripped_at,
                updated_at = clock_timestamp()
            """,
            [
                .text(trip.kind.rawValue), .text(trip.target), .text(trip.day.description),
                .text(trip.measure.unit.rawValue), trip.measure.value.postgresValue,
                trip.measure.limit.postgresValue, trip.measure.known.postgresValue, haltID.postgresValue,
            ])
    }

    /// Notes that these halts were cleared: rows of losses and failures are counted anew from now on.
    package static func noteCleared(
        _ haltIDs: [Identifier], in session: PostgresSession
    ) throws(PostgresError) {
        _ = try session.execute(
            """
            UPDATE breakers
            SET state = 'cleared', counted_since = clock_timestamp(), updated_at = clock_timestamp()
            WHERE halt_id = ANY ($1::uuid[]) AND state = 'tripped'
            """, [.texts(haltIDs)])
    }

    /// Orders in a row that the broker would not have, or of which nobody knows, since the last that it took, and since
    /// the breaker's halt was cleared last.
    package static var failuresInARow: PostgresReading<Int> {
        PostgresReading(
            """
            SELECT count(*) AS failures
            FROM orders
            WHERE claimed_at IS NOT NULL AND state IN ('rejected', 'unknown')
              AND claimed_at > coalesce((
                SELECT max(claimed_at)
                FROM orders
                WHERE claimed_at IS NOT NULL
                  AND state IN ('accepted', 'partially_filled', 'filled', 'canceled', 'expired')), '-infinity')
              AND coalesce(finished_at, last_report_at, claimed_at) > coalesce((
                SELECT b.counted_since
                FROM breakers b
                WHERE b.kind = 'execution_failures' AND b.target = ''), '-infinity')
            """
        ) { (rows) throws(PostgresError) in try rows.only().int("failures") }
    }
}

extension BreakerRecord {
    fileprivate init(_ row: PostgresRow) throws(PostgresError) {
        let kind: BreakerKind = try row.word("kind")
        let target = try row.text("target")
        let day = try row.optionalText("trading_day").flatMap { CalendarDate($0) }
        var breaker = Breaker(kind, target: target, state: try Self.state(row, kind, target, day))
        if try row.optionalIdentifier("halt_id") != nil, try row.bool("is_halt_cleared") {
            breaker.haltCleared()
        }
        self.init(
            breaker: breaker, haltID: try row.optionalIdentifier("halt_id"),
            trippedAt: try row.optionalTimestamp("tripped_at"))
    }

    private static func state(
        _ row: PostgresRow, _ kind: BreakerKind, _ target: String, _ day: CalendarDate?
    ) throws(PostgresError) -> Breaker.State {
        let word = try row.text("state")
        guard word != "armed", let day else {
            let values = try row.optionalJSON("acknowledged")?.objectValue
            guard let values, let day else { return .armed(acknowledged: nil) }
            var known: [BreakerUnit: ExactDecimal] = [:]
            for unit in BreakerUnit.allCases {
                known[unit] = values[unit.rawValue]?.stringValue.flatMap { ExactDecimal($0) }
            }
            return .armed(acknowledged: Breaker.Acknowledged(day: day, values: known))
        }
        let measure = BreakerMeasure(
            unit: try row.word("unit"), value: try row.decimal("value"),
            limit: try row.decimal("trip_limit"), known: try row.optionalDecimal("known") ?? .zero)
        let trip = BreakerTrip(kind: kind, target: target, day: day, measure: measure)
        return word == "tripped" ? .tripped(trip) : .cleared(trip)
    }
}
