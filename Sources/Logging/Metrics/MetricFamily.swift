import Synchronization

/// What a metric was declared to be.
struct MetricShape: Hashable {
    enum Kind: Hashable {
        case counter
        case gauge
        case histogram([Double])
    }

    let name: String
    let help: String
    let kind: Kind
    let labels: [String]

    var isWellNamed: Bool {
        Self.isName(name, allowsColon: true)
            && labels.allSatisfy { Self.isName($0, allowsColon: false) && !$0.hasPrefix("__") && $0 != "le" }
            && Set(labels).count == labels.count
    }

    private static func isName(_ text: String, allowsColon: Bool) -> Bool {
        guard let first = text.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
                true
            case UInt8(ascii: ":"): allowsColon
            default: false
            }
        }
    }
}

/// One metric with all its series.
final class MetricFamily: Sendable {
    /// The value of a counter or gauge, or the sum and buckets of a histogram.
    struct Series {
        var value = 0.0
        var buckets: [Int]
    }

    /// The most series of one metric; what comes later counts into one whose labels all say `other`.
    static let maxSeries = 1000

    let shape: MetricShape
    private let series: Mutex<[[String]: Series]>

    init(_ shape: MetricShape) {
        self.shape = shape
        series = Mutex(shape.labels.isEmpty ? [[]: Self.emptySeries(shape)] : [:])
    }

    func update(_ labelValues: [String], _ change: (inout Series) -> Void) {
        precondition(labelValues.count == shape.labels.count, "\(shape.name) has labels \(shape.labels)")
        series.withLock { series in
            var key = labelValues
            if series[key] == nil, series.count >= Self.maxSeries {
                key = labelValues.map { _ in "other" }
            }
            change(&series[key, default: Self.emptySeries(shape)])
        }
    }

    var text: String {
        let series = series.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        var text = "# HELP \(shape.name) \(escaped(shape.help, quotes: false))\n"
        text += "# TYPE \(shape.name) \(typeName)\n"
        for (labelValues, value) in series {
            text += lines(labelValues, value)
        }
        return text
    }

    private var typeName: String {
        switch shape.kind {
        case .counter: "counter"
        case .gauge: "gauge"
        case .histogram: "histogram"
        }
    }

    private func lines(_ labelValues: [String], _ series: Series) -> String {
        let pairs = zip(shape.labels, labelValues).map { "\($0)=\"\(escaped($1, quotes: true))\"" }
        guard case .histogram(let bounds) = shape.kind else {
            return "\(shape.name)\(braced(pairs)) \(number(series.value))\n"
        }
        var text = ""
        var count = 0
        for (bound, inBucket) in zip(bounds + [.infinity], series.buckets) {
            count += inBucket
            text += "\(shape.name)_bucket\(braced(pairs + ["le=\"\(number(bound))\""])) \(count)\n"
        }
        text += "\(shape.name)_sum\(braced(pairs)) \(number(series.value))\n"
        text += "\(shape.name)_count\(braced(pairs)) \(count)\n"
        return text
    }

    private static func emptySeries(_ shape: MetricShape) -> Series {
        guard case .histogram(let bounds) = shape.kind else { return Series(buckets: []) }
        return Series(buckets: Array(repeating: 0, count: bounds.count + 1))
    }
}

private func braced(_ pairs: [String]) -> String {
    pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
}

private func number(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
}

private func escaped(_ text: String, quotes: Bool) -> String {
    var escaped = ""
    for character in text.unicodeScalars {
        switch character {
        case "\\": escaped += "\\\\"
        case "\n": escaped += "\\n"
        case "\"" where quotes: escaped += "\\\""
        default: escaped.unicodeScalars.append(character)
        }
    }
    return escaped
}
