import Testing

@testable import Countersign

struct SealingPaceTests {
    @Test func `sealing rests less the longer much waits`() {
        let pace = SealingPace()
        #expect(pace.pause(afterFullLot: false) == 1)
        for _ in 1...2 { #expect(pace.pause(afterFullLot: true) == 1) }
        for _ in 3...30 { #expect(pace.pause(afterFullLot: true) == 0.2) }
        #expect(pace.pause(afterFullLot: true) == 0)
        #expect(pace.pause(afterFullLot: false) == 1)
        #expect(pace.pause(afterFullLot: true) == 1)
    }
}
