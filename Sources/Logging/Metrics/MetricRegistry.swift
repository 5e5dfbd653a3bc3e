import Synchronization

/// The numbers a process tells about itself, for Prometheus to fetch.
///
/// A metric is declared once and used from any thread. Declaring it again the same way gives the same metric.
package final class MetricRegistry: Sendable {
    /// The media type of `text()`.
    package static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private let families = Mutex<[String: MetricFamily]>([:])

    package init() {}

    /// A number that only grows; its name ends in `_total`.
    package func counter(_ name: String, help: String, labels: [String] = []) -> Counter {
        Counter(family: family(MetricShape(name: name, help: help, kind: .counter, labels: labels)))
    }

    /// A number that goes up and down.
    package func gauge(_ name: String, help: String, labels: [String] = []) -> Gauge {
        Gauge(family: family(MetricShape(name: name, help: help, kind: .gauge, labels: labels)))
    }

    /// How observations spread over buckets, given by their upper bounds.
    package func histogram(
        _ name: String, help: String, labels: [String] = [], buckets: [Double] = Histogram.secondsBuckets
    ) -> Histogram {
        precondition(zip(buckets, buckets.dropFirst()).allSatisfy(<), "bounds of \(name) must grow")
        return Histogram(
            family: family(MetricShape(name: name, help: help, kind: .histogram(buckets), labels: labels)))
    }

    /// All metrics in Prometheus' text format 0.0.4, sorted by name and labels.
    package func text() -> String {
        let families = families.withLock { Array($0.values) }
        return families.sorted { $0.shape.name < $1.shape.name }.map(\.text).joined()
    }

    private func family(_ shape: MetricShape) -> MetricFamily {
        precondition(shape.isWellNamed, "\(shape.name): not a name Prometheus takes, or not its labels")
        return families.withLock { families in
            if let existing = families[shape.name] {
                precondition(existing.shape == shape, "\(shape.name) is declared in two ways")
                return existing
            }
            let family = MetricFamily(shape)
            families[shape.name] = family
            return family
        }
    }
}

/// A number that only grows.
package struct Counter: Sendable {
    let family: MetricFamily

    /// Adds to the series with these label values, in the order the labels were declared in.
    package func increment(by amount: Double = 1, _ labelValues: String...) {
        guard amount >= 0 else { return }
        family.update(labelValues) { $0.value += amount }
    }
}

/// A number that goes up and down.
package struct Gauge: Sendable {
    let family: MetricFamily

    /// Replaces the value of the series with these label values.
    package func set(_ value: Double, _ labelValues: String...) {
        family.update(labelValues) { $0.value = value }
    }

    /// Adds to the value of the series with these label values; a negative amount takes away.
    package func add(_ amount: Double, _ labelValues: String...) {
        family.update(labelValues) { $0.value += amount }
    }
}

/// How observations spread over buckets.
package struct Histogram: Sendable {
    /// Bounds that suit requests: from a millisecond to ten seconds.
    package static let secondsBuckets = [
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ]

    let family: MetricFamily

    /// Counts one observation in the series with these label values.
    package func observe(_ value: Double, _ labelValues: String...) {
        guard case .histogram(let bounds) = family.shape.kind else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        family.update(labelValues) { series in
            series.value += value
            series.buckets[bucket] += 1
        }
    }
}
