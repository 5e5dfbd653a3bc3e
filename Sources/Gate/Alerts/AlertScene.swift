import Domain
import JSON
import Postgres
import Store

/// What stands now that is worth an alert, and what cannot be judged at the moment.
struct AlertScene {
    /// The types that are judged here: what stands for a while, as against what happens once.
    static let types: [AlertType] = [
        .workerSilent, .staleSnapshot, .positionWithoutStop, .positionGain, .positionLosing, .limitNear,
        .limitExceeded,
        .reconcileMismatch, .channelFailing, .channelDisabled, .accountBlocked, .orderUnknown,
    ]

    let now: Timestamp
    let policy: Policy
    let account: AccountView?
    let worker: WorkerLease?
    /// For how long this server has been up: nobody could report to one that was not there.
    let upSeconds: Int
    private(set) var conditions: [AlertDraft] = []
    /// Types of which nothing can be said now: what is open stays so.
    private(set) var held: Set<AlertType> = []
    /// Keys that stay open though their condition is not met any more, because it nearly is.
    private(set) var keptKeys: Set<String> = []

    static func load(upSeconds: Int, in session: PostgresSession) throws -> AlertScene? {
        guard let (_, document) = try CheckingStore.newestPolicy(in: session) else { return nil }
        let hasAccount = try CheckingStore.accountState(in: session) != nil
        var scene = AlertScene(
            now: try DatabaseClock.now(in: session), policy: try PolicyDocument.parse(document),
            account: hasAccount ? try AccountView.read(in: session) : nil,
            worker: try WorkerLeaseStore.read(in: session), upSeconds: upSeconds)
        try scene.look(in: session)
        return scene
    }

    private init(now: Timestamp, policy: Policy, account: AccountView?, worker: WorkerLease?, upSeconds: Int)
    {
        self.now = now
        self.policy = policy
        self.account = account
        self.worker = worker
        self.upSeconds = upSeconds
    }

    private var isMarketOpen: Bool {
        account?.snapshot.isMarketOpen(at: now) ?? MarketCalendar.nyse.isOpen(at: now)
    }

    private mutating func look(in session: PostgresSession) throws {
        lookAtWorker(isBrokerAway: try AlertStore.findOpen(Self.brokerKey, in: session) != nil)
        try lookAtAccount(in: session)
        try lookAtLimits(in: session)
        try lookAtOrders(in: session)
        try lookAtChannels(in: session)
    }

    /// The key of the alert that the broker does not answer; the worker's sync raises and ends it.
    static let brokerKey = "broker-away"

    // MARK: the worker

    private mutating func lookAtWorker(isBrokerAway: Bool) {
        guard isMarketOpen else {
            held.formUnion([.workerSilent, .staleSnapshot])
            return
        }
        let silence = worker.map { min(now.seconds(since: $0.lastSeenAt), upSeconds) }
        if let limit = policy.alerts.workerSilentSeconds, let worker, let silence, silence >= limit {
            held.insert(.staleSnapshot)
            conditions.append(
                AlertDraft(
                    .workerSilent, title: "The execution worker is silent",
                    detail:
                        "\(worker.workerID) was last heard \(worker.lastSeenAt.rfc3339). While it is away nothing is sent, nothing"
                        + " is cancelled and no loss is seen. Stops at the broker still hold. Start it again, or look at its log.",
                    evidence: [
                        "worker": .string(worker.workerID), "last_seen": .string(worker.lastSeenAt.rfc3339),
                    ], subject: "worker", dedupKey: "worker-silent"))
        } else if let limit = policy.limits.maxSnapshotAgeSeconds, let account, worker != nil, !isBrokerAway {
            let age = min(account.ageSeconds, upSeconds)
            guard age >= limit else { return }
            conditions.append(
                AlertDraft(
                    .staleSnapshot, title: "The account's report is old",
                    detail:
                        "The worker is there, and what it last told of the account is from"
                        + " \(account.snapshot.receivedAt.rfc3339). Nothing goes out until it tells the account anew.",
                    evidence: ["received": .string(account.snapshot.receivedAt.rfc3339)], subject: "worker",
                    dedupKey: "stale-snapshot"))
        }
    }

    // MARK: the account and its positions

    private mutating func lookAtAccount(in session: PostgresSession) throws {
        guard let account, account.ageSeconds <= max(120, policy.limits.maxSnapshotAgeSeconds ?? 120) else {
            held.formUnion([
                .positionWithoutStop, .positionGain, .positionLosing, .accountBlocked, .reconcileMismatch,
            ])
            return
        }
        let snapshot = account.snapshot
        if snapshot.isTradingBlocked || snapshot.isAccountBlocked || snapshot.status != "ACTIVE" {
            conditions.append(
                AlertDraft(
                    .accountBlocked, title: "The broker blocks the account",
                    detail:
                        "No order can be carried out, not even one that closes a position. Contact the broker.",
                    evidence: [
                        "status": .string(snapshot.status),
                        "trading_blocked": .bool(snapshot.isTradingBlocked),
                        "account_blocked": .bool(snapshot.isAccountBlocked),
                    ], subject: "account", dedupKey: "account-blocked"))
        }
        let closing = try CommandStore.open(in: session)
        for view in account.positions {
            let isClosing = closing.contains {
                $0.kind == .flatten || $0.kind == .closePosition && $0.symbol == view.position.symbol
            }
            if !isClosing, view.stop.standing != .live { conditions.append(withoutStop(view)) }
            if let draft = gain(view) { conditions.append(draft) }
            if let draft = losing(view) { conditions.append(draft) }
        }
        // Where a breaker watches for differences it tells of them by itself.
        let isTold = policy.breakers[.reconcileMismatch] != nil
        for mismatch in account.mismatches {
            var draft = AlertDraft(
                .reconcileMismatch, title: "Broker and books differ in \(mismatch.symbol)",
                detail:
                    "The broker holds \(mismatch.brokerQty.grouped()), the books \(mismatch.bookQty.grouped()). Look at the"
                    + " account at the broker; then take over its word, or wait for the missing execution.",
                evidence: [
                    "symbol": .string(mismatch.symbol), "broker_qty": .decimal(mismatch.brokerQty),
                    "book_qty": .decimal(mismatch.bookQty),
                ], subject: "symbol:\(mismatch.symbol)", dedupKey: "mismatch:\(mismatch.id)")
            draft.isToldElsewhere = isTold
            conditions.append(draft)
        }
    }

