import Domain
import Gate
import JSON
import Store
import Testing

/// Who may say what became of an order: whoever claimed it, and whoever holds the lease.
@Suite struct ReporterTests {
    private static let rejected: JSONObject = ["outcome": "rejected", "error": ["message": "no"]]

    private static func by(_ workerID: String, _ report: JSONObject) -> JSONObject {
        report.merging(["worker_id": .string(workerID)])
    }

    @Test func `a worker that has nothing to do with the order is not heard`() async throws {
        try await WorkFloor.withClaimed { floor, id in
            for report in [Self.rejected, ReportingTests.placed("filled", "10")] {
                let refusal = try await refusal { try await floor.report(id, Self.by("w77", report)) }
                #expect(refusal?.code == .notActiveWorker)
                #expect(refusal?.facts["active_worker"] == "w1")
                let words = "Worker w77 neither claimed this order nor holds the lease"
                #expect(refusal?.detail.hasPrefix(words) == true)
            }
            #expect(try await floor.state(id) == .submitting)
            #expect(try await floor.report(id, Self.rejected).record.state == .rejected)
        }
    }

    @Test func `whoever claimed it is heard without the lease, and the holder of the lease is`() async throws
    {
        try await WorkFloor.withClaimed { floor, id in
            try await floor.sync("w1", ["leaving": true])
            try await floor.sync("w2")
            let partly = ReportingTests.placed("partially_filled", "4")
            let new = Self.by("w2", ReportingTests.placed("new"))
            #expect(try await floor.report(id, new).record.state == .accepted)
            #expect(try await floor.report(id, partly).record.state == .partiallyFilled)
            // While nobody holds the lease, whoever held it last may tell what it has learnt.
            try await floor.ground.attack("UPDATE worker_lease SET expires_at = clock_timestamp()")
            let told = try await floor.report(id, Self.by("w2", ReportingTests.placed("filled", "10")))
            #expect(told.record.state == .filled)
            try await floor.sync("w3")
            let late = try await refusal { try await floor.report(id, Self.by("w2", partly)) }
            #expect(late?.code == .notActiveWorker)
        }
    }
}
