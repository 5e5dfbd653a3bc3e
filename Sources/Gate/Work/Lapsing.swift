package import Domain
import JSON
import Postgres
import Store

/// Ends released orders that no worker took in time.
package struct Lapsing: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Ends up to so many that are due; tells how many, and when the next is due (past where more wait).
    package func lapseOnce(limit: Int = 200) async throws -> (lapsed: Int, nextDeadline: Timestamp?) {
        try await context.pool.transaction { session in
            try AccountLock.shared(in: session)
            let lapsed = try OrderTransitions.lapse(limit: limit, in: session)
            let pairs = lapsed.map { ($0.orderID, $0.proposalID) }
            try Self.tell(Dictionary(uniqueKeysWithValues: pairs), by: "system", in: session)
            return (lapsed.count, try OrderTransitions.nextLapse(in: session))
        }
    }

    /// Writes journal and messages of orders that lapsed, by order and proposal.
    static func tell(
        _ orders: [Identifier: Identifier], by actor: String, in session: PostgresSession
    ) throws {
        let sorted = orders.sorted { $0.key < $1.key }
        try JournalStore.append(
            sorted.map { order, proposal in
                JournalDraft(
                    kind: "order.lapsed", actor: actor, subject: "order:\(order.text)",
                    data: ["proposal_id": .string(proposal.text)])
            }, in: session)
        try DeliveryQueue.enqueue(
            sorted.map { DeliveryRequest(kind: "order-lapsed", proposalID: $1, orderID: $0, priority: 3) },
            in: session)
    }
}
