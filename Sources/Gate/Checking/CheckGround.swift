// What the checks of one transaction share: read once, under the account's lock, for however many proposals.

package import Domain
import JSON
package import Postgres
package import Store

/// The policy, the account and everything that already counts against the limits.
package struct CheckGround: Sendable {
    package let policyVersion: Int
    package let policy: Policy
    package let now: Timestamp
    package let account: AccountBook?
    package let quotes: [String: Quote]
    let untraded: [String: UntradedReason]
    /// What others take.
    ///
    /// Admission adds each proposal that it admits.
    package var committed: CommittedExposure
    package var recentIntents: RecentIntents
    let halts: [OpenHalt]
    var newPositions: (today: Int, thisWeek: Int)
    let window: TradingWindow?
    /// The symbols of which `committed` tells what is committed in each.
    let symbols: Set<String>
    private let isWorthFolding: Bool

    /// Reads the ground for orders in these symbols.
    ///
    /// `proposalID` is left out of what counts, because it is what is judged. What a worker brings along when it
    /// claims is stored before, so that there is one place to read from. `wishes` are what bots ask for right now,
    /// to notice repetitions; there are none when what is judged was admitted before.
    package static func load(
        symbols: Set<String>, wishes: Set<CheckingStore.Wish> = [], except proposalID: Identifier? = nil,
        in session: PostgresSession
    ) throws -> CheckGround {
        var batch = PostgresBatch()
        let questions = Questions(
            symbols: symbols, wishes: wishes, except: proposalID.map { [$0] } ?? [], in: &batch)
        return try load(questions, try session.run(batch), in: session)
    }

    /// What is asked of the database, together with other statements where there are any.
    package struct Questions {
        package let policy: PostgresAnswer<(version: Int, document: String)?>
        fileprivate let reduction: PostgresAnswer<LimitReduction?>
        fileprivate let now: PostgresAnswer<Timestamp>
        package let quotes: PostgresAnswer<[String: Quote]>
        package let untraded: PostgresAnswer<[String: UntradedReason]>
        fileprivate let committed: Committed
        fileprivate let symbols: Set<String>
        fileprivate let account: PostgresAnswer<(report: JSONValue, receivedAt: Timestamp)?>?
        fileprivate let intents: PostgresAnswer<[RecentIntents.Intent]>?
        fileprivate let halts: PostgresAnswer<[HaltRecord]>

        /// Adds what is asked for orders in these symbols; `proposals` are left out of what counts.
        ///
        /// Whoever has held the account alone since `earlier` was read asks only for what can still have grown: what others
        /// have given up meanwhile may count a moment longer. The account stays the one of `earlier` too: what it showed then is
        /// not among what is counted beside it, and a newer one may not show it any more.
        package init(
            symbols: Set<String>, wishes: Set<CheckingStore.Wish> = [], except proposals: [Identifier] = [],
            after earlier: CheckGround? = nil, in batch: inout PostgresBatch
        ) {
            policy = batch.add(CheckingStore.newestPolicyText)
            reduction = batch.add(LimitReductionStore.current)
            now = batch.add(DatabaseClock.now)
            quotes = batch.add(CheckingStore.quotes(symbols))
            untraded = batch.add(UntradedSymbolStore.find(symbols))
            committed = Committed(symbols, except: proposals, after: earlier, in: &batch)
            self.symbols = earlier?.symbols.union(symbols) ?? symbols
            // After what is under way, which counts until the account shows it.
            account = earlier == nil ? batch.add(CheckingStore.accountState) : nil
            if wishes.isEmpty {
                intents = nil
            } else {
                batch.add(TransactionSettings.withoutSorting)
                intents = batch.add(CheckingStore.recentIntents(wishes))
                batch.add(TransactionSettings.withSorting)
            }
            halts = batch.add(HaltStore.listOpen)
        }
    }

    /// The ground that the answers make; where many changes wait, adds them to the sums for whoever asks next.
    package static func load(
        _ questions: Questions, _ answers: PostgresAnswers, knowing policies: PolicyMemory = PolicyMemory(),
        in session: PostgresSession
    ) throws -> CheckGround {
        let ground = try load(questions, answers, knowing: policies)
        if ground.isWorthFolding { try ExposureStore.fold(in: session) }
        return ground
    }

    /// The ground that the answers make, and `earlier`, where the questions were asked after it.
    static func load(
        _ questions: Questions, _ answers: PostgresAnswers, knowing policies: PolicyMemory,
        after earlier: CheckGround? = nil
    ) throws -> CheckGround {
        guard let (version, document) = try questions.policy(answers) else {
            throw Refusal(
                .noPolicy,
                "No policy is applied, so nothing is allowed. Apply one with `countersign policy apply`.")
        }
        var policy = try policies.policy(of: document)
        if let reduction = try questions.reduction(answers) {
            policy.limits = policy.limits.lowered(by: reduction.factor)
        }
        let now = try questions.now(answers)
        let account = try questions.account.map { try $0(answers).flatMap(Self.book) } ?? earlier?.account
        let exposure = try questions.committed.found(answers, account: account)
        var recentIntents = earlier?.recentIntents ?? RecentIntents()
        for intent in try questions.intents?(answers) ?? [] { recentIntents.add(intent) }
        return CheckGround(
            policyVersion: version, policy: policy, now: now, account: account,
            quotes: try questions.quotes(answers), untraded: try questions.untraded(answers),
            committed: exposure.committed, recentIntents: recentIntents,
            halts: try questions.halts(answers).map(\.open),
            newPositions: exposure.newPositions,
            window: policy.limits.hours.map {
                TradingWindow(clock: account?.snapshot.clock, calendar: .nyse, hours: $0, now: now)
            },
            symbols: questions.symbols, isWorthFolding: exposure.isWorthFolding)
    }

    /// The account as a worker told of it; nil where that cannot be read.
    private static func book(_ told: (report: JSONValue, receivedAt: Timestamp)) -> AccountBook? {
        (try? AccountSnapshot.parse(told.report, receivedAt: told.receivedAt)).map(AccountBook.init)
    }

    /// The context in which one proposal is judged.
    package func context(
        expiresAt: Timestamp, notes: ProposalNotes, symbol: String, proposer: String, proposalID: Identifier?,
        approvedPrice: ExactDecimal? = nil, isStopDefault: Bool = false
    ) -> CheckContext {
        var check = CheckContext(
            policy: policy, account: account, committed: committed, halts: halts,
            newPositionsToday: newPositions.today, newPositionsThisWeek: newPositions.thisWeek,
            recentIntents: recentIntents, window: window, now: now, quote: quotes[symbol],
            expiresAt: expiresAt,
            strategy: notes.strategy, proposer: proposer, proposalID: proposalID,
            confidence: notes.confidence,
            catalystScore: notes.catalystScore, referencePrice: notes.referencePrice,
            approvedPrice: approvedPrice, isStopDefault: isStopDefault)
        check.untraded = untraded[symbol]
        return check
    }

    /// The context in which a stored proposal is judged again.
    package func context(for proposal: ProposalRecord, approvedPrice: ExactDecimal?) -> CheckContext {
        var check = context(
            expiresAt: proposal.expiresAt, notes: proposal.notes, symbol: proposal.terms.symbol,
            proposer: proposal.proposerName, proposalID: proposal.id, approvedPrice: approvedPrice)
        check.approvedAsReducing = proposal.isReducing
        return check
    }
}

