import Domain
import JSON
import Postgres
import Store

/// The part of a report that tells of decisions.
enum DecisionReport {
    static func read(
        _ period: ReportPeriod, _ figures: DecisionFigures, in session: PostgresSession
    ) throws -> JSONValue {
        let blockers = try DecisionFigureStore.blockers(period, in: session)
        let paces = try DecisionFigureStore.paces(period, in: session)
        let slowest = try DecisionFigureStore.slowest(period, in: session)
        let bounds: [Int?] = DecisionFigureStore.timeBounds
        let ofBots = Dictionary(paces.bots.map { ($0.name ?? "", $0) }) { first, _ in first }
        return .object(
            figures.total.json.merging([
                "answered_share": .decimal(figures.total.answeredShare),
                "median_seconds": .decimal(paces.total?.medianSeconds),
                "slowest_seconds": .decimal(paces.total?.slowestSeconds),
                "hasty_approvals": .integer(paces.total?.hasty ?? 0),
                "hasty_within_seconds": .integer(DecisionFigureStore.hastySeconds),
                "slowest": slowest.map(json) ?? .null,
                "time_to_decide": .array(
                    zip(bounds + [nil], paces.times).map {
                        bound, count in
                        [
                            "within_seconds": bound.map { .integer($0) } ?? .null, "count": .integer(count),
                        ]
                    }),
                "blocked_by": .array(
                    blockers.map { ["code": .string($0.code), "count": .integer($0.count)] }),
                "by_person": .array(
                    paces.people.map { pace in
                        .object(
                            pace.json.merging([
                                "name": .text(pace.name), "approvals": .integer(pace.approvals),
                                "rejections": .integer(pace.rejections),
                            ]))
                    }),
                "by_bot": .array(
                    figures.bots.map { bot in
                        let pace = ofBots[bot.bot]?.json ?? DecisionPace.none
                        return .object(
                            bot.outcomes.json.merging(pace).merging(["name": .string(bot.bot)]))
                    }),
            ]))
    }

    private static func json(_ slow: SlowDecision) -> JSONValue {
        [
            "proposal_id": .string(slow.proposalID.text), "symbol": .string(slow.symbol),
            "by": .string(slow.by), "seconds": .decimal(slow.seconds),
        ]
    }
}

extension DecisionFigures.Outcomes {
    fileprivate var json: JSONObject {
        [
            "proposed": .integer(proposed), "approved": .integer(approved), "rejected": .integer(rejected),
            "expired": .integer(expired), "blocked": .integer(blocked), "withdrawn": .integer(withdrawn),
            "cancelled": .integer(cancelled), "pending": .integer(pending),
        ]
    }
}

extension DecisionPace {
    fileprivate static let none: JSONObject = [
        "median_seconds": .null, "slowest_seconds": .null, "hasty_approvals": 0,
    ]

    fileprivate var json: JSONObject {
        [
            "median_seconds": .decimal(medianSeconds), "slowest_seconds": .decimal(slowestSeconds),
            "hasty_approvals": .integer(hasty),
        ]
    }
}
