import Domain
import Testing

@Suite struct DurationTextTests {
    @Test(arguments: [
        (0, "0 seconds"), (1, "1 second"), (45, "45 seconds"), (120, "2 minutes"),
        (121, "2 minutes 1 second"),
        (5400, "1 hour 30 minutes"), (86_400, "1 day"), (90_061, "1 day 1 hour 1 minute 1 second"),
    ])
    func `words have every unit that it takes`(seconds: Int, words: String) {
        #expect(DurationText.words(seconds: seconds) == words)
    }

    @Test func `of an age the small units are left out`() {
        #expect(DurationText.words(seconds: 90_061, units: 2) == "1 day 1 hour")
        #expect(DurationText.words(seconds: 7_205, units: 2) == "2 hours")
    }

    @Test(arguments: [
        (0, "no time"), (45, "45 s"), (120, "2 min"), (121, "2 min 1 s"), (601, "10 min"),
        (3900, "1 h 5 min"),
        (259_200, "3 days"),
    ])
    func `where there is little room two units do`(seconds: Int, words: String) {
        #expect(DurationText.short(seconds: seconds) == words)
    }
}
