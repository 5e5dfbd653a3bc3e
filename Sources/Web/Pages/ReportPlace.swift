import Domain
import Templates

/// Which report a page shows: where it is, and what stands beside it.
enum ReportPlace: Sendable, Hashable {
    case day(CalendarDate)
    case week(ISOWeek)
    /// The review of a week: the questions that people answer and sign.
    case review(ISOWeek)

    /// The path of its page.
    var path: String {
        switch self {
        case .day(let date): "/reports/daily/\(date)"
        case .week(let week): "/reports/weekly/\(week)"
        case .review(let week): "/reviews/\(week)"
        }
    }

    /// What a link to it reads.
    var label: String {
        switch self {
        case .day(let date): "\(date)"
        case .week(let week), .review(let week): "\(week)"
        }
    }

    /// Whether there is anything to tell of it yet.
    func hasBegun(at now: Timestamp) -> Bool { period.map { $0.start < now } ?? false }

    private var period: ReportPeriod? {
        switch self {
        case .day(let date): ReportPeriod(day: date)
        case .week(let week), .review(let week): ReportPeriod(week: week)
        }
    }

    /// The links from it to the day, the week and the review that belong together.
    func neighbours(at now: Timestamp) -> [TemplateValues] {
        let week =
            switch self {
            case .day(let date): date.isoWeek
            case .week(let week), .review(let week): week
            }
        let days = MarketCalendar.nyse.sessions(week.monday...week.sunday).map { ReportPlace.day($0.date) }
        let lastDay = days.last { $0.hasBegun(at: now) }
        let day: ReportPlace? = if case .day = self { self } else { lastDay }
        let places = [("Day", day), ("Week", .week(week)), ("Review of", .review(week))]
        return places.compactMap { kind, place in
            guard let place, place.hasBegun(at: now) else { return nil }
            return [
                "KIND": .text("\(kind) \(place.label)"), "KIND_PATH": .text(place.path),
                "IS_SHOWN": .shown(place == self),
            ]
        }
    }
}
