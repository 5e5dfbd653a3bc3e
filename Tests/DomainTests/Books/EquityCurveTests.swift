import Domain
import Testing

/// Days from close to close, the high-water mark and drawdown, with cash put in and taken out.
@Suite struct EquityCurveTests {
    static func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .zero }

    static func point(_ at: String, _ equity: String, last: String? = nil) -> EquityPoint {
        EquityPoint(
            at: Timestamp(rfc3339: at) ?? Timestamp(seconds: 0), equity: decimal(equity),
            lastEquity: last.map(decimal))
    }

    static func flow(_ at: String, _ amount: String, _ type: String = "CSD") -> CashFlow {
        CashFlow(
            id: at + amount, type: type, amount: decimal(amount),
            effectiveAt: Timestamp(rfc3339: at) ?? Timestamp(seconds: 0))
    }

    @Test func `a day begins at the close before and its profit leaves deposits out`() {
        var curve = EquityCurve(after: nil)
        curve.take(Self.point("2026-11-23T15:00:00Z", "101000", last: "100000"), flows: [])
        #expect(curve.today?.startEquity == Self.decimal("100000"))
        #expect(curve.today?.pnl == Self.decimal("1000"))
        curve.take(
            Self.point("2026-11-23T16:00:00Z", "151500"),
            flows: [
                Self.flow("2026-11-23T15:30:00Z", "50000"), Self.flow("2026-11-23T15:40:00Z", "-500", "FEE"),
            ])
        #expect(curve.today?.pnl == Self.decimal("1500"))
        #expect(curve.today?.capitalFlows == Self.decimal("50000"))
        #expect(curve.today?.fees == Self.decimal("-500"))
        #expect(curve.today?.highWaterMark == Self.decimal("151500"))
        #expect(curve.today?.returnFraction == Self.decimal("0.015"))
    }

    @Test func `money moves the mark in proportion, so that it neither hides nor makes a drawdown`() {
        var curve = EquityCurve(after: nil)
        curve.take(Self.point("2026-11-23T15:00:00Z", "100000"), flows: [])
        curve.take(Self.point("2026-11-23T15:01:00Z", "80000"), flows: [])
        #expect(curve.today?.drawdown == Self.decimal("0.2"))
        curve.take(
            Self.point("2026-11-23T15:02:00Z", "160000"), flows: [Self.flow("2026-11-23T15:01:30Z", "80000")])
        #expect(curve.today?.drawdown == Self.decimal("0.2"))
        #expect(curve.today?.highWaterMark == Self.decimal("200000"))
        curve.take(
            Self.point("2026-11-23T15:03:00Z", "16000"), flows: [Self.flow("2026-11-23T15:02:30Z", "-144000")]
        )
        #expect(curve.today?.drawdown == Self.decimal("0.2"))
        #expect(curve.today?.maxDrawdown == Self.decimal("0.2"))
        curve.take(Self.point("2026-11-23T15:04:00Z", "0"), flows: [])
        #expect(curve.today?.drawdown == .one)
    }

    @Test func `after the bell and at weekends counts for the next session, and the profits add up`() {
        var curve = EquityCurve(after: nil)
        let points = [
            Self.point("2026-11-25T15:00:00Z", "100000", last: "100000"),
            Self.point("2026-11-25T21:05:00Z", "101000"),
            // The evening before Thanksgiving, and the holiday itself: Friday's, which closes at 13:00.
            Self.point("2026-11-25T21:05:01Z", "101500"), Self.point("2026-11-26T12:00:00Z", "102000"),
            Self.point("2026-11-27T18:00:00Z", "103000"),
            Self.point("2026-11-27T18:06:00Z", "102500"), Self.point("2026-11-30T15:00:00Z", "99000"),
        ]
        for point in points { curve.take(point, flows: []) }
        #expect(curve.days.map(\.day.description) == ["2026-11-25", "2026-11-27", "2026-11-30"])
        #expect(curve.days.map(\.pnl) == ["1000", "2000", "-4000"].map(Self.decimal))
        #expect(curve.days.map(\.pnl).reduce(.zero, +) == Self.decimal("-1000"))
        #expect(curve.today?.highWaterMark == Self.decimal("103000"))
    }

    @Test func `the summer's and the winter's close are the same bell`() {
        let calendar = MarketCalendar.nyse
        func day(_ text: String) -> String {
            calendar.bookDay(of: Timestamp(rfc3339: text) ?? Timestamp(seconds: 0)).description
        }
        #expect(day("2026-03-06T21:05:00Z") == "2026-03-06")
        #expect(day("2026-03-06T21:05:01Z") == "2026-03-09")
        #expect(day("2026-03-09T20:05:00Z") == "2026-03-09")
        #expect(day("2026-03-09T20:05:01Z") == "2026-03-10")
        #expect(day("2026-11-01T12:00:00Z") == "2026-11-02")
    }

    @Test func `after a gap the day begins where the broker says`() {
        var curve = EquityCurve(after: nil)
        curve.take(Self.point("2026-11-16T20:59:00Z", "100000", last: "100000"), flows: [])
        curve.take(Self.point("2026-11-19T15:00:00Z", "90000", last: "95000"), flows: [])
        #expect(curve.today?.startEquity == Self.decimal("95000"))
        #expect(curve.today?.pnl == Self.decimal("-5000"))
        #expect(curve.today?.highWaterMark == Self.decimal("100000"))
        #expect(curve.today?.drawdown == Self.decimal("0.1"))
    }

    @Test func `what is not kept would not have changed the day`() {
        var curve = EquityCurve(after: nil)
        let first = Self.point("2026-11-23T15:00:10Z", "100000")
        #expect(curve.keeps(first, after: nil, isAfterFlow: false))
        curve.take(first, flows: [])
        let same = Self.point("2026-11-23T15:00:20Z", "100000")
        #expect(!curve.keeps(same, after: first.at, isAfterFlow: false))
        #expect(curve.keeps(same, after: first.at, isAfterFlow: true))
        let lower = Self.point("2026-11-23T15:00:20Z", "99999.99")
        #expect(curve.keeps(lower, after: first.at, isAfterFlow: false))
        let minute = Self.point("2026-11-23T15:01:00Z", "100000")
        #expect(curve.keeps(minute, after: first.at, isAfterFlow: false))
    }

    @Test func `a type that is not known can hide no loss`() {
        #expect(Self.flow("2026-11-23T15:00:00Z", "10", "CSD").capital == Self.decimal("10"))
        #expect(Self.flow("2026-11-23T15:00:00Z", "-10", "JNLC").capital == Self.decimal("-10"))
        #expect(Self.flow("2026-11-23T15:00:00Z", "10", "DIVCGL").capital.isZero)
        #expect(Self.flow("2026-11-23T15:00:00Z", "-10", "FEE").capital.isZero)
        #expect(Self.flow("2026-11-23T15:00:00Z", "10", "XYZ").capital == Self.decimal("10"))
        #expect(Self.flow("2026-11-23T15:00:00Z", "-10", "XYZ").capital.isZero)
    }
}
