import Domain
import Testing

struct DecisionFiguresTests {
    @Test func `what people agreed to counts as approved, and silence never as a rejection`() {
        let states = ProposalState.allCases.map {
            DecisionFigures.StateCount(bot: "a", strategy: "momentum", state: $0, count: 1)
        }
        let more = DecisionFigures.StateCount(bot: "b", strategy: "momentum", state: .expired, count: 3)
        let figures = DecisionFigures([more] + states)
        #expect(figures.total.proposed == ProposalState.allCases.count + 3)
        #expect(figures.total.approved == 5 && figures.total.rejected == 1 && figures.total.expired == 4)
        #expect(figures.total.blocked == 1 && figures.total.withdrawn == 1)
        #expect(figures.total.cancelled == 1 && figures.total.pending == 1)
        #expect(figures.bots.map(\.bot) == ["a", "b"] && figures.bots[1].outcomes.expired == 3)
        // Six of ten that people were asked about were answered.
        #expect(figures.total.answeredShare == ExactDecimal("0.6"))
        let total = figures.total
        let parts = [
            total.approved, total.rejected, total.expired, total.blocked, total.withdrawn, total.cancelled,
            total.pending,
        ]
        #expect(parts.reduce(0, +) == total.proposed)
    }

    @Test func `the same proposals are told by bot and by strategy`() {
        let figures = DecisionFigures([
            DecisionFigures.StateCount(bot: "a", strategy: "momentum", state: .released, count: 2),
            DecisionFigures.StateCount(bot: "a", strategy: "reversal", state: .rejected, count: 1),
            DecisionFigures.StateCount(bot: "b", strategy: "momentum", state: .expired, count: 4),
        ])
        #expect(figures.bots.map(\.outcomes.proposed) == [3, 4])
        #expect(figures.strategies.mapValues(\.proposed) == ["momentum": 6, "reversal": 1])
        #expect(figures.strategies["momentum"]?.approved == 2)
    }

    @Test func `nothing proposed has no share`() {
        #expect(DecisionFigures([]).total.answeredShare == nil && DecisionFigures([]).bots.isEmpty)
    }

    @Test func `days are chained, and days without a start are left out`() {
        let returns = ["0.1", nil, "-0.1", "0"].map { $0.flatMap { ExactDecimal($0) } }
        #expect(PeriodReturn.chained(returns) == ExactDecimal("-0.01"))
        #expect(PeriodReturn.chained([nil]) == nil && PeriodReturn.chained([]) == nil)
        #expect(PeriodReturn.chained([ExactDecimal("-1"), ExactDecimal("5")]) == ExactDecimal("-1"))
    }
}
