import Domain
import Gate
import Testing

/// What is remembered is the newest document and nothing else.
struct PolicyMemoryTests {
    private func document(_ minutes: Int) -> String { "{\"approval\": {\"timeout_minutes\": \(minutes)}}" }

    @Test func `each document gives its own policy, however often and in whatever order`() throws {
        let memory = PolicyMemory()
        for minutes in [30, 30, 45, 30, 45, 45] {
            #expect(try memory.policy(of: document(minutes)).approval.timeoutMinutes == minutes)
        }
    }

    @Test func `what is no policy is refused each time and forgets nothing`() throws {
        let memory = PolicyMemory()
        _ = try memory.policy(of: document(30))
        for bad in ["", "[]", document(0), document(0)] {
            #expect(throws: ValidationFailure.self) { try memory.policy(of: bad) }
        }
        #expect(try memory.policy(of: document(30)).approval.timeoutMinutes == 30)
    }
}
