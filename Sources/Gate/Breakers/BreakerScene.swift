package import Domain
package import Postgres
package import Store

/// Everything the breakers of one moment stand on: the policy, what is measured, what they remember.
package struct BreakerScene: Sendable {
    package let policy: BreakerPolicy
    package let ground: BreakerGround
    package let records: [BreakerRecord]
    /// The account as reported last.
    let account: AccountSnapshot?

    /// Reads the scene; nil where no policy is applied, so that nothing can be traded anyway.
    package static func load(in session: PostgresSession) throws -> BreakerScene? {
        guard let (_, document) = try CheckingStore.newestPolicy(in: session) else { return nil }
        let policy = try PolicyDocument.parse(document).breakers
        let now = try DatabaseClock.now(in: session)
        let stored = try CheckingStore.accountState(in: session)
        let account = stored.flatMap { try? AccountSnapshot.parse($0.report, receivedAt: $0.receivedAt) }
        return BreakerScene(
            policy: policy, ground: try ground(account, policy, now, in: session),
            records: try BreakerStore.all(in: session), account: account)
    }

    private static func ground(
        _ account: AccountSnapshot?, _ policy: BreakerPolicy, _ now: Timestamp, in session: PostgresSession
    ) throws -> BreakerGround {
        let since = try BreakerStore.countedSince(in: session)
        let day = try BreakerGroundStore.newestDay(in: session)
        var ground = BreakerGround(day: day?.day ?? MarketCalendar.nyse.bookDay(of: now))
        ground.equity = account?.equity
        ground.previousEquity = day?.startEquity ?? account?.lastEquity
        ground.cashFlow = day?.capitalFlows ?? .zero
        ground.highWaterMark = day?.highWaterMark
        ground.positions = account?.positions ?? []
        ground.lossesInARow = [
            "": try BreakerGroundStore.lossesInARow(since: since[.init(.consecutiveLosses)], in: session)
        ]
        if policy[.consecutiveLosses]?.scope == .strategy {
            let byStrategy = Dictionary(
                uniqueKeysWithValues: since.filter { $0.key.kind == .consecutiveLosses }
                    .map { ($0.key.target, $0.value) })
            let losses = try BreakerGroundStore.lossesInARowByStrategy(since: byStrategy, in: session)
            ground.lossesInARow.merge(losses) { $1 }
        }
        ground.failuresInARow = try BreakerStore.failuresInARow(
            since: since[.init(.executionFailures)], in: session)
        ground.mismatches = try BreakerGroundStore.mismatches(in: session)
        ground.snapshotAgeSeconds = account.flatMap { age(of: $0, now) }
        return ground
    }

    /// How old the account's report is, where its age matters: while the market is open.
    private static func age(of account: AccountSnapshot, _ now: Timestamp) -> Int? {
        account.isMarketOpen(at: now) ? max(0, now.seconds(since: account.receivedAt)) : nil
    }
}

extension AccountSnapshot {
    /// Whether the market is open, by the broker's own clock as far as it reaches, else by the calendar.
    package func isMarketOpen(at now: Timestamp) -> Bool {
        guard let clock else { return MarketCalendar.nyse.isOpen(at: now) }
        if clock.isOpen, let nextClose = clock.nextClose, now < nextClose { return true }
        if !clock.isOpen, let nextOpen = clock.nextOpen, now < nextOpen { return false }
        return MarketCalendar.nyse.isOpen(at: now)
    }
}
