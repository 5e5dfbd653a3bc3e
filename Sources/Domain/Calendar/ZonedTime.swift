/// What the calendar and the clock of a place show at an instant.
package struct ZonedTime: Sendable, Hashable {
    /// The instant.
    package let timestamp: Timestamp
    /// The place.
    package let zone: Zone
    /// The date there.
    package let date: CalendarDate
    /// The second of that day by its clock, 0 to 86399.
    package let secondOfDay: Int

    /// What the clocks of a zone show at an instant.
    package init(_ timestamp: Timestamp, in zone: Zone) {
        self.timestamp = timestamp
        self.zone = zone
        let offset = Int64(zone.offsetSeconds(at: timestamp)) * 1_000_000
        let (day, ofDay) = Timestamp.floorDivide(timestamp.microseconds + offset, 86_400_000_000)
        date = CalendarDate(daysSince1970: Int(day))
        secondOfDay = Int(ofDay / 1_000_000)
    }

    /// The hour, 0 to 23.
    package var hour: Int { secondOfDay / 3600 }

    /// The minute, 0 to 59.
    package var minute: Int { secondOfDay / 60 % 60 }

    /// `14:32 New York`.
    package var clockText: String { "\(clock) \(zone.city)" }

    /// `Tue 2026-11-24 14:32 New York`.
    package var text: String { "\(date.weekday.shortName) \(date) \(clockText)" }

    private var clock: String { "\(padded(hour, 2)):\(padded(minute, 2))" }
}

/// The exchange's clock.
package enum NewYork {
    /// What it shows at an instant.
    package static func time(_ timestamp: Timestamp) -> ZonedTime {
        ZonedTime(timestamp, in: .newYork)
    }

    /// The date there at an instant.
    package static func date(_ timestamp: Timestamp) -> CalendarDate {
        time(timestamp).date
    }

    /// The instant it shows this date and time.
    package static func timestamp(_ date: CalendarDate, hour: Int, minute: Int = 0) -> Timestamp {
        Zone.newYork.timestamp(date, hour: hour, minute: minute)
    }
}
