package import Domain
package import JSON
package import Postgres
package import Store

/// Everything a message is written from.
package struct Subject: Sendable {
    package let kind: String
    package let data: JSONObject
    /// Whether real money is at stake; nil where that is not known yet.
    package let mode: TradingMode?
    package let proposal: ProposalRecord?
    package let decisions: [DecisionRecord]
    /// The order that came of the proposal, as it stands.
    package let order: OrderStanding?
    /// The newest prices of the proposal's symbol.
    package let quote: Quote?
    /// Why the broker does not trade that symbol, where it is known not to.
    package var untraded: UntradedReason?
    /// How old a quote may be on which an order goes out; nil where the policy does not say.
    package var maxQuoteAgeSeconds: Int?
    /// The alert that it tells of, as it stands.
    package let alert: AlertRecord?
    /// Whether a report goes to everybody because nobody whom the policy names for it could be reached.
    package var isFallback = false
    /// When it is written, by the database's clock.
    package let now: Timestamp

    /// A subject.
    package init(
        kind: String, data: JSONObject = [:], mode: TradingMode? = nil, proposal: ProposalRecord? = nil,
        decisions: [DecisionRecord] = [], order: OrderStanding? = nil, quote: Quote? = nil,
        alert: AlertRecord? = nil, now: Timestamp
    ) {
        self.kind = kind
        self.data = data
        self.mode = proposal?.mode ?? mode
        self.proposal = proposal
        self.decisions = decisions
        self.order = order
        self.quote = quote
        self.alert = alert
        self.now = now
    }

    /// The subject of a message in the outbox, as things stand; times are told as seen from `moment`, or from now.
    package static func load(
        of record: DeliveryRecord, at moment: Timestamp? = nil, in session: PostgresSession
    ) throws(PostgresError) -> Subject {
        let now: Timestamp
        if let moment { now = moment } else { now = try DatabaseClock.now(in: session) }
        guard let id = record.proposalID, let proposal = try ProposalQueries.find(id, in: session) else {
            let mode = try DeploymentStore.find(in: session)?.mode
            if let kind = ReportKind(deliveryKind: record.kind),
                let period = record.data["period"]?.stringValue,
                let document = try ReportStore.find(kind, period, in: session)
            {
                var subject = Subject(
                    kind: record.kind, data: document.objectValue ?? [:], mode: mode, now: now)
                subject.isFallback = record.data["fell_back"] == true
                return subject
            }
            let alertID = record.data["alert_id"]?.stringValue.flatMap(Identifier.init)
            let alert = try alertID.flatMap { (id) throws(PostgresError) in
                try AlertStore.find(id, in: session)
            }
            return Subject(kind: record.kind, data: record.data, mode: mode, alert: alert, now: now)
        }
        var order: OrderStanding?
        if let orderID = proposal.orderID {
            order = try OrderQueries.find(orderID, in: session).map(OrderStanding.init)
        }
        let symbol = proposal.terms.symbol
        let isPending = proposal.state == .pending
        var subject = Subject(
            kind: record.kind, data: record.data, proposal: proposal,
            decisions: try DecisionStore.list(for: [id], in: session), order: order,
            quote: isPending ? try CheckingStore.quotes([symbol], in: session)[symbol] : nil, now: now)
        guard isPending else { return subject }
        subject.untraded = try UntradedSymbolStore.find([symbol], in: session)[symbol]
        subject.maxQuoteAgeSeconds = try CheckingStore.newestPolicy(in: session).flatMap {
            try? PolicyDocument.parse($0.document).limits.maxQuoteAgeSeconds
        }
        return subject
    }

    /// What is known of the price of a proposal that waits; nil where there is none that does.
    var presentQuote: PresentQuote? {
        guard let proposal, proposal.state == .pending else { return nil }
        return PresentQuote(
            of: proposal.terms, proposedAt: proposal.createdAt, quote: quote, untraded: untraded,
            maxAgeSeconds: maxQuoteAgeSeconds, now: now)
    }

    /// The report that the message brings, as people read it; nil where it brings none.
    package var report: ReportSheet? {
        switch ReportKind(deliveryKind: kind) {
        case .daily: .daily(.object(data))
        case .weekly: .weekly(.object(data))
        case nil: nil
        }
    }

    /// Why there is no point in sending it any more to that person, or to nobody in particular; nil where there is.
    ///
    /// Only questions become pointless: an outcome is told however late.
    package func pointlessness(for userID: Identifier?) -> String? {
        if kind == "alert-repeated", let alert, alert.state != .raised {
            return "Not sent: the alert is already \(alert.state.rawValue)."
        }
        guard Self.questions.contains(kind), let proposal else { return nil }
        if proposal.state != .pending {
            return "Not sent: the proposal was already \(proposal.state.rawValue)."
        }
        if proposal.expiresAt <= now { return "Not sent: the proposal had already expired." }
        guard Self.reminders.contains(kind), let userID, decisions.contains(where: { $0.userID == userID })
        else { return nil }
        return "Not sent: the person has already decided."
    }

    /// Whether it stands by itself, below what is already there, rather than changing it.
    package var isAnnouncement: Bool { Self.announcements.contains(kind) }

    /// Whether a change that makes no sound is not enough.
    package var isLoud: Bool { Self.loud.contains(kind) }

    /// Whether it is only worth a change of what is there already, never a message of its own.
    package var isOnlyChange: Bool { kind == "approval-priced" }

    /// Whether a message that shows how things stand tells all that this kind would.
    package static func isShownByChange(_ kind: String) -> Bool {
        !announcements.contains(kind) && !loud.contains(kind)
    }

    private static let reminders: Set<String> = ["approval-reminder", "approval-unheard"]
    private static let questions = reminders.union([
        "approval-requested", "approval-counted", "approval-priced",
    ])
    private static let announcements = reminders.union([
        "order-contradicted", "order-status-not-known", "order-found", "command-waiting", "command-trouble",
        "command-done", "command-withdrawn", "alert-repeated",
    ])
    private static let loud: Set<String> = ["order-unknown", "order-rejected", "halt-cleared"]
}

/// How an order stands, as far as messages tell it.
package struct OrderStanding: Sendable, Hashable {
    package let state: OrderState
    package let qty: ExactDecimal
    package let filledQty: ExactDecimal
    package let filledAvgPrice: ExactDecimal?
    package let reason: String?

    /// A standing.
    package init(
        state: OrderState, qty: ExactDecimal, filledQty: ExactDecimal = .zero,
        filledAvgPrice: ExactDecimal? = nil, reason: String? = nil
    ) {
        self.state = state
        self.qty = qty
        self.filledQty = filledQty
        self.filledAvgPrice = filledAvgPrice
        self.reason = reason
    }

    init(_ record: OrderRecord) {
        self.init(
            state: record.state, qty: record.qty, filledQty: record.filledQty,
            filledAvgPrice: record.filledAvgPrice, reason: record.reason)
    }

    /// `400 of 400 at $118.10 on average`; nil where nothing is filled.
    var filledWords: String? {
        guard filledQty.isPositive else { return nil }
        let shares = "\(filledQty.grouped()) of \(qty.grouped())"
        return filledAvgPrice.map { "\(shares) at \($0.priceWords) on average" } ?? shares
    }
}
