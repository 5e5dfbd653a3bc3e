import Logging
import Testing

/// The text Prometheus reads.
struct MetricRegistryTests {
    private let registry = MetricRegistry()

    @Test func `counters and gauges`() {
        let decisions = registry.counter("decisions_total", help: "Decisions.", labels: ["verdict"])
        decisions.increment("reject")
        decisions.increment("approve")
        decisions.increment(by: 2, "approve")
        decisions.increment(by: -5, "approve")
        let pending = registry.gauge("pending", help: "Waiting.")
        pending.set(4)
        pending.add(-1.5)
        #expect(
            registry.text() == """
                # HELP decisions_total Decisions.
                # TYPE decisions_total counter
                decisions_total{verdict="approve"} 3
                decisions_total{verdict="reject"} 1
                # HELP pending Waiting.
                # TYPE pending gauge
                pending 2.5

                """)
    }

    @Test func `a histogram's buckets add up and a bound is inside its bucket`() {
        let seconds = registry.histogram("seconds", help: "Time.", labels: ["route"], buckets: [0.1, 1])
        for value in [0.05, 0.1, 0.5, 1, 7] { seconds.observe(value, "/x") }
        #expect(
            registry.text() == """
                # HELP seconds Time.
                # TYPE seconds histogram
                seconds_bucket{route="/x",le="0.1"} 2
                seconds_bucket{route="/x",le="1"} 4
                seconds_bucket{route="/x",le="+Inf"} 5
                seconds_sum{route="/x"} 8.65
                seconds_count{route="/x"} 5

                """)
    }

    @Test func `a metric without labels is there before anything happened`() {
        _ = registry.counter("a_total", help: "A.")
        #expect(registry.text().hasSuffix("\na_total 0\n"))
    }

    @Test func `labels and help are escaped`() {
        registry.gauge("g", help: "a\\b\nc \"d\"", labels: ["l"]).set(1, "a\\b\nc \"d\"")
        #expect(
            registry.text() == #"""
                # HELP g a\\b\nc "d"
                # TYPE g gauge
                g{l="a\\b\nc \"d\""} 1

                """#)
    }

    @Test func `numbers that are none are written as Prometheus wants them`() {
        let gauge = registry.gauge("g", help: "G.", labels: ["l"])
        gauge.set(.nan, "a")
        gauge.set(.infinity, "b")
        gauge.set(-.infinity, "c")
        gauge.set(1e21, "d")
        for line in ["g{l=\"a\"} NaN", "g{l=\"b\"} +Inf", "g{l=\"c\"} -Inf", "g{l=\"d\"} 1e+21"] {
            #expect(registry.text().contains(line + "\n"))
        }
    }

    @Test func `declaring the same metric again gives the same one`() {
        registry.counter("a_total", help: "A.").increment()
        registry.counter("a_total", help: "A.").increment()
        #expect(registry.text().hasSuffix("\na_total 2\n"))
    }

    @Test func `a metric cannot grow without end`() {
        let counter = registry.counter("a_total", help: "A.", labels: ["x"])
        for number in 0..<1500 { counter.increment("\(number)") }
        #expect(registry.text().split(separator: "\n").count == 2 + 1001)
        #expect(registry.text().contains("a_total{x=\"other\"} 500\n"))
    }

    @Test func `counting from many threads loses nothing`() async {
        let counter = registry.counter("a_total", help: "A.", labels: ["x"])
        let histogram = registry.histogram("b", help: "B.", buckets: [1])
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<100 {
                group.addTask {
                    for _ in 0..<100 {
                        counter.increment("\(task % 3)")
                        histogram.observe(0.5)
                    }
                }
            }
        }
        #expect(registry.text().contains("a_total{x=\"0\"} 3400\n"))
        #expect(registry.text().contains("b_bucket{le=\"1\"} 10000\n"))
    }

    @Test func `a declaration Prometheus would refuse stops the program`() async {
        await #expect(processExitsWith: .failure) { _ = MetricRegistry().counter("1a", help: "") }
        await #expect(processExitsWith: .failure) {
            let registry = MetricRegistry()
            _ = registry.counter("a", help: "")
            _ = registry.gauge("a", help: "")
        }
    }
}
