/// What came of a run.
struct LoadReport {
    /// From a request's first byte to its answer's last, in nanoseconds.
    var latencies: [UInt64] = []
    var statuses: [Int: Int] = [:]
    var answerBytes = 0
    /// From the answer that released an order to the webhook that brings it, in nanoseconds; nought where the webhook
    /// was first.
    var arrivals: [UInt64] = []
    /// From the request to the webhook, in nanoseconds.
    var journeys: [UInt64] = []
    var nanoseconds: UInt64 = 1

    /// The figures, as one JSON object.
    var json: String {
        let seconds = Double(nanoseconds) / 1e9
        let statuses = statuses.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
        var members = [
            "\"requests\":\(latencies.count)", "\"seconds\":\(seconds)",
            "\"per_second\":\(Double(latencies.count) / seconds)",
            "\"answer_bytes\":\(latencies.isEmpty ? 0 : answerBytes / latencies.count)",
            "\"statuses\":{\(statuses.joined(separator: ","))}", "\"received\":\(arrivals.count)",
        ]
        members += Self.percentiles(latencies, "")
        members += Self.percentiles(arrivals, "received_")
        members += Self.percentiles(journeys, "journey_")
        return "{\(members.joined(separator: ","))}"
    }

    private static func percentiles(_ values: [UInt64], _ prefix: String) -> [String] {
        guard !values.isEmpty else { return [] }
        let sorted = values.sorted()
        return [("p50_ms", 0.5), ("p99_ms", 0.99), ("max_ms", 1.0)].map { name, share in
            let place = min(sorted.count - 1, Int(Double(sorted.count) * share))
            return "\"\(prefix)\(name)\":\(Double(sorted[place]) / 1e6)"
        }
    }
}