/// What is asked of what others take.
private enum Committed {
    /// All of it, with a closer look at the symbols that are asked for.
    case all(
        sums: PostgresAnswer<PostgresRows>, resting: PostgresAnswer<PostgresRows>,
        underWay: PostgresAnswer<[Commitment]>)
    /// A closer look at further symbols; the totals are those of the ground before.
    case further(sums: PostgresAnswer<PostgresRows>, resting: PostgresAnswer<PostgresRows>, CheckGround)
    /// Nothing; it is as in the ground before.
    case known(CheckGround)

    init(
        _ symbols: Set<String>, except proposals: [Identifier], after earlier: CheckGround?,
        in batch: inout PostgresBatch
    ) {
        guard let earlier else {
            self = .all(
                sums: batch.add(ExposureStore.sums(symbols, except: proposals)),
                resting: batch.add(ExposureStore.resting(symbols, except: proposals)),
                underWay: batch.add(ExposureStore.underWay(except: proposals)))
            return
        }
        let further = symbols.subtracting(earlier.symbols)
        self =
            further.isEmpty
            ? .known(earlier)
            : .further(
                sums: batch.add(ExposureStore.sums(of: further)),
                resting: batch.add(ExposureStore.resting(further, except: [])), earlier)
    }

    /// What is committed, how many positions were newly opened, and whether many changes wait to be added to the sums.
    func found(
        _ answers: PostgresAnswers, account: AccountBook?
    ) throws -> (
        committed: CommittedExposure, newPositions: (today: Int, thisWeek: Int), isWorthFolding: Bool
    ) {
        switch self {
        case .all(let sums, let resting, let underWay):
            let parts = try ExposureStore.Parts(
                sums: try sums(answers), resting: try resting(answers), underWay: try underWay(answers))
            let committed = try parts.committed(shownAlready: account?.clientOrderIDs ?? [])
            return (committed, parts.newPositions, parts.isWorthFolding)
        case .further(let sums, let resting, let earlier):
            var committed = earlier.committed
            let found = try ExposureStore.bySymbol(sums: try sums(answers), resting: try resting(answers))
            for (symbol, exposure) in found { committed.tell(exposure, symbol: symbol) }
            return (committed, earlier.newPositions, false)
        case .known(let earlier):
            return (earlier.committed, earlier.newPositions, false)
        }
    }
}
