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
/// It is left at its stop, its target, or at the close 30 days after it was entered. What happened within a day is not
/// known, so: the whole first day counts as after the proposal; on the day of the entry the stop counts and the target
/// does not, unless it was entered at the open; where one bar holds both, the stop counts; a gap beyond the stop is paid
/// in full, one beyond the target earns nothing. Commissions are left out.
package struct Hindsight: Sendable, Hashable {
    /// What sets it off, and at what price.
    package enum Entry: Sendable, Hashable {
        /// At the limit, if the price touched it.
        case limit(ExactDecimal)
        /// At the open of the next bar.
        case market
        /// Where the price reached the stop, or at the open where that is worse.
        case stop(ExactDecimal)
        /// At the limit, if the price touched it once it had reached the stop.
        case stopLimit(stop: ExactDecimal, limit: ExactDecimal)

        /// How an order is entered; nil where it lacks a price.
        package init?(_ type: OrderType, limit: ExactDecimal?, stop: ExactDecimal?) {
            switch (type, limit, stop) {
            case (.market, _, _): self = .market
            case (.limit, let limit?, _): self = .limit(limit)
            case (.stop, _, let stop?): self = .stop(stop)
            case (.stopLimit, let limit?, let stop?): self = .stopLimit(stop: stop, limit: limit)
            case (.limit, nil, _), (.stop, _, nil), (.stopLimit, _, _): return nil
            }
        }
    }

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
    package let entry: Entry
    package let stop: ExactDecimal?
    package let target: ExactDecimal?
    /// The first trading day on which it could have been entered.
    package let firstDay: CalendarDate
    /// The last one.
    package let lastEntryDay: CalendarDate

    /// A trade that was not made: good for the day, or until cancelled, or at the market for the next bar there is.
    package init(
        side: Side, qty: ExactDecimal, entry: Entry, stop: ExactDecimal?, target: ExactDecimal?,
        firstDay: CalendarDate, isGoodTillCancelled: Bool
    ) {
        self.side = side
        self.qty = qty
        self.entry = entry
        self.stop = stop
        self.target = target
        self.firstDay = firstDay
        lastEntryDay = isGoodTillCancelled || entry == .market ? firstDay.adding(days: Self.days) : firstDay
    }

    /// How it would have ended, by bars in the order of their days; nil where they do not reach far enough to tell.
    package func settle(_ bars: [DailyBar], coveredUntil: CalendarDate) -> Result? {
        let bars = bars.filter { $0.day >= firstDay && $0.day <= coveredUntil }
        guard let (start, price) = entered(bars) else {
            return coveredUntil >= lastEntryDay ? .notEntered : nil
        }
        let first = Entered(bar: bars[start], price: price)
        if let end = endOfFirstDay(first) { return end }
        let lastDay = first.bar.day.adding(days: Self.days)
        var last = first.bar
        for bar in bars[(start + 1)...] where bar.day <= lastDay {
            last = bar
            if let stop, isBeyond(bar, stop) {
                return result(
                    .stop, first, bar, worse(bar.open, stop),
                    isAmbiguous: target.map { reaches(bar, $0) } ?? false)
            }
            if let target, reaches(bar, target) { return result(.target, first, bar, target) }
        }
        return coveredUntil >= lastDay ? result(.time, first, last, last.close) : nil
    }

    private struct Entered {
        let bar: DailyBar
        let price: ExactDecimal
    }

    /// The bar in which it is entered, and at what price; nil where it is in none.
    private func entered(_ bars: [DailyBar]) -> (index: Int, price: ExactDecimal)? {
        var isTriggered = false
        for (index, bar) in bars.enumerated() where bar.day <= lastEntryDay {
            switch entry {
            case .market: return (index, bar.open)
            case .limit(let limit): if touches(bar, limit) { return (index, limit) }
            case .stop(let stop): if breaks(bar, stop) { return (index, dearer(bar.open, stop)) }
            case .stopLimit(let stop, let limit):
                isTriggered = isTriggered || breaks(bar, stop)
                if isTriggered, touches(bar, limit) { return (index, limit) }
            }
        }
        return nil
    }

    /// Its end on the day of the entry; nil where that day does not end it.
    private func endOfFirstDay(_ first: Entered) -> Result? {
        let reachesTarget = target.map { reaches(first.bar, $0) } ?? false
        if let stop, isBeyond(first.bar, stop) {
            return result(
                .stop, first, first.bar, worse(first.price, stop), isAmbiguous: reachesTarget)
        }
        // Only what is entered at the open has the whole day before it. A target that lies behind the open earns nothing.
        guard entry == .market, reachesTarget, let target else { return nil }
        return result(.target, first, first.bar, better(first.price, target))
    }

    private func touches(_ bar: DailyBar, _ price: ExactDecimal) -> Bool {
        side == .buy ? bar.low <= price : bar.high >= price
    }

    /// Whether the price reached the stop that sets the order off.
    private func breaks(_ bar: DailyBar, _ stop: ExactDecimal) -> Bool {
        side == .buy ? bar.high >= stop : bar.low <= stop
    }

    /// The price at which entering costs more.
    private func dearer(_ one: ExactDecimal, _ other: ExactDecimal) -> ExactDecimal {
        side == .buy ? max(one, other) : min(one, other)
    }

    /// The price at which leaving brings less.
    private func worse(_ one: ExactDecimal, _ other: ExactDecimal) -> ExactDecimal {
        side == .buy ? min(one, other) : max(one, other)
    }

    /// The price at which leaving brings more.
    private func better(_ one: ExactDecimal, _ other: ExactDecimal) -> ExactDecimal {
        side == .buy ? max(one, other) : min(one, other)
    }

    /// Whether the stop was hit.
    private func isBeyond(_ bar: DailyBar, _ stop: ExactDecimal) -> Bool {
        side == .buy ? bar.low <= stop : bar.high >= stop
    }

    private func reaches(_ bar: DailyBar, _ target: ExactDecimal) -> Bool {
        side == .buy ? bar.high >= target : bar.low <= target
    }

    private func result(
        _ outcome: Outcome, _ first: Entered, _ exit: DailyBar, _ price: ExactDecimal,
        isAmbiguous: Bool = false
    ) -> Result {
        let gain = side == .buy ? price - first.price : first.price - price
        return Result(
            outcome: outcome, enteredOn: first.bar.day, exitedOn: exit.day, exitPrice: price,
            pnl: gain * qty, isAmbiguous: isAmbiguous)
    }
}
