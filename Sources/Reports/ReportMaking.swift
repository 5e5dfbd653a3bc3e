package import Domain
import JSON
package import Postgres
import Store

/// Makes the reports that are due: each once, however many servers there are, and after downtime too.
package struct ReportMaking: Sendable {
    private let pool: PostgresPool

    /// A maker on a database.
    package init(pool: PostgresPool) { self.pool = pool }

    /// Makes what is due at an instant, or now; names what this server made.
    package func makeDue(at moment: Timestamp? = nil) async throws -> [String] {
        let (days, weeks) = try await pool.withSession { session in
            let now = try moment ?? DatabaseClock.now(in: session)
            guard let began = try ReportStore.beganAt(in: session) else {
                return ([CalendarDate](), [ISOWeek]())
            }
            let day = try ReportStore.newest(.daily, in: session).flatMap { CalendarDate($0) }
            let week = try ReportStore.newest(.weekly, in: session).flatMap { ISOWeek($0) }
            return (
                ReportSchedule.dueDays(after: day, began: began, now: now),
                ReportSchedule.dueWeeks(after: week, began: began, now: now)
            )
        }
        var made: [String] = []
        for day in days where try await make(day) { made.append(ReportKind.daily.subject(day.description)) }
        for week in weeks where try await make(week) {
            made.append(ReportKind.weekly.subject(week.description))
        }
        return made
    }

    private func make(_ week: ISOWeek) async throws -> Bool {
        let report = try await pool.withSnapshot { session in try WeeklyReport.read(week, in: session) }
        return try await keep(.weekly, week.description, report)
    }

    private func make(_ day: CalendarDate) async throws -> Bool {
        let report = try await pool.withSnapshot { session in try DailyReport.read(day, in: session) }
        return try await keep(.daily, day.description, report)
    }

    /// Report, journal entry and messages are written in one transaction, or none of them; false where there is nothing
    /// to write, or another server was first.
    private func keep(_ kind: ReportKind, _ period: String, _ report: JSONValue?) async throws -> Bool {
        guard let report else { return false }
        return try await pool.transaction { session in try Self.keep(kind, period, report, in: session) }
    }

    private static func keep(
        _ kind: ReportKind, _ period: String, _ report: JSONValue, in session: PostgresSession
    ) throws -> Bool {
        guard try ReportStore.insert(kind, period, report, in: session) else { return false }
        let subject = kind.subject(period)
        let audience = try ReportStore.policy(in: session)
            .audience(of: kind, among: ReportStore.readers(in: session))
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "report.made", actor: "system", subject: subject,
                    data: [
                        "kind": .string(kind.rawValue), "period": .string(period),
                        "sent_to": .array(audience?.readers.map { .string($0.name) } ?? []),
                        "fell_back": .bool(audience?.isFallback ?? false),
                    ])
            ], in: session)
        guard let audience else { return true }
        try DeliveryQueue.enqueue(
            [
                DeliveryRequest(
                    kind: kind.deliveryKind, subject: subject, priority: 7,
                    data: ["period": .string(period), "fell_back": .bool(audience.isFallback)])
            ], only: audience.readers.map(\.id), in: session)
        return true
    }
}
