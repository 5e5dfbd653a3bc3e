package import Domain
import JSON
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
    ///
    /// All of it is asked at once, because snapshots, fills and claims wait for it.
    package static func load(in session: PostgresSession) throws -> BreakerScene? {
        var batch = PostgresBatch()
        let questions = Questions(in: &batch)
        let answers = try session.run(batch)
        guard let (_, document) = try questions.policy(answers) else { return nil }
        let policy = try PolicyDocument.parse(document).breakers
        let standing = try questions.standing(answers)
        let account = standing.account.flatMap {
            try? AccountSnapshot.parse($0.report, receivedAt: $0.receivedAt)
        }
        var ground = try questions.ground(account, standing.day, answers)
        if policy[.consecutiveLosses]?.scope == .strategy {
            let losses = try BreakerGroundStore.lossesInARowByStrategy(in: session)
            ground.lossesInARow.merge(losses) { $1 }
        }
        return BreakerScene(
            policy: policy, ground: ground, records: try questions.records(answers), account: account)
    }

    private struct Questions {
        let policy: PostgresAnswer<(version: Int, document: JSONValue)?>
        let standing:
            PostgresAnswer<
                (account: (report: JSONValue, receivedAt: Timestamp)?, day: BreakerGroundStore.Day?)
            >
        let records: PostgresAnswer<[BreakerRecord]>
        private let now: PostgresAnswer<Timestamp>
        private let losses: PostgresAnswer<Int>
        private let failures: PostgresAnswer<Int>
        private let mismatches: PostgresAnswer<Int>

        init(in batch: inout PostgresBatch) {
            policy = batch.add(CheckingStore.newestPolicy)
            standing = batch.add(BreakerGroundStore.accountAndDay)
            records = batch.add(BreakerStore.all)
            now = batch.add(DatabaseClock.now)
            losses = batch.add(BreakerGroundStore.lossesInARow)
            failures = batch.add(BreakerStore.failuresInARow)
            mismatches = batch.add(BreakerGroundStore.mismatches)
        }

        func ground(
            _ account: AccountSnapshot?, _ day: BreakerGroundStore.Day?, _ answers: PostgresAnswers
        ) throws -> BreakerGround {
            let now = try now(answers)
            var ground = BreakerGround(day: day?.day ?? MarketCalendar.nyse.bookDay(of: now))
            ground.equity = account?.equity
            ground.previousEquity = day?.startEquity ?? account?.lastEquity
            ground.cashFlow = day?.capitalFlows ?? .zero
            ground.highWaterMark = day?.highWaterMark
            ground.positions = account?.positions ?? []
            ground.lossesInARow = ["": try losses(answers)]
            ground.failuresInARow = try failures(answers)
            ground.mismatches = try mismatches(answers)
            ground.snapshotAgeSeconds = account.flatMap { BreakerScene.age(of: $0, now) }
            return ground
        }
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
