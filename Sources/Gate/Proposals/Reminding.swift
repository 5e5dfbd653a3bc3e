package import Domain
import Postgres
import Store
import Synchronization

/// Says in time that a proposal still waits, and says so when its request reached nobody.
///
/// Each is said once, however many servers look.
package final class Reminding: Sendable {
    /// What one look has found.
    package struct Found: Sendable, Hashable {
        /// Proposals whose approvers were reminded.
        package let reminded: [Identifier]
        /// Proposals whose request no channel has taken a minute after it was stored.
        package let unheard: [Identifier]
    }

    private static let limit = 200
    private static let secondsToBeHeard = 60
    /// How far the first look goes back.
    private static let firstLookMinutes = 15

    private let context: GateContext
    /// Up to when proposals have been looked at for being heard.
    private let mark = Mutex<Timestamp?>(nil)

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Looks once; whatever is found is said in the same transaction.
    package func look() async throws -> Found {
        let mark = mark.withLock { $0 }
        let (found, next) = try await context.pool.transaction { session in
            let now = try DatabaseClock.now(in: session)
            let ten = try ApprovalNoticeStore.takeEnding(
                .tenMinutes, within: 10, except: 2, minMinutes: 20, limit: Self.limit, in: session)
            let two = try ApprovalNoticeStore.takeEnding(
                .twoMinutes, within: 2, except: 0, minMinutes: 6, limit: Self.limit, in: session)
            try Self.remind(ten + two, in: session)
            let since = mark ?? now.adding(seconds: -60 * Self.firstLookMinutes)
            let unheard = try ApprovalNoticeStore.takeUnheard(
                since: since, seconds: Self.secondsToBeHeard, limit: Self.limit, in: session)
            for id in unheard { try Self.tell(id, in: session) }
            // A little behind the moment looked at: what was stored then may have been committed since.
            let next = now.adding(seconds: -Self.secondsToBeHeard - 30)
            return (
                Found(reminded: ten + two, unheard: unheard),
                unheard.count < Self.limit && next > since ? next : since
            )
        }
        self.mark.withLock { $0 = next }
        return found
    }

    private static func remind(_ ids: [Identifier], in session: PostgresSession) throws {
        let requests = try ProposalQueries.find(ids, in: session).map {
            DeliveryRequest(
                kind: "approval-reminder", proposalID: $0.id, priority: 2, notAfter: $0.expiresAt)
        }
        try DeliveryQueue.enqueue(requests, in: session)
    }

    /// Tells the channels that do not have the request waiting; where there is none, the log and the pages do.
    private static func tell(_ id: Identifier, in session: PostgresSession) throws {
        let channels = try ApprovalNoticeStore.otherChannels(for: id, in: session)
        guard !channels.isEmpty, let record = try ProposalQueries.find(id, in: session) else { return }
        let request = DeliveryRequest(
            kind: "approval-unheard", proposalID: id, priority: 1, notAfter: record.expiresAt)
        try DeliveryQueue.enqueue([request], only: channels, in: session)
    }
}
