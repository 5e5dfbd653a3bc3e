import Postgres
import Synchronization
import Testing

struct RequestGroupsTests {
    private struct Fault: Error {}

    @Test func `everybody gets the own answer, also who comes while a group is worked on`() async throws {
        let sizes = Mutex<[Int]>([])
        let first = AsyncStream.makeStream(of: Void.self)
        let gate = AsyncStream.makeStream(of: Void.self)
        let groups = RequestGroups<Int, Int> { requests in
            let isFirst = sizes.withLock { sizes in
                sizes.append(requests.count)
                return sizes.count == 1
            }
            if isFirst {
                first.continuation.finish()
                for await _ in gate.stream {}
            }
            return requests.map { $0 * 2 }
        }
        async let one = groups.answer(1)
        for await _ in first.stream {}
        let answers = try await withThrowingTaskGroup(of: (Int, Int).self) { tasks in
            for number in 2...9 { tasks.addTask { (number, try await groups.answer(number)) } }
            gate.continuation.finish()
            return try await tasks.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(try await one == 2)
        #expect(answers == Dictionary(uniqueKeysWithValues: (2...9).map { ($0, $0 * 2) }))
        #expect(sizes.withLock { $0.reduce(0, +) } == 9)
    }

    @Test func `what fails, fails for its group alone`() async throws {
        let groups = RequestGroups<Int, Int> { requests in
            if requests.contains(0) { throw Fault() }
            return requests
        }
        await #expect(throws: Fault.self) { try await groups.answer(0) }
        #expect(try await groups.answer(1) == 1)
    }
}
