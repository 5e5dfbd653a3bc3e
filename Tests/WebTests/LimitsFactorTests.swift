import JSON
import Support
import Testing

/// The part of the limits that holds after a resume, and what the interface's description says of it.
@Suite struct LimitsFactorTests {
    @Test func `what is described is taken, and the rest refused by name`() async throws {
        let described = try DecimalSchema("FactorInput")
        var random = SplitMix64.announced()
        try await Desk.with { desk in
            var taken = 0
            for _ in 0..<300 {
                let text =
                    Bool.random(using: &random)
                    ? DecimalSchema.madeUp(&random, whole: 0...1, places: 0...6)
                    : "0.\(Int.random(in: 0...20_000, using: &random))"
                let value = DecimalSchema.value(text, &random)
                let answer = try await desk.post(
                    "/emergency-resume", as: "otto", ["reason": "over", "limits_factor": value])
                let isTaken = answer.status == 200
                if isTaken {
                    taken += 1
                } else if answer.status == 400 {
                    // No number that the reader of JSON takes at all.
                    #expect(value.stringValue == nil && answer.json["detail"]?.stringValue != nil)
                } else {
                    let faults = answer.json["errors"]?.arrayValue ?? []
                    #expect(answer.status == 422, "seed \(random.seed)")
                    #expect(faults.count == 1)
                    #expect(faults.first?["pointer"] == "/limits_factor")
                    #expect(faults.first?["detail"]?.stringValue?.contains("at most 1") == true)
                }
                let comment = "\(value.serialized()), seed \(random.seed)"
                if text.contains(where: { "eE".contains($0) }) {
                    #expect(!isTaken || described.takesExponential(text), "\(comment)")
                } else {
                    #expect(described.takes(text) == isTaken, "\(comment)")
                    #expect(!isTaken || described.bounds(text), "\(comment)")
                }
            }
            #expect(taken > 40, "too few of them say anything")
            for (least, most) in [("0.0001", "1"), ("1e-4", "10e-1")] {
                for factor in [least, most] {
                    let answer = try await desk.post(
                        "/emergency-resume", as: "otto", ["reason": "over", "limits_factor": .string(factor)])
                    #expect(answer.status == 200, "\(factor)")
                }
            }
        }
    }
}
