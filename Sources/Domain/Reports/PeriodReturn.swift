/// The return of several days together.
package enum PeriodReturn {
    /// Days chained: Π(1 + r) − 1, to 9 places half to even after each day; days that began with nothing are left out,
    /// nil where none is left.
    package static func chained(_ returns: [ExactDecimal?]) -> ExactDecimal? {
        let known = returns.compactMap(\.self)
        guard !known.isEmpty else { return nil }
        let growth = known.reduce(ExactDecimal.one) {
            ($0 * (.one + $1).rounded(scale: 9)).rounded(scale: 9)
        }
        return growth - .one
    }
}
