import Domain
import Testing

struct HindsightTests {
    private static let day = CalendarDate(year: 2026, month: 9, day: 1) ?? CalendarDate(daysSince1970: 0)

    /// Open, high, low, close on days after the first one.
    private static func bars(_ rows: [(Int, String, String, String, String)]) -> [DailyBar] {
        rows.compactMap { offset, open, high, low, close in
            guard let open = ExactDecimal(open), let high = ExactDecimal(high), let low = ExactDecimal(low),
                let close = ExactDecimal(close)
            else { return nil }
            return DailyBar(day: day.adding(days: offset), open: open, high: high, low: low, close: close)
        }
    }

    /// A buy of 10 at 100 with a stop at 92 and a target at 120, or its mirror image.
    private static func trade(
        _ side: Side = .buy, stop: String? = "92", target: String? = "120", isGTC: Bool = false
    ) -> Hindsight {
        Hindsight(
            side: side, qty: ExactDecimal(10), limit: ExactDecimal(100),
            stop: stop.flatMap { ExactDecimal($0) }, target: target.flatMap { ExactDecimal($0) },
            firstDay: day, isGoodTillCancelled: isGTC)
    }

    private static func end(
        _ trade: Hindsight, _ rows: [(Int, String, String, String, String)], covered: Int = 60
    ) -> String {
        guard let result = trade.settle(bars(rows), coveredUntil: day.adding(days: covered)) else {
            return "open"
        }
        let price = result.exitPrice.map { " at \($0)" } ?? ""
        let pnl = result.pnl.map { ", \($0)" } ?? ""
        return "\(result.outcome.rawValue)\(price)\(pnl)\(result.isAmbiguous ? ", ambiguous" : "")"
    }

    @Test func `it is entered only where the price touched its limit, to the cent`() {
        #expect(Self.end(Self.trade(), [(0, "103", "104", "100.01", "102")]) == "not_entered")
        let touched = [(0, "103", "104", "100", "102"), (1, "110", "121", "109", "120")]
        #expect(Self.end(Self.trade(), touched) == "target at 120, 200")
        // Below its limit from the start: it is filled at the limit, not better.
        #expect(
            Self.end(Self.trade(), [(0, "95", "96", "94", "95"), (1, "118", "120", "117", "119")])
                == "target at 120, 200")
    }

    @Test func `an order for the day is tried on its first day alone, one until cancelled for 30 days`() {
        let later = [
            (0, "103", "104", "101", "102"), (1, "101", "102", "99", "101"), (2, "119", "125", "119", "124"),
        ]
        #expect(Self.end(Self.trade(), later) == "not_entered")
        #expect(Self.end(Self.trade(isGTC: true), later) == "target at 120, 200")
        #expect(Self.end(Self.trade(isGTC: true), [(0, "103", "104", "101", "102")], covered: 29) == "open")
        #expect(
            Self.end(Self.trade(isGTC: true), [(0, "103", "104", "101", "102")], covered: 30) == "not_entered"
        )
        #expect(Self.end(Self.trade(isGTC: true), [(30, "99", "99", "99", "99")], covered: 30) == "open")
        #expect(Self.end(Self.trade(isGTC: true), [(31, "99", "99", "99", "99")]) == "not_entered")
    }

    @Test func `on the day of the entry the stop counts and the target does not`() {
        #expect(Self.end(Self.trade(), [(0, "101", "121", "99", "119")], covered: 5) == "open")
        #expect(Self.end(Self.trade(), [(0, "101", "102", "92", "93")]) == "stop at 92, -80")
        #expect(Self.end(Self.trade(), [(0, "101", "120", "92", "93")]) == "stop at 92, -80, ambiguous")
        #expect(Self.end(Self.trade(), [(0, "101", "102", "92.01", "93")], covered: 5) == "open")
    }

    @Test func `where one bar holds stop and target the stop counts, and a gap is paid in full`() {
        let entry = (0, "101", "102", "99", "100")
        #expect(
            Self.end(Self.trade(), [entry, (1, "100", "120", "92", "118")]) == "stop at 92, -80, ambiguous")
        #expect(Self.end(Self.trade(), [entry, (1, "90", "91", "88", "89")]) == "stop at 90, -100")
        #expect(Self.end(Self.trade(), [entry, (1, "130", "131", "129", "130")]) == "target at 120, 200")
    }

    @Test func `after 30 days it is left at the close, and before that it is open`() {
        let entry = (0, "101", "102", "99", "100")
        let held = [
            entry, (15, "101", "102", "99", "101"), (30, "103", "105", "102", "104"),
            (31, "1", "2", "1", "1"),
        ]
        #expect(Self.end(Self.trade(), held) == "time at 104, 40")
        #expect(Self.end(Self.trade(), held, covered: 29) == "open")
        #expect(Self.end(Self.trade(), held, covered: 30) == "time at 104, 40")
        #expect(Self.end(Self.trade(stop: nil, target: nil), held) == "time at 104, 40")
        // The last day has no bar: the close before it counts.
        #expect(Self.end(Self.trade(), [entry, (15, "101", "102", "99", "101")]) == "time at 101, 10")
    }

    @Test func `a short is the mirror image`() {
        let short = Self.trade(.sell, stop: "108", target: "80")
        #expect(Self.end(short, [(0, "97", "99.99", "96", "98")]) == "not_entered")
        let entry = (0, "97", "100", "96", "98")
        #expect(Self.end(short, [entry, (1, "85", "86", "80", "81")]) == "target at 80, 200")
        #expect(Self.end(short, [entry, (1, "110", "111", "109", "110")]) == "stop at 110, -100")
        #expect(Self.end(short, [entry, (1, "100", "108", "80", "90")]) == "stop at 108, -80, ambiguous")
        #expect(Self.end(short, [entry, (30, "95", "96", "94", "95")]) == "time at 95, 50")
    }

    @Test func `what lies before its first day or beyond what is covered is not looked at`() {
        let rows = [(-1, "99", "99", "90", "91"), (0, "103", "104", "101", "102")]
        #expect(Self.end(Self.trade(), rows) == "not_entered")
        let future = [(0, "101", "102", "99", "100"), (1, "119", "121", "118", "120")]
        #expect(Self.end(Self.trade(), future, covered: 0) == "open")
    }

    @Test(arguments: [
        ("10", "9", "8", "9"), ("10", "12", "11", "11"), ("0", "1", "0", "1"), ("10", "12", "9", "13"),
    ])
    func `a bar whose prices contradict each other is none`(
        open: String, high: String, low: String, close: String
    ) {
        #expect(Self.bars([(0, open, high, low, close)]).isEmpty)
    }
}
