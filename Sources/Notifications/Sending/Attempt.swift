import Domain
import JSON
import Postgres
import Store

/// One message taken from the outbox: what to do with it, known in the transaction that took it.
struct Attempt: Sendable {
    enum Task: Sendable {
        case message(Subject, DestinationRecord)
        case release(ReleasedOrder, Identifier)
        /// Nothing is sent; this is written down instead.
        case settle(DeliveryResult)
    }

    let record: DeliveryRecord
    let task: Task
    /// When it was taken, by the database's clock.
    let now: Timestamp

    static func prepare(_ claimed: ClaimedDelivery, in session: PostgresSession) throws -> Attempt {
        let now = try DatabaseClock.now(in: session)
        return Attempt(record: claimed.record, task: try task(claimed, now: now, in: session), now: now)
    }

    private static func task(
        _ claimed: ClaimedDelivery, now: Timestamp, in session: PostgresSession
    ) throws -> Task {
        let record = claimed.record
        if let notAfter = record.notAfter, notAfter <= now {
            let error = [record.lastError, "Not sent in time."].compactMap(\.self).joined(separator: " ")
            return .settle(.dead(error: error))
        }
        if let destination = claimed.destination {
            let subject = try Subject.load(of: record, in: session)
            if let reason = subject.pointlessness { return .settle(.dropped(reason: reason)) }
            return .message(subject, destination)
        }
        guard let orderID = record.orderID, let order = try ReleasedOrder.find(orderID, in: session) else {
            return .settle(.dropped(reason: "Not sent: there is no such order."))
        }
        guard order.state == .released else {
            return .settle(.dropped(reason: "Not sent: the order is already \(order.state.rawValue)."))
        }
        return .release(order, orderID)
    }
}
