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
    let newPositions: (today: Int, thisWeek: Int)
    let window: TradingWindow?

    /// Reads the ground for orders in these symbols.
    ///
    /// `proposalID` is left out of what counts, because it is what is judged. What a worker brings along when it
    /// claims is stored before, so that there is one place to read from. `wishes` are what bots ask for right now,
    /// to notice repetitions; there are none when what is judged was admitted before.
    package static func load(
        symbols: Set<String>, wishes: Set<CheckingStore.Wish> = [], except proposalID: Identifier? = nil,
        in session: PostgresSession
    ) throws -> CheckGround {
        guard let (version, document) = try CheckingStore.newestPolicy(in: session) else {
            throw Refusal(
                .noPolicy,
                "No policy is applied, so nothing is allowed. Apply one with `countersign policy apply`.")
        }
        var policy = try PolicyDocument.parse(document)
        if let reduction = try LimitReductionStore.current(in: session) {
            policy.limits = policy.limits.lowered(by: reduction.factor)
        }
        let now = try DatabaseClock.now(in: session)
        let stored = try CheckingStore.accountState(in: session)
        let account = stored.flatMap { try? AccountSnapshot.parse($0.report, receivedAt: $0.receivedAt) }
        let book = account.map(AccountBook.init)
        let intents = try policy.limits.duplicateWindowSeconds.map {
            try CheckingStore.recentIntents(wishes, seconds: $0, in: session)
        }
        return CheckGround(
            policyVersion: version, policy: policy, now: now, account: book,
            quotes: try CheckingStore.quotes(symbols, in: session),
            untraded: try UntradedSymbolStore.find(symbols, in: session),
            committed: try ExposureStore.committed(
                symbols: symbols, except: proposalID, shownAt: stored?.receivedAt,
                shownAlready: book?.clientOrderIDs ?? [], in: session),
            recentIntents: RecentIntents(intents ?? []),
            halts: try HaltStore.listOpen(in: session).map(\.open),
            newPositions: try CheckingStore.newPositions(except: proposalID, in: session),
            window: policy.limits.hours.map {
                TradingWindow(clock: account?.clock, calendar: .nyse, hours: $0, now: now)
            })
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