    private func withoutStop(_ view: PositionView) -> AlertDraft {
        let symbol = view.position.symbol
        let isPartial = view.stop.standing == .partial
        return AlertDraft(
            .positionWithoutStop, priority: policy.limits.stopLoss.isRequired ? .critical : .high,
            title: isPartial
                ? "\(symbol) has a live stop for \(view.stop.qty.grouped()) of \(view.position.qty.magnitude.grouped()) only"
                : "\(symbol) has no live stop",
            detail:
                "Nothing at the broker closes \(isPartial ? "the rest of " : "")the position when the price goes against it. Set"
                + " a stop at the broker, or close the position.",
            evidence: evidence(view), subject: "symbol:\(symbol)", dedupKey: "position-without-stop:\(symbol)"
        )
    }

    private func gain(_ view: PositionView) -> AlertDraft? {
        guard let limit = policy.alerts.positionGainPct, let gain = view.unrealizedFraction, gain >= limit
        else {
            return nil
        }
        return AlertDraft(
            .positionGain, title: "\(view.position.symbol) is up \(Self.percent(gain))",
            detail: "Consider whether to take the profit, or to move the stop.", evidence: evidence(view),
            subject: "symbol:\(view.position.symbol)", dedupKey: "position-gain:\(identity(view))")
    }

    private func losing(_ view: PositionView) -> AlertDraft? {
        guard let limit = policy.alerts.positionLossDays, let days = view.daysHeld, days >= limit,
            let result = view.unrealizedFraction, result.isNegative
        else { return nil }
        return AlertDraft(
            .positionLosing, title: "\(view.position.symbol) has been held for \(days) days and is at a loss",
            detail:
                "Down \(Self.percent(result.magnitude)). Consider whether the reason to hold it still stands.",
            evidence: evidence(view), subject: "symbol:\(view.position.symbol)",
            dedupKey: "position-losing:\(identity(view))")
    }

    /// One round trip: the same symbol bought again later is another.
    private func identity(_ view: PositionView) -> String {
        "\(view.position.symbol):\(view.book?.trip?.openedAt.rfc3339 ?? "")"
    }

    private func evidence(_ view: PositionView) -> JSONObject {
        [
            "symbol": .string(view.position.symbol), "qty": .decimal(view.position.qty),
            "market_value": .decimal(view.position.marketValue),
            "price": .decimal(view.position.currentPrice),
            "unrealized_pnl": .decimal(view.unrealizedPnL?.rounded(scale: 2)),
            "stop": .string(view.stop.standing.rawValue), "stop_price": .decimal(view.stop.stopPrice),
        ]
    }

    private static func percent(_ fraction: ExactDecimal) -> String {
        "\((fraction * ExactDecimal(100)).rounded(scale: 2))%"
    }

    // MARK: limits

    private mutating func lookAtLimits(in session: PostgresSession) throws {
        guard let account else {
            held.formUnion([.limitNear, .limitExceeded])
            return
        }
        let limits = try LimitAlerts(policy, account, in: session)
        conditions += limits.conditions
        keptKeys.formUnion(limits.keptKeys)
    }

    // MARK: orders and channels

    private mutating func lookAtOrders(in session: PostgresSession) throws {
        for order in try AlertQueries.unknownOrders(seconds: 60, in: session) {
            var draft = AlertDraft(
                .orderUnknown,
                title:
                    "Not known whether the broker has \(order.side) \(order.qty.grouped()) \(order.symbol)",
                detail:
                    "The order was sent and no clear answer came. It is never sent twice; the worker keeps asking. Look at the"
                    + " account at the broker.",
                evidence: ["symbol": .string(order.symbol), "order_id": .string(order.id.text)],
                subject: "order:\(order.id)", dedupKey: "order-unknown:\(order.id)")
            draft.isToldElsewhere = true
            conditions.append(draft)
        }
    }

    private mutating func lookAtChannels(in session: PostgresSession) throws {
        if let minutes = policy.alerts.channelFailingMinutes {
            for channel in try AlertQueries.failingChannels(minutes: minutes, in: session) {
                conditions.append(
                    AlertDraft(
                        .channelFailing, title: "Channel \(channel.name) takes no messages",
                        detail:
                            "\(channel.failures) attempts in a row have failed since \(channel.since.rfc3339). What waits for it is"
                            + " kept and tried again.",
                        evidence: [
                            "channel": .string(channel.name), "channel_id": .string(channel.id.text),
                            "error": .text(channel.lastError),
                        ], subject: "channel:\(channel.id)", dedupKey: "channel-failing:\(channel.id)"))
            }
        }
        for id in try AlertQueries.disabledChannels(in: session) {
            keptKeys.insert("channel-disabled:\(id)")
        }
    }
}
