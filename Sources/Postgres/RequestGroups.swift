/// Answers requests in groups: those that arrive while one group is worked on are the next, together.
///
/// For what costs much by the transaction and little by the request. Nothing is remembered from one group to the next.
package actor RequestGroups<Request: Sendable, Answer: Sendable> {
    /// Answers a group, in its order; where it throws, everybody in the group gets that error.
    package typealias Work = @Sendable ([Request]) async throws -> [Answer]

    private typealias Waiter = (request: Request, done: CheckedContinuation<Answer, any Error>)

    private static var groupLimit: Int { 256 }

    private let collecting: Duration
    private let work: Work
    private var waiting: [Waiter] = []
    private var isRunning = false

    /// Groups; the first request of one waits for others for as long as `collecting` says.
    package init(collecting: Duration = .zero, work: @escaping Work) {
        self.collecting = collecting
        self.work = work
    }

    /// The answer to a request, when its group has been worked on.
    package func answer(_ request: Request) async throws -> Answer {
        try await withCheckedThrowingContinuation { done in
            waiting.append((request, done))
            guard !isRunning else { return }
            isRunning = true
            Task { await run() }
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            if collecting > .zero { try? await Task.sleep(for: collecting) }
            let group = Array(waiting.prefix(Self.groupLimit))
            waiting.removeFirst(group.count)
            do {
                // Not by a key path, which in a generic type is made anew each time.
                let answers = try await work(group.map { $0.request })
                for (waiter, answer) in zip(group, answers) { waiter.done.resume(returning: answer) }
            } catch {
                for waiter in group { waiter.done.resume(throwing: error) }
            }
        }
        isRunning = false
    }
}
