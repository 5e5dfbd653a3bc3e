import Domain
import JSON
import Postgres
import Store

/// Tells what shows a proposal that the price it was asked about without has come.
enum FirstPrices {
    private static let limit = 200

    /// Journals the first quote of each proposal that has waited for one, and has pages and changeable messages show it.
    ///
    /// Called before the quotes are stored. A message that cannot be changed stays as it is: another one for each
    /// proposal, only to say its price, is what nobody wants to get.
    static func tell(_ quotes: [Quote], by workerID: String, in session: PostgresSession) throws {
        let usable = quotes.filter { !$0.isCrossed && !$0.isAhead(of: $0.receivedAt) }
        let priced = try AccountStateStore.firstPriced(by: usable, limit: limit, in: session)
        guard !priced.isEmpty else { return }
        try JournalStore.append(
            priced.map {
                JournalDraft(
                    kind: "proposal.priced", actor: "worker:\(workerID)", subject: "proposal:\($0.id)",
                    data: $0.quote.json.objectValue ?? [:])
            }, in: session)
        try ProposalNotice.send(in: session)
        let channels = try DestinationStore.inUse(in: session)
            .filter { $0.settings.changesMessages($0.kind) }
        guard !channels.isEmpty else { return }
        try DeliveryQueue.enqueue(
            priced.map {
                DeliveryRequest(
                    kind: "approval-priced", proposalID: $0.id, priority: 2, notAfter: $0.expiresAt)
            }, only: channels.map(\.id), in: session)
    }
}
