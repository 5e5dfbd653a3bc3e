import Domain
import Testing

/// The formulas on samples whose values are known, and their edges: too few, no loss, no movement.
@Suite struct MetricsTests {
    static let returns = [0.01, -0.02, 0.015, 0, -0.005, 0.02, -0.01, 0.005, 0.012, -0.03]
    static let benchmark = [0.005, -0.01, 0.01, 0.002, -0.004, 0.011, -0.006, 0.003, 0.008, -0.015]

    static func decimals(_ texts: [String]) -> [ExactDecimal] { texts.compactMap { ExactDecimal($0) } }

    private func isNear(_ measure: Measure?, _ expected: Double) -> Bool {
        measure?.value.map { abs($0 - expected) < 1e-9 } ?? false
    }

    @Test func `known values come out`() {
        let metrics = ReturnMetrics(Self.returns)
        #expect(isNear(metrics.sharpe(), -0.2967404127))
        #expect(isNear(metrics.sortino, -0.3989459797))
        #expect(isNear(metrics.maxDrawdown, 0.03))
        #expect(isNear(metrics.volatility, 0.2547681299))
        #expect(isNear(metrics.annualReturn, -0.0996855235))
        #expect(isNear(metrics.cumulative, -0.0041584391))
        #expect(isNear(metrics.winningDays, 0.5555555556))
        #expect(isNear(metrics.valueAtRisk(atLeast: 1), 0.0255))
        #expect(isNear(metrics.parametricValueAtRisk(atLeast: 1), 0.0266980645))
        #expect(isNear(metrics.conditionalValueAtRisk(atLeast: 1), 0.03))
        let beside = BenchmarkMetrics(Self.returns, benchmark: Self.benchmark)
        #expect(isNear(beside?.beta, 1.8072737686))
        #expect(isNear(beside?.alpha, -0.2273314646))
    }

    @Test func `a small sample is flagged and a smaller one has no number`() {
        #expect(ReturnMetrics(Self.returns).sharpe().standing == .insufficient)
        #expect(ReturnMetrics(Self.returns + Self.returns).sharpe().standing == .sufficient)
        #expect(ReturnMetrics([0.01]).sharpe() == ReturnMetrics([0.02]).sharpe())
        #expect(ReturnMetrics([0.01]).sharpe().value == nil)
        #expect(ReturnMetrics([]).maxDrawdown.value == nil)
        #expect(ReturnMetrics(Self.returns).valueAtRisk().value == nil)
        #expect(ReturnMetrics(Self.returns).valueAtRisk().standing == .insufficient)
    }

    @Test func `what divides by nought has no number`() {
        let flat = ReturnMetrics(Array(repeating: 0, count: 30))
        #expect(flat.sharpe().standing == .undefined)
        #expect(flat.sortino.standing == .undefined)
        #expect(flat.winningDays.standing == .undefined)
        #expect(ReturnMetrics(Array(repeating: 0.01, count: 30)).sharpe().standing == .undefined)
        let still = BenchmarkMetrics([0.01, 0.02, 0.03], benchmark: [0.01, 0.01, 0.01])
        #expect(still?.beta.standing == .undefined)
        #expect(BenchmarkMetrics([0.01], benchmark: []) == nil)
    }

    @Test func `a loss on the first day is a drawdown`() {
        #expect(isNear(ReturnMetrics([-0.1, 0.05, 0.02, -0.01]).maxDrawdown, 0.1))
        #expect(isNear(ReturnMetrics([-0.1, 0.2]).currentDrawdown, 0))
    }

    @Test func `round trips are counted as they are, the even one too`() {
        let trades = TradeMetrics(Self.decimals(["120", "-50", "80", "-40", "0", "60", "-100"]))
        #expect(trades.winRate == ExactDecimal("0.428571428571"))
        #expect(trades.profitFactor == ExactDecimal("1.368421052632"))
        #expect(trades.payoff == ExactDecimal("1.368421052632"))
        #expect(trades.expectancy == ExactDecimal(10))
        #expect(trades.consecutiveLosses == 1 && trades.longestLosses == 1)
        #expect(TradeMetrics(Self.decimals(["-1", "0", "-2", "-3"])).consecutiveLosses == 3)
        #expect(TradeMetrics(Self.decimals(["-1", "-2", "5", "-3"])).consecutiveLosses == 1)
        #expect(TradeMetrics(Self.decimals(["-1", "-2", "5", "-3"])).longestLosses == 2)
        #expect(TradeMetrics(Self.decimals(["5"])).profitFactor == nil)
        #expect(TradeMetrics([]).winRate == nil && TradeMetrics([]).expectancy == nil)
        #expect(trades.isInsufficient)
    }

    @Test func `exposure and execution`() {
        let values = Self.decimals(["6000", "-3000", "1000"])
        #expect(ExposureMetrics.concentration(values, equity: ExactDecimal(20_000)) == ExactDecimal("0.3"))
        #expect(ExposureMetrics.concentration(values, equity: .zero) == nil)
        #expect(ExposureMetrics.herfindahl(values) == ExactDecimal("0.46"))
        #expect(ExposureMetrics.herfindahl([]) == nil)
        let turnover = ExposureMetrics.turnover(
            traded: ExactDecimal(30_000), equities: Self.decimals(["9000", "11000"]))
        #expect(turnover == ExactDecimal(3))
        let (fill, reference) = (ExactDecimal("100.1") ?? .zero, ExactDecimal(100))
        #expect(ExecutionMetrics.slippage(.buy, fill: fill, reference: reference) == ExactDecimal(10))
        #expect(ExecutionMetrics.slippage(.sell, fill: fill, reference: reference) == ExactDecimal(-10))
        #expect(ExecutionMetrics.slippage(.sell, fill: fill, reference: .zero) == nil)
        #expect(
            ExecutionMetrics.fillRate(filled: ExactDecimal(3), ordered: ExactDecimal(4))
                == ExactDecimal("0.75"))
    }
}
