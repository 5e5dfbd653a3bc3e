package import Domain
package import Postgres

/// Days of a symbol whose bars are wanted from the broker.
package struct WantedBars: Sendable, Hashable {
    package let symbol: String
    package let from: CalendarDate
    package let until: CalendarDate
}

/// Daily bars, and which of them are wanted.
package enum BarStore {
    /// The series that are not complete, at most so many.
    package static func wanted(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [WantedBars] {
        try session.query(
            """
            SELECT symbol, wanted_from, wanted_until
            FROM bar_series
            WHERE covered_from IS NULL OR covered_from > wanted_from OR covered_until < wanted_until
            ORDER BY symbol
            LIMIT $1
            """, [.int(Int64(limit))]
        ).map { (row) throws(PostgresError) in
            WantedBars(
                symbol: try row.text("symbol"), from: try row.date("wanted_from"),
                until: try row.date("wanted_until"))
        }
    }

    /// Stores what the broker has of a symbol on these days; a bar that is there already is written anew.
    package static func store(
        _ bars: [DailyBar], of symbol: String, _ days: ClosedRange<CalendarDate>,
        in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO daily_bars (symbol, day, open, high, low, close)
            SELECT $1, bar.*
            FROM unnest($2::date[], $3::numeric[], $4::numeric[], $5::numeric[], $6::numeric[]) AS bar
            ON CONFLICT (symbol, day) DO UPDATE
            SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
                received_at = clock_timestamp()
            """,
            [
                .text(symbol), .texts(bars.map(\.day)), .texts(bars.map(\.open)), .texts(bars.map(\.high)),
                .texts(bars.map(\.low)), .texts(bars.map(\.close)),
            ])
        // Only a series that somebody wants is covered: bars that nobody asked for change nothing.
        try session.execute(
            """
            UPDATE bar_series
            SET covered_from = least(covered_from, $2::date), covered_until = greatest(covered_until, $3::date),
                received_at = clock_timestamp()
            WHERE symbol = $1
            """, [.text(symbol), .text(days.lowerBound.description), .text(days.upperBound.description)])
    }

    /// The bars of a symbol from a day on, in order, and how far they are complete; nil where none were asked for.
    package static func bars(
        _ symbol: String, from day: CalendarDate, in session: PostgresSession
    ) throws(PostgresError) -> (bars: [DailyBar], coveredUntil: CalendarDate)? {
        let covered = try session.query(
            "SELECT covered_until FROM bar_series WHERE symbol = $1 AND covered_from <= $2::date",
            [.text(symbol), .text(day.description)])
        guard let until = try covered.first?.date("covered_until") else { return nil }
        let rows = try session.query(
            """
            SELECT day, open, high, low, close
            FROM daily_bars
            WHERE symbol = $1 AND day BETWEEN $2::date AND $3::date
            ORDER BY day
            """, [.text(symbol), .text(day.description), .text(until.description)])
        var bars: [DailyBar] = []
        for row in rows {
            let bar = DailyBar(
                day: try row.date("day"), open: try row.decimal("open"), high: try row.decimal("high"),
                low: try row.decimal("low"), close: try row.decimal("close"))
            if let bar { bars.append(bar) }
        }
        return (bars, until)
    }
}

extension PostgresRow {
    /// A date; what is none is a broken row.
    fileprivate func date(_ column: String) throws(PostgresError) -> CalendarDate {
        try value(column) { CalendarDate($0) }
    }
}
