/// The part of the day a policy lets orders be sent in.
package struct TradingHours: Sendable, Hashable {
    /// How long before the end nothing is sent any more.
    package let closeBufferMinutes: Int
    /// Whether to begin at 04:00.
    package let preMarket: Bool
    /// Whether to go on for four hours after the close: to 20:00, to 17:00 after an early close.
    package let afterHours: Bool

    /// Hours as a policy names them.
    package init(closeBufferMinutes: Int, preMarket: Bool = false, afterHours: Bool = false) {
        self.closeBufferMinutes = closeBufferMinutes
        self.preMarket = preMarket
        self.afterHours = afterHours
    }
}

/// What the exchange does at an instant.
package enum MarketPhase: String, Sendable, CaseIterable {
    case closed
    case preMarket = "pre_market"
    case open
    case afterHours = "after_hours"
}

extension MarketSession {
    /// 04:00, when trading before the opening bell begins.
    package var preMarketOpensAt: Timestamp { NewYork.timestamp(date, hour: 4) }

    /// Four hours after the closing bell, when trading after it ends.
    package var afterHoursClosesAt: Timestamp { closesAt.adding(minutes: 4 * 60) }

    /// When orders may be sent; nil where the buffer leaves no time.
    package func window(_ hours: TradingHours) -> Range<Timestamp>? {
        let start = hours.preMarket ? preMarketOpensAt : opensAt
        let end = (hours.afterHours ? afterHoursClosesAt : closesAt).adding(
            minutes: -hours.closeBufferMinutes)
        return start < end ? start..<end : nil
    }
}

extension MarketCalendar {
    /// When orders may be sent on a day; nil where they may not.
    package func tradingWindow(on date: CalendarDate, _ hours: TradingHours) -> Range<Timestamp>? {
        session(on: date)?.window(hours)
    }

    /// The window that is open at this instant, or else the next one; nil if there is none within a year.
    package func tradingWindow(at instant: Timestamp, _ hours: TradingHours) -> Range<Timestamp>? {
        let today = NewYork.date(instant)
        return (0...366).lazy.compactMap { tradingWindow(on: today.adding(days: $0), hours) }
            .first { $0.upperBound > instant }
    }

    /// Whether orders may be sent at this instant.
    package func allowsTrading(at instant: Timestamp, _ hours: TradingHours) -> Bool {
        tradingWindow(on: NewYork.date(instant), hours)?.contains(instant) ?? false
    }

    /// What the exchange does at this instant.
    package func phase(at instant: Timestamp) -> MarketPhase {
        guard let session = session(on: NewYork.date(instant)) else { return .closed }
        if session.hours.contains(instant) { return .open }
        if (session.preMarketOpensAt..<session.opensAt).contains(instant) { return .preMarket }
        return (session.closesAt..<session.afterHoursClosesAt).contains(instant) ? .afterHours : .closed
    }
}
