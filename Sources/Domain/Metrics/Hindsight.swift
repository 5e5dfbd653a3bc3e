/// A symbol's prices on one trading day.
package struct DailyBar: Sendable, Hashable {
    package let day: CalendarDate
    package let open: ExactDecimal
    package let high: ExactDecimal
    package let low: ExactDecimal
    package let close: ExactDecimal

    /// A bar; nil where its prices contradict each other.
    package init?(
        day: CalendarDate, open: ExactDecimal, high: ExactDecimal, low: ExactDecimal, close: ExactDecimal
    ) {
        guard low.isPositive, low <= min(open, close), high >= max(open, close) else { return nil }
        self.day = day
        self.open = open
        self.high = high
        self.low = low
        self.close = close
    }
}

/// What a proposal that was not traded would have made, judged on daily bars and never in its favour.
///
/// It is entered at its limit, if the price touched it, and left at its stop, its target, or at the close 30 days later.
/// What happened within a day is not known, so: the whole first day counts as after the proposal; on the day of the entry
/// the stop counts and the target does not; where one bar holds both, the stop counts; a gap beyond the stop is paid in
/// full, one beyond the target earns nothing. Commissions are left out.
package struct Hindsight: Sendable, Hashable {
    /// After so many days of the calendar it is left at the close.
    package static let days = 30

    /// How it would have ended.
    package enum Outcome: String, Sendable, Hashable, CaseIterable {
        case notEntered = "not_entered"
        case stop, target, time
    }

    /// The end of it.
    package struct Result: Sendable, Hashable {
        package let outcome: Outcome
        package let enteredOn: CalendarDate?
        package let exitedOn: CalendarDate?
        package let exitPrice: ExactDecimal?
        /// USD; nil where it was never entered.
        package let pnl: ExactDecimal?
        /// Stop and target lay in one bar.
        package let isAmbiguous: Bool

        /// An end.
        package init(
            outcome: Outcome, enteredOn: CalendarDate?, exitedOn: CalendarDate?, exitPrice: ExactDecimal?,
            pnl: ExactDecimal?, isAmbiguous: Bool
        ) {
            self.outcome = outcome
            self.enteredOn = enteredOn
            self.exitedOn = exitedOn
            self.exitPrice = exitPrice
            self.pnl = pnl
            self.isAmbiguous = isAmbiguous
        }

        static let notEntered = Result(
            outcome: .notEntered, enteredOn: nil, exitedOn: nil, exitPrice: nil, pnl: nil, isAmbiguous: false)
    }

    package let side: Side
    package let qty: ExactDecimal
    package let limit: ExactDecimal
    package let stop: ExactDecimal?
    package let target: ExactDecimal?
    /// The first trading day on which it could have been entered.
    package let firstDay: CalendarDate
    /// The last one.
    package let lastEntryDay: CalendarDate

    /// A trade that was not made; good for the day, or until cancelled.
    package init(
        side: Side, qty: ExactDecimal, limit: ExactDecimal, stop: ExactDecimal?, target: ExactDecimal?,
        firstDay: CalendarDate, isGoodTillCancelled: Bool
    ) {
        self.side = side
        self.qty = qty
        self.limit = limit
        self.stop = stop
        self.target = target
        self.firstDay = firstDay
        lastEntryDay = isGoodTillCancelled ? firstDay.adding(days: Self.days) : firstDay
    }

    /// How it would have ended, by bars in the order of their days; nil where they do not reach far enough to tell.
    package func settle(_ bars: [DailyBar], coveredUntil: CalendarDate) -> Result? {
        let bars = bars.filter { $0.day >= firstDay && $0.day <= coveredUntil }
        guard let start = bars.firstIndex(where: { $0.day <= lastEntryDay && touches($0, limit) }) else {
            return coveredUntil >= lastEntryDay ? .notEntered : nil
        }
        let entry = bars[start]
        if let stop, isBeyond(entry, stop) {
            let holdsBoth = target.map { reaches(entry, $0) } ?? false
            return result(.stop, entry, entry, stop, isAmbiguous: holdsBoth)
        }
        let lastDay = entry.day.adding(days: Self.days)
        var last = entry
        for bar in bars[(start + 1)...] where bar.day <= lastDay {
            last = bar
            if let stop, isBeyond(bar, stop) {
                let worse = side == .buy ? min(bar.open, stop) : max(bar.open, stop)
                return result(
                    .stop, entry, bar, worse, isAmbiguous: target.map { reaches(bar, $0) } ?? false)
            }
            if let target, reaches(bar, target) { return result(.target, entry, bar, target) }
        }
        return coveredUntil >= lastDay ? result(.time, entry, last, last.close) : nil
    }

    private func touches(_ bar: DailyBar, _ price: ExactDecimal) -> Bool {
        side == .buy ? bar.low <= price : bar.high >= price
    }

    /// Whether the stop was hit.
    private func isBeyond(_ bar: DailyBar, _ stop: ExactDecimal) -> Bool {
        side == .buy ? bar.low <= stop : bar.high >= stop
    }

    private func reaches(_ bar: DailyBar, _ target: ExactDecimal) -> Bool {
        side == .buy ? bar.high >= target : bar.low <= target
    }

    private func result(
        _ outcome: Outcome, _ entry: DailyBar, _ exit: DailyBar, _ price: ExactDecimal,
        isAmbiguous: Bool = false
    ) -> Result {
        let gain = side == .buy ? price - limit : limit - price
        return Result(
            outcome: outcome, enteredOn: entry.day, exitedOn: exit.day, exitPrice: price, pnl: gain * qty,
            isAmbiguous: isAmbiguous)
    }
}
