// Days, high-water mark and drawdown from snapshots and cash flows.
//
// Money put in or taken out moves the high-water mark in proportion, so that the drawdown is the same fraction just
// before and just after: mark × (equity + flow) / equity, rounded to 12 places half to even. A deposit can neither hide a
// loss nor look like a gain, and a withdrawal of most of the money does not make the rest look safe.

/// The account's worth over time, one day after the other.
package struct EquityCurve: Sendable {
    /// The days that were touched, in their order; the last one is still open.
    package private(set) var days: [AccountDay]
    private let calendar: MarketCalendar

    /// A curve that goes on after a day, or begins.
    package init(after last: AccountDay?, calendar: MarketCalendar = .nyse) {
        days = last.map { [$0] } ?? []
        self.calendar = calendar
    }

    /// The day that is open.
    package var today: AccountDay? { days.last }

    /// Takes the next snapshot, with the flows that came into effect since the one before, in their order.
    package mutating func take(_ point: EquityPoint, flows: [CashFlow]) {
        let date = calendar.bookDay(of: point.at)
        var day: AccountDay
        if let today = days.last, today.day >= date {
            day = today
            days.removeLast()
        } else {
            day = begin(date, point)
        }
        let starts = calendar.bookDayStart(day.day)
        var equity = day.snapshots > 0 ? day.endEquity : days.last?.endEquity ?? day.startEquity
        for flow in flows {
            Self.move(&day, by: flow.capital, from: equity)
            equity = equity + flow.capital
            guard starts.map({ flow.effectiveAt > $0 }) ?? true else { continue }
            day.capitalFlows = day.capitalFlows + flow.capital
            switch flow.flowClass {
            case .income: day.income = day.income + flow.amount
            case .fee: day.fees = day.fees + flow.amount
            case .capital, .other: break
            }
        }
        Self.note(point, in: &day)
        days.append(day)
    }

    private func begin(_ date: CalendarDate, _ point: EquityPoint) -> AccountDay {
        let before = days.last
        let start = startEquity(date, before, point)
        let mark = before.map { ($0.highWaterMark, $0.highWaterAt) } ?? (start, point.at)
        return AccountDay(day: date, startEquity: start, mark: mark, at: point.at)
    }

    /// The close before: our own snapshot of it where we have one, else the broker's word.
    private func startEquity(
        _ date: CalendarDate, _ before: AccountDay?, _ point: EquityPoint
    ) -> ExactDecimal {
        if let before, let previous = calendar.session(before: date), previous.date == before.day,
            before.lastAt >= previous.closesAt.adding(minutes: -15)
        {
            return before.endEquity
        }
        return point.lastEquity ?? before?.endEquity ?? point.equity
    }

    private static func move(_ day: inout AccountDay, by flow: ExactDecimal, from equity: ExactDecimal) {
        guard !flow.isZero else { return }
        let after = equity + flow
        guard equity.isPositive, after.isPositive, day.highWaterMark != equity else {
            // At the mark the new equity is the new mark; without worth there is no fraction to keep.
            day.highWaterMark = max(after, .zero)
            return
        }
        let moved = (day.highWaterMark * after).divided(by: equity)
        day.highWaterMark = moved ?? after
    }

    private static func note(_ point: EquityPoint, in day: inout AccountDay) {
        if point.equity > day.highWaterMark {
            day.highWaterMark = point.equity
            day.highWaterAt = point.at
        }
        day.drawdown = drawdown(of: point.equity, from: day.highWaterMark)
        day.maxDrawdown = max(day.maxDrawdown, day.drawdown)
        day.lowEquity = day.snapshots == 0 ? point.equity : min(day.lowEquity, point.equity)
        day.highEquity = day.snapshots == 0 ? point.equity : max(day.highEquity, point.equity)
        day.endEquity = point.equity
        day.unrealizedPnL = point.unrealizedPnL
        day.lastAt = point.at
        day.snapshots += 1
    }

    /// How far equity stands below a mark, as a fraction of the mark: (mark − equity) / mark, from nought, to
    /// 12 places half to even.
    ///
    /// Nought where the mark is nought.
    package static func drawdown(of equity: ExactDecimal, from mark: ExactDecimal) -> ExactDecimal {
        guard mark.isPositive, equity < mark else { return .zero }
        return (mark - equity).divided(by: mark) ?? .zero
    }
}

extension EquityCurve {
    /// Whether a snapshot is kept, given the one kept last: the first of each minute and of each day, each that follows
    /// a cash flow, and each that goes higher or lower than the day has been.
    ///
    /// What is not kept lies between what was seen already, so days come out the same without it.
    package func keeps(_ point: EquityPoint, after last: Timestamp?, isAfterFlow: Bool) -> Bool {
        guard let last, let today, !isAfterFlow, today.day == calendar.bookDay(of: point.at) else {
            return true
        }
        let minute: Int64 = 60_000_000
        return point.at.microseconds / minute != last.microseconds / minute
            || point.equity > today.highEquity || point.equity < today.lowEquity
            || point.equity > today.highWaterMark
            || Self.drawdown(of: point.equity, from: today.highWaterMark) > today.maxDrawdown
    }
}
