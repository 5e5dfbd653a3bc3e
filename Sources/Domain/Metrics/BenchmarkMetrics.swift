import Glibc

/// Statistics of returns beside those of a benchmark over the same periods.
package struct BenchmarkMetrics: Sendable, Hashable {
    private let own: [Double]
    private let benchmark: [Double]
    private let periodsPerYear: Double

    /// Metrics of two series of the same length; nil where they differ in length.
    package init?(_ returns: [Double], benchmark: [Double], periodsPerYear: Double = 252) {
        guard returns.count == benchmark.count else { return nil }
        own = returns
        self.benchmark = benchmark
        self.periodsPerYear = periodsPerYear
    }

    /// Beta: cov(r, b) / var(b).
    ///
    /// Source: empyrical `beta`. None where the benchmark does not move.
    package var beta: Measure { measure(slope, atLeast: 2) }

    /// Jensen's alpha per year: (1 + mean(r − β b))^252 − 1, a fraction.
    ///
    /// Source: empyrical `alpha`.
    package var alpha: Measure {
        let mean = slope.map { slope in
            ReturnMetrics.mean(zip(own, benchmark).map { $0 - slope * $1 })
        }
        return measure(mean.map { pow(1 + $0, periodsPerYear) - 1 }, atLeast: 2)
    }

    /// Excess return over the whole time: Π(1 + r) − Π(1 + b), a fraction.
    package var excessReturn: Measure {
        let difference = own.reduce(1) { $0 * (1 + $1) } - benchmark.reduce(1) { $0 * (1 + $1) }
        return measure(difference, atLeast: 1)
    }

    /// Correlation: Pearson's r of the two series, from −1 to 1.
    ///
    /// None where one of them does not move.
    package var correlation: Measure {
        guard let left = ReturnMetrics.deviation(own), let right = ReturnMetrics.deviation(benchmark),
            !ReturnMetrics.isNought(left, beside: own), !ReturnMetrics.isNought(right, beside: benchmark)
        else { return measure(nil, atLeast: 2) }
        return measure(covariance / (left * right), atLeast: 2)
    }

    private var slope: Double? {
        guard let deviation = ReturnMetrics.deviation(benchmark),
            !ReturnMetrics.isNought(deviation, beside: benchmark)
        else { return nil }
        return covariance / (deviation * deviation)
    }

    /// With n − 1 degrees of freedom.
    private var covariance: Double {
        let (left, right) = (ReturnMetrics.mean(own), ReturnMetrics.mean(benchmark))
        let sum = zip(own, benchmark).reduce(0) { $0 + ($1.0 - left) * ($1.1 - right) }
        return sum / Double(own.count - 1)
    }

    private func measure(_ value: Double?, atLeast minimum: Int) -> Measure {
        Measure(value, count: own.count, atLeast: minimum)
    }
}
