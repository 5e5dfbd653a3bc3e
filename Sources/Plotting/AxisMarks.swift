/// Where the marks of an upright axis stand, and what is written at them.
///
/// They are worked out here and not by gnuplot, whose formats write `$-200` and the same number at several marks.
struct AxisMarks: Sendable, Hashable {
    /// How far apart they are: one, two or five times a power of ten, four or five of them in all.
    let step: Double
    /// The lowest and the highest mark, in steps from nought; every number of the panel lies between them.
    private let steps: ClosedRange<Int>

    /// The marks for a panel's numbers.
    init(_ panel: Plot.Panel) {
        let values = panel.values.compactMap(\.self)
        // Bars and depths stand on nought, so the axis has it.
        let ends = values + (panel.style == .line ? [] : [0])
        let (low, high) = (ends.min() ?? 0, ends.max() ?? 1)
        step = Self.step(low, high, parts: panel.style == .depth ? 3.0 : 4.5)
        // What is meant to lie on a mark may miss it by a rounding.
        let first = Int((low / step + 1e-9).rounded(.down))
        let last = Int((high / step - 1e-9).rounded(.up))
        if first < last {
            steps = first...last
        } else {
            steps = panel.style == .depth ? (first - 1)...first : (first - 1)...(first + 1)
        }
    }

    var lowest: Double { Double(steps.lowerBound) * step }
    var highest: Double { Double(steps.upperBound) * step }

    /// Each mark with what is written at it, as gnuplot reads it: to it a percent sign is one of two.
    func labels(_ panel: Plot.Panel) -> String {
        steps.map { "'\(words($0, panel).replacing("%", with: "%%"))' \(Double($0) * step)" }
            .joined(separator: ", ")
    }

    /// `-$200`, `$1,250.50`, `-0.5%`: the sign stands before everything else.
    private func words(_ mark: Int, _ panel: Plot.Panel) -> String {
        let digits = Self.digits(Double(mark.magnitude) * step, places: max(panel.places, places))
        return (mark < 0 ? "-" : "") + panel.prefix + digits + panel.suffix
    }

    /// How many places it takes to tell two marks apart.
    private var places: Int {
        var (places, unit) = (0, 1.0)
        while unit > step * 1.000001, places < 9 { (places, unit) = (places + 1, unit / 10) }
        return places
    }

    private static func step(_ low: Double, _ high: Double, parts: Double) -> Double {
        let span = high - low
        // One number alone, or numbers so close together that nobody could tell the marks apart.
        guard span > 1e-6 * max(1, abs(low), abs(high)) else { return max(1, abs(high)) }
        var power = 1.0
        while power * 10 <= span / parts { power *= 10 }
        while power > span / parts { power /= 10 }
        return [1, 2, 5, 10].map { $0 * power }.first { $0 >= span / parts } ?? power
    }

    /// A number from nought up with so many places, in groups of three: `1,250.50`.
    private static func digits(_ value: Double, places: Int) -> String {
        let scale = (0..<places).reduce(1.0) { power, _ in power * 10 }
        let text = "\(UInt64((value * scale).rounded()))"
        let padded = String(repeating: "0", count: max(0, places + 1 - text.count)) + text
        let whole = Array(padded.dropLast(places))
        let grouped = whole.enumerated().map { index, digit in
            let rest = whole.count - index
            return index > 0 && rest.isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
        }.joined()
        return places == 0 ? grouped : "\(grouped).\(padded.suffix(places))"
    }
}
