/// A statistic with the size of the sample it was made from.
package struct Measure: Sendable, Hashable {
    /// Why there is no number, or how far it may be trusted.
    package enum Standing: String, Sendable, CaseIterable {
        /// The sample carries it.
        case sufficient
        /// There is a number (or too few observations for one), and the sample is too small to rely on it.
        case insufficient
        /// The formula has no value for this sample: it divides by nought.
        case undefined
    }

    /// The number; nil where there is none.
    ///
    /// Never infinite and never not-a-number.
    package let value: Double?
    /// How many observations it was made from.
    package let count: Int
    package let standing: Standing

    /// From fewer observations than this a number is flagged as insufficient.
    package static let reliableCount = 20

    /// A statistic of so many observations; nil as value says that the formula divides by nought.
    init(_ value: Double?, count: Int, atLeast minimum: Int, reliable: Int = reliableCount) {
        self.count = count
        guard count >= minimum else {
            self.value = nil
            standing = .insufficient
            return
        }
        self.value = value.flatMap { $0.isFinite ? $0 : nil }
        standing = self.value == nil ? .undefined : count < reliable ? .insufficient : .sufficient
    }
}
