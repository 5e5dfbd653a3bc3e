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
        _ side: Side = .buy, _ entry: Hindsight.Entry = .limit(ExactDecimal(100)), stop: String? = "92",
        target: String? = "120", isGTC: Bool = false
    ) -> Hindsight {
        Hindsight(
            side: side, qty: ExactDecimal(10), entry: entry,
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

    private static let market = trade(.buy, .market)
    private static let breakout = trade(.buy, .stop(ExactDecimal(100)))

    @Test func `at the market it is entered at the next open, whatever that costs`() {
        // 10 shares at 101 in all of these.
        let first = (0, "101", "104", "100", "103")
        #expect(Self.end(Self.market, [first, (1, "118", "120", "117", "119")]) == "target at 120, 190")
        #expect(Self.end(Self.market, [first, (1, "90", "91", "88", "89")]) == "stop at 90, -110")
        #expect(Self.end(Self.market, [first, (30, "103", "104", "102", "104")]) == "time at 104, 30")
        // No bar on the first day, as where trading was halted: the next one there is.
        #expect(Self.end(Self.market, [(3, "95", "121", "94", "120")]) == "target at 120, 250")
        #expect(Self.end(Self.market, [], covered: 29) == "open")
        #expect(Self.end(Self.market, [], covered: 30) == "not_entered")
    }

    @Test func `what is entered at the open has the whole day before it`() {
        #expect(Self.end(Self.market, [(0, "101", "120", "93", "110")]) == "target at 120, 190")
        #expect(Self.end(Self.market, [(0, "101", "119.99", "93", "110")], covered: 5) == "open")
        #expect(Self.end(Self.market, [(0, "101", "120", "92", "110")]) == "stop at 92, -90, ambiguous")
        // It opened beyond its target or its stop: it was left where it was entered.
        #expect(Self.end(Self.market, [(0, "125", "126", "119", "120")]) == "target at 125, 0")
        #expect(Self.end(Self.market, [(0, "90", "91", "85", "86")]) == "stop at 90, 0")
    }

    @Test func `a stop order is entered where the price reaches its stop, or at a worse open`() {
        #expect(Self.end(Self.breakout, [(0, "97", "99.99", "96", "99")]) == "not_entered")
        let next = (1, "118", "120", "117", "119")
        #expect(Self.end(Self.breakout, [(0, "97", "100", "96", "99"), next]) == "target at 120, 200")
        #expect(Self.end(Self.breakout, [(0, "103", "104", "96", "99"), next]) == "target at 120, 170")
        // What was reached on the first day may have been before the proposal: the stop counts, the target does not.
        #expect(Self.end(Self.breakout, [(0, "97", "121", "91", "119")]) == "stop at 92, -80, ambiguous")
        #expect(Self.end(Self.breakout, [(0, "97", "121", "93", "119")], covered: 5) == "open")
        let late = [
            (0, "97", "99", "96", "99"), (2, "99", "101", "98", "100"), (3, "120", "121", "119", "120"),
        ]
        #expect(Self.end(Self.breakout, late) == "not_entered")
        let lasting = Self.trade(.buy, .stop(ExactDecimal(100)), isGTC: true)
        #expect(Self.end(lasting, late) == "target at 120, 200")
    }

    @Test func `a stop order with a limit is entered at the limit, once the stop was reached`() {
        let trade = Self.trade(
            .buy, .stopLimit(stop: ExactDecimal(100), limit: ExactDecimal(102)), isGTC: true)
        let next = (1, "118", "120", "117", "119")
        #expect(Self.end(trade, [(0, "97", "99.99", "96", "99")], covered: 60) == "not_entered")
        #expect(Self.end(trade, [(0, "97", "101", "96", "99"), next]) == "target at 120, 180")
        // It jumped over both: entered only when it comes back to the limit, on that day or later.
        #expect(Self.end(trade, [(0, "105", "106", "102.01", "104"), next]) == "not_entered")
        #expect(Self.end(trade, [(0, "105", "106", "102", "104"), next]) == "target at 120, 180")
        let back = [
            (0, "105", "106", "103", "104"), (2, "103", "104", "99", "100"), (3, "119", "120", "118", "119"),
        ]
        #expect(Self.end(trade, back) == "target at 120, 180")
    }

    @Test func `short, at the market and by a stop, is the mirror image too`() {
        let market = Self.trade(.sell, .market, stop: "108", target: "80")
        #expect(Self.end(market, [(0, "99", "101", "80", "85")]) == "target at 80, 190")
        #expect(Self.end(market, [(0, "99", "108", "80", "85")]) == "stop at 108, -90, ambiguous")
        let breakdown = Self.trade(.sell, .stop(ExactDecimal(100)), stop: "108", target: "80")
        #expect(Self.end(breakdown, [(0, "103", "104", "100.01", "101")]) == "not_entered")
        let down = [(0, "97", "98", "96", "97"), (1, "81", "82", "80", "81")]
        #expect(Self.end(breakdown, down) == "target at 80, 170")
        let both = Self.trade(
            .sell, .stopLimit(stop: ExactDecimal(100), limit: ExactDecimal(98)), stop: "108", target: "80")
        #expect(
            Self.end(both, [(0, "97", "97.99", "96", "97"), (1, "81", "82", "80", "81")]) == "not_entered")
        #expect(
            Self.end(both, [(0, "97", "98", "96", "97"), (1, "81", "82", "80", "81")]) == "target at 80, 180")
    }

    @Test func `an order that lacks its price is none`() {
        let price = ExactDecimal(100)
        #expect(Hindsight.Entry(.market, limit: nil, stop: nil) == .market)
        #expect(Hindsight.Entry(.limit, limit: nil, stop: price) == nil)
        #expect(Hindsight.Entry(.stop, limit: price, stop: nil) == nil)
        #expect(Hindsight.Entry(.stopLimit, limit: price, stop: nil) == nil)
        #expect(Hindsight.Entry(.stopLimit, limit: nil, stop: price) == nil)
        #expect(Hindsight.Entry(.stop, limit: nil, stop: price) == .stop(price))
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
