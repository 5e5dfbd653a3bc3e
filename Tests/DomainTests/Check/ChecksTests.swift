import Domain
import JSON
import Testing

struct ChecksTests {
    @Test(arguments: CheckPhase.allCases)
    func `a plain order passes every check there is`(phase: CheckPhase) {
        let findings = Checks.evaluate(Sample.plain, Sample.context(), phase)
        #expect(findings.map(\.code) == CheckCode.allCases)
        #expect(findings.having(.fail) == [])
        #expect(findings.having(.warn) == [])
        #expect(findings.allow)
    }

    @Test func `no failure hides another`() {
        var terms = Sample.terms(qty: "1000.5", limit: "100.001")
        terms.timeInForce = .gtc
        let context = Sample.context(Sample.account(cash: "500", ageSeconds: 121)).with {
            $0.halts = [OpenHalt(id: "h", scope: .account, target: nil, allowsReducing: true, reason: "test")]
            $0.policy.limits.minConfidence = 50
        }
        let failed = Checks.evaluate(terms, context, .admission).having(.fail).map(\.code)
        #expect(
            failed == [
                .halt, .maxSnapshotAge, .orderShape, .maxPositionUSD, .maxPositionPct, .stopLossRequired,
                .minConfidence, .buyingPower, .cashReserve,
            ])
    }

    @Test func `without an account every limit that needs it fails, and says so`() {
        let findings = Checks.evaluate(Sample.plain, Sample.context(nil), .claim)
        let failed = findings.having(.fail)
        #expect(
            failed.map(\.code) == [
                .accountStatus, .maxSnapshotAge, .availableQty, .maxPositionUSD, .maxPositionPct,
                .minPositionUSD,
                .maxOpenPositions, .maxNewPositionsPerDay, .maxNewPositionsPerWeek, .buyingPower,
                .cashReserve,
                .washTrade,
            ])
        #expect(failed.allSatisfy { $0.detail.contains("not reported the account") })
    }

    @Test func `without a price every limit that needs one fails`() {
        let context = Sample.context().with {
            $0.quote = nil
            $0.referencePrice = nil
        }
        let failed = Checks.evaluate(Sample.terms(.buy, .market, stopLoss: "92"), context, .admission).having(
            .fail)
        #expect(
            failed.map(\.code) == [
                .maxPositionUSD, .maxPositionPct, .minPositionUSD, .stopLossBand, .buyingPower, .cashReserve,
            ])
        #expect(failed.allSatisfy { $0.detail.contains("No price of NVDA is known") })
    }

    @Test func `a limit that is off is skipped even without data`() {
        let context = Sample.context(nil).with { context in
            context.policy.limits = everythingOff
            context.window = nil
            context.quote = nil
        }
        let findings = Checks.evaluate(Sample.terms(.buy, .market), context, .claim)
        let skipped = findings.having(.skipped).map(\.code)
        #expect(
            skipped == [
                .maxSnapshotAge, .symbolKnown, .maxPositionUSD, .maxPositionPct, .minPositionUSD,
                .maxOpenPositions,
                .maxNewPositionsPerDay, .maxNewPositionsPerWeek, .stopLossRequired, .stopLossBand,
                .minConfidence,
                .minCatalystScore, .cashReserve, .tradingHours, .duplicateWindow, .maxQuoteAge, .maxSlippage,
            ])
        #expect(
            findings.having(.fail).map(\.code) == [.accountStatus, .availableQty, .buyingPower, .washTrade])
    }

    @Test func `an order that only reduces skips the limits on opening, and says why`() {
        let full = Sample.account(
            cash: "0", equity: "1000", buyingPower: "0",
            positions: [Sample.holding("10")] + (1...9).map { Sample.holding("100", "X\($0)") })
        let context = Sample.context(full).with { $0.newPositionsToday = 99 }
        let findings = Checks.evaluate(Sample.terms(.sell), context, .admission)
        #expect(findings.having(.fail) == [])
        let skipped = findings.having(.skipped).filter { $0.detail.contains("only reduces") }.map(\.code)
        #expect(
            skipped == [
                .maxPositionUSD, .maxPositionPct, .minPositionUSD, .maxOpenPositions, .maxNewPositionsPerDay,
                .maxNewPositionsPerWeek, .stopLossRequired, .stopLossBand, .minConfidence, .minCatalystScore,
                .buyingPower, .cashReserve,
            ])
    }

    @Test(arguments: CheckPhase.allCases)
    func `what is made at another time is told apart from what does not apply`(phase: CheckPhase) {
        let plain = Sample.context()
        let blind = plain.with { $0.quote = nil }
        let off = plain.with { $0.policy.limits = everythingOff }
        var seen: Set<CheckEnding> = []
        for context in [plain, blind, off, blind.with { $0.policy.limits = everythingOff }] {
            for terms in [Sample.plain, Sample.terms(.sell)] {
                for finding in Checks.evaluate(terms, context, phase) where finding.outcome == .skipped {
                    let isElsewhere = ["hecked when", "is asked for one", "looks when", "asked the broker"]
                        .contains(where: finding.detail.contains)
                    #expect((finding.ending != .doesNotApply) == isElsewhere, "\(finding)")
                    #expect(CheckEnding(json: finding.json) == finding.ending)
                    seen.insert(finding.ending)
                }
            }
        }
        #expect(seen.contains(.madeBefore) == (phase != .admission))
        #expect(seen.contains(.comesLater) && seen.contains(.doesNotApply))
    }

    @Test func `findings survive being written`() throws {
        for finding in Checks.evaluate(Sample.plain, Sample.context(), .claim) {
            #expect(Finding(json: finding.json) == finding)
            #expect(!finding.detail.isEmpty && finding.detail.hasSuffix("."))
        }
        #expect(Finding(json: ["code": "nope", "outcome": "pass", "detail": ""]) == nil)
    }

    private var everythingOff: PolicyLimits {
        var limits = Policy.presets[0].policy.limits
        (limits.maxPositionUSD, limits.maxPositionPct, limits.minPositionUSD) = (nil, nil, nil)
        (limits.cashReserveMinPct, limits.maxOpenPositions) = (nil, nil)
        (limits.maxNewPositionsPerDay, limits.maxNewPositionsPerWeek) = (nil, nil)
        (limits.minConfidence, limits.minCatalystScore, limits.stopLoss) = (nil, nil, .off)
        (limits.maxSlippagePct, limits.maxQuoteAgeSeconds, limits.maxSnapshotAgeSeconds) = (nil, nil, nil)
        (limits.duplicateWindowSeconds, limits.hours) = (nil, nil)
        return limits
    }
}
