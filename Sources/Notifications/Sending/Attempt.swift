import Domain
import JSON
import Postgres
import Store

/// One message taken from the outbox: what to do with it, known in the transaction that took it.
struct Attempt: Sendable {
    enum Task: Sendable {
        case message(Posting)
        case release(ReleasedOrder, Identifier)
        /// Nothing is sent; this is written down instead.
        case settle(DeliveryResult)
    }

    let record: DeliveryRecord
    let task: Task
    /// When it was taken, by the database's clock.
    let now: Timestamp

    /// Whether the last attempt at the same destination failed.
    let isFailing: Bool

    /// The first attempt at a release that this process took when it was queued.
    init(_ release: PushedRelease) {
        self.init(
            record: release.record, task: .release(release.order, release.orderID),
            now: release.record.createdAt, isFailing: false)
    }

    private init(record: DeliveryRecord, task: Task, now: Timestamp, isFailing: Bool) {
        self.record = record
        self.task = task
        self.now = now
        self.isFailing = isFailing
    }

    static func prepare(_ claimed: ClaimedDelivery, in session: PostgresSession) throws -> Attempt {
        let now = try DatabaseClock.now(in: session)
        return Attempt(
            record: claimed.record, task: try task(claimed, now: now, in: session), now: now,
            isFailing: (claimed.destination?.failures ?? 0) > 0)
    }

    private static func task(
        _ claimed: ClaimedDelivery, now: Timestamp, in session: PostgresSession
    ) throws -> Task {
        let record = claimed.record
        if let destination = claimed.destination {
            return try posting(record, to: destination, now: now, in: session)
        }
        if let notAfter = record.notAfter, notAfter <= now { return .settle(.dead(error: tooLate(record))) }
        guard let orderID = record.orderID, let order = try ReleasedOrder.find(orderID, in: session) else {
            return .settle(.dropped(reason: "Not sent: there is no such order."))
        }
        guard order.state == .released else {
            return .settle(.dropped(reason: "Not sent: the order is already \(order.state.rawValue)."))
        }
        return .release(order, orderID)
    }

    private static func posting(
        _ record: DeliveryRecord, to destination: DestinationRecord, now: Timestamp,
        in session: PostgresSession
    ) throws -> Task {
        // First what waits, then what is told: a change in between waits for its own turn, and comes out in this one.
        let (post, waiting) = try standing(record, at: destination, in: session)
        let subject = try Subject.load(of: record, in: session)
        if let reason = subject.pointlessness(for: destination.userID) {
            return .settle(.dropped(reason: reason))
        }
        if let notAfter = record.notAfter, notAfter <= now { return .settle(.dead(error: tooLate(record))) }
        if subject.isOnlyChange, post?.isEditable != true {
            return .settle(.dropped(reason: Posting.nothingToChange))
        }
        guard destination.changesMessages, record.subject != nil, !subject.isAnnouncement else {
            return .message(
                Posting(
                    subject: subject, destination: destination, form: post == nil ? .new : .reply,
                    post: post))
        }
        let superseded = waiting.filter { $0.id != record.id && Subject.isShownByChange($0.kind) }
        return .message(
            Posting(
                subject: subject, destination: destination, form: post == nil ? .new : .edit, post: post,
                superseded: superseded.map(\.id), isRemembered: true))
    }

    private static func standing(
        _ record: DeliveryRecord, at destination: DestinationRecord, in session: PostgresSession
    ) throws -> (PostRecord?, [(id: Identifier, kind: String)]) {
        guard destination.changesMessages, let subject = record.subject else { return (nil, []) }
        return (
            try PostStore.find(destination.id, subject, in: session),
            try DeliveryQueries.waiting(for: record.destination, about: subject, in: session)
        )
    }

    private static func tooLate(_ record: DeliveryRecord) -> String {
        [record.lastError, "Not sent in time."].compactMap(\.self).joined(separator: " ")
    }
}
