package import Domain
package import JSON
package import Postgres
import Store

/// The weekly review: how the account did, what was decided, what went wrong, and six of its ten questions answered.
package enum WeeklyReport {
    /// The review of a week as it was made and sent, or as things stand where it was not made yet; nil where the
    /// week has no trading day or has not begun.
    package static func find(_ week: ISOWeek, in session: PostgresSession) throws -> JSONValue? {
        try ReportStore.find(.weekly, week.description, in: session) ?? read(week, in: session)
    }

    /// The review of a week as things stand.
    package static func read(_ week: ISOWeek, in session: PostgresSession) throws -> JSONValue? {
        let now = try DatabaseClock.now(in: session)
        guard let period = ReportPeriod(week: week), now > period.start else { return nil }
        let deployment = try DeploymentStore.find(in: session)
        let trips = try RoundTripStore.closed(.account, days: period.days, limit: 10_000, in: session)
        let stops = try RoundTripStore.stops(of: trips, in: session)
        let prices = try ExecutionQualityStore.prices(
            since: period.start, until: period.end, in: session)
        let figures = DecisionFigures(try DecisionFigureStore.counts(period, in: session))
        let account = try AccountPart.read(period, now: now, in: session)
        var report: JSONObject = [
            "kind": "weekly", "week": .string(week.description),
            "status": .string(period.isOver(at: now) ? "final" : "preliminary"),
            "as_of": .string(now.rfc3339), "from": .string(period.start.rfc3339),
            "until": .string(period.end.rfc3339), "mode": .text(deployment?.mode.rawValue),
            "account": .text(deployment?.accountNumber),
            "performance": try WeekPerformance.read(period, in: session),
            "trades": WeekPerformance.trades(trips, stops),
            "largest_gain": try WeekPerformance.largest(
                trips.max { $0.netPnL < $1.netPnL }, stops, isGain: true, in: session),
            "largest_loss": try WeekPerformance.largest(
                trips.min { $0.netPnL < $1.netPnL }, stops, isGain: false, in: session),
            "execution": try WeekPerformance.execution(prices, period, in: session),
            "sizing": try WeekEvents.sizing(period, in: session),
            "stops": WeekEvents.stops(account), "unexpected": try WeekEvents.unexpected(period, in: session),
            "strategies": try WeekPerformance.strategies(period, figures, prices, in: session),
            "decisions": try DecisionReport.read(period, figures, in: session),
            "hindsight": try HindsightReport.read(period, in: session),
        ]
        report["questions"] = .array(ReviewQuestions.answered(.object(report)))
        return .object(report)
    }
}
