/// So many may be inside at once; the others wait in line.
///
/// Tests run side by side, and each has a database of its own: without a bound the server would run out of
/// connections, and tests would fail for it.
actor Places {
    /// The places for tests with a database of their own.
    static let databases = Places(6)

    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ count: Int) { free = count }

    func enter() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func leave() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }

    /// Runs the body inside.
    nonisolated func hold<R>(_ body: () async throws -> R) async throws -> R {
        await enter()
        do {
            let result = try await body()
            await leave()
            return result
        } catch {
            await leave()
            throw error
        }
    }
}
