extension PolicyLimits {
    /// The limits times a factor below one: amounts, fractions and counts of what may be opened.
    ///
    /// Counts are rounded down, but one stays one; what protects (reserve, stops, ages, scores) stays as it is, and
    /// the smallest position is never above the largest.
    package func lowered(by factor: ExactDecimal) -> PolicyLimits {
        guard factor < .one, factor.isPositive else { return self }
        func count(_ limit: Int?) -> Int? {
            limit.map { limit in
                guard limit > 0 else { return limit }
                let lowered = (ExactDecimal(limit) * factor).rounded(scale: 0, .down)
                return max(1, Int(lowered.description) ?? 1)
            }
        }
        var lowered = self
        lowered.maxPositionUSD = maxPositionUSD.map { ($0 * factor).rounded(scale: 4, .down) }
        lowered.maxPositionPct = maxPositionPct.map { ($0 * factor).rounded(scale: 6, .down) }
        lowered.maxOpenPositions = count(maxOpenPositions)
        lowered.maxNewPositionsPerDay = count(maxNewPositionsPerDay)
        lowered.maxNewPositionsPerWeek = count(maxNewPositionsPerWeek)
        if let least = lowered.minPositionUSD, let most = lowered.maxPositionUSD {
            lowered.minPositionUSD = min(least, most)
        }
        return lowered
    }
}
