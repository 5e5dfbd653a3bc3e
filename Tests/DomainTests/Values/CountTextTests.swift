import Domain
import Testing

/// How things are counted, everywhere.
@Suite struct CountTextTests {
    @Test func `one and several`() {
        #expect(counted(1, "order") == "1 order" && counted(3, "order") == "3 orders")
        #expect(counted(1, "entry", "entries") == "1 entry" && counted(0, "entry", "entries") == "0 entries")
        #expect(counted(0, "trade executed", "trades executed", none: "no") == "no trades executed")
    }

    @Test func `checks are counted by how they ended, the worst first`() {
        let endings: [CheckEnding] = [.passed, .doesNotApply, .warns, .passed, .doesNotApply, .failed]
        #expect(endings.countWords == "1 failed, 1 warns, 2 passed, 2 do not apply")
        #expect([CheckEnding.warns, .warns].countWords == "2 warn")
        #expect([CheckEnding]().countWords == "")
        #expect(
            CheckEnding.allCases.filter { $0 != .failed && $0 != .notMade }.countWords
                == "1 warns, 1 passed, 1 comes later, 1 was made before, 1 does not apply")
    }

    @Test func `where a check failed nothing comes later`() {
        let endings: [CheckEnding] = [.passed, .comesLater, .failed, .comesLater, .madeBefore]
        #expect(endings.together == [.passed, .notMade, .failed, .notMade, .madeBefore])
        #expect(endings.countWords == "1 failed, 1 passed, 2 were not made, 1 was made before")
        #expect([CheckEnding.failed, .comesLater].countWords == "1 failed, 1 was not made")
    }
}
