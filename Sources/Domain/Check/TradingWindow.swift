/// When orders may go out, as far as it is known now.
package struct TradingWindow: Sendable, Hashable {
    /// Who says so.
    package enum Source: String, Sendable, Hashable, CaseIterable {
        case broker
        case calendar
    }

    package let isOpenNow: Bool
    /// When it opens next; nil where nobody knows.
    package let opensAt: Timestamp?
    /// When it closes next; nil where it never does.
    package let closesAt: Timestamp?
    package let source: Source

    /// A window.
    package init(isOpenNow: Bool, opensAt: Timestamp?, closesAt: Timestamp?, source: Source) {
        self.isOpenNow = isOpenNow
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.source = source
    }

    /// What the broker's clock means now, though it was read a while ago.
    package init(clock: BrokerClock, now: Timestamp) {
        let hasOpened = clock.nextOpen.map { $0 <= now } ?? false
        let hasClosed = clock.nextClose.map { $0 <= now } ?? false
        let isOpen = !hasClosed && (clock.isOpen || hasOpened)
        self.init(
            isOpenNow: isOpen, opensAt: hasOpened ? nil : clock.nextOpen,
            closesAt: hasClosed ? nil : clock.nextClose, source: .broker)
    }

    /// What the calendar says for the hours of a policy, without its buffer before the close.
    package init(calendar: MarketCalendar, hours: HoursPolicy, now: Timestamp) {
        let hours = TradingHours(
            closeBufferMinutes: 0, preMarket: hours.allowsPreMarket, afterHours: hours.allowsAfterHours)
        let window = calendar.tradingWindow(at: now, hours)
        let isOpen = window?.contains(now) ?? false
        let next = isOpen ? window.flatMap { calendar.tradingWindow(at: $0.upperBound, hours) } : window
        self.init(
            isOpenNow: isOpen, opensAt: next?.lowerBound, closesAt: window?.upperBound, source: .calendar)
    }

    /// The window in force: the broker's clock where there is one, else the calendar.
    ///
    /// The clock knows regular hours only, so the calendar is asked as well where the policy allows others.
    package init(clock: BrokerClock?, calendar: MarketCalendar, hours: HoursPolicy, now: Timestamp) {
        guard let clock else {
            self.init(calendar: calendar, hours: hours, now: now)
            return
        }
        self.init(clock: clock, now: now)
        guard hours.allowsPreMarket || hours.allowsAfterHours else { return }
        let extended = TradingWindow(calendar: calendar, hours: hours, now: now)
        if extended.isOpenNow {
            self = extended
        } else if !isOpenNow {
            let opensAt = [opensAt, extended.opensAt].compactMap(\.self).min()
            self.init(isOpenNow: false, opensAt: opensAt, closesAt: closesAt, source: source)
        }
    }

    /// Whether the window takes orders at an instant, closing early by a buffer.
    package func verdict(now: Timestamp, closeBufferMinutes: Int) -> Verdict {
        guard isOpenNow else { return .closed(opensAt: opensAt) }
        guard let closesAt else { return .open }
        return now < closesAt.adding(minutes: -closeBufferMinutes) ? .open : .closed(opensAt: opensAt)
    }

    /// Whether orders may go out.
    package enum Verdict: Sendable, Hashable {
        case open
        case closed(opensAt: Timestamp?)
    }
}
