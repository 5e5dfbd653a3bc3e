import Domain
import JSON
import Postgres
import Store

/// The part of the weekly report that tells what was missed, or spared, by not trading.
enum HindsightReport {
    /// Proposals of so many days up to the week's end: those of the week itself are mostly not settled yet.
    static let days = 90

    static func read(_ period: ReportPeriod, in session: PostgresSession) throws -> JSONValue {
        let start = period.end.adding(minutes: -days * 24 * 60)
        let figures = try HindsightStore.figures(after: start, until: period.end, in: session)
        let groups = figures.filter { $0.assessable > 0 }
        let (partly, underWay) = try HindsightStore.halfTraded(
            after: start, until: period.end, in: session)
        return [
            "from": .string(start.rfc3339), "until": .string(period.end.rfc3339), "days": .integer(days),
            "sample_limit": .integer(Measure.reliableCount),
            "groups": .array(groups.map { .object(json([$0], named: $0.state.rawValue)) }),
            "total": .object(json(groups, named: "all")),
            "left_out": [
                "reducing": .integer(figures.reduce(0) { $0 + $1.reducing }),
                "partly_filled": .integer(partly), "under_way": .integer(underWay),
            ],
        ]
    }

    /// What the sample does not carry is null.
    private static func json(_ groups: [HindsightFigures], named name: String) -> JSONObject {
        func sum(_ count: (HindsightFigures) -> Int) -> Int { groups.reduce(0) { $0 + count($1) } }
        let entered = sum(\.entered)
        let carries = entered >= Measure.reliableCount
        let total = groups.reduce(ExactDecimal.zero) { $0 + $1.total }
        return [
            "state": .string(name), "assessable": .integer(sum(\.assessable)),
            "settled": .integer(sum(\.settled)), "entered": .integer(entered),
            "won": .integer(sum(\.won)), "stopped": .integer(sum(\.stopped)),
            "reached_target": .integer(sum(\.reachedTarget)), "timed_out": .integer(sum(\.timedOut)),
            "ambiguous": .integer(sum(\.ambiguous)), "total": .decimal(carries ? total : nil),
            "average": .decimal(
                carries ? total.divided(by: ExactDecimal(entered), scale: 2, rounding: .halfEven) : nil),
            "win_rate": .decimal(carries ? ExactDecimal(sum(\.won)).ratio(to: ExactDecimal(entered)) : nil),
            "standing": .string(carries ? "sufficient" : "insufficient"),
        ]
    }
}
