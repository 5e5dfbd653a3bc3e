import JSON
import Postgres
import Store

/// Writes down which releases the worker took, in groups: those that are taken while others are written down are written
/// by the next transaction, together.
///
/// What could not be written down, or is lost with the machine before it reached the disk, is sent again when its lease is
/// over; it only tells the worker to come and claim, so that does no harm.
actor TakenReleases {
    private typealias Waiter = (
        record: DeliveryRecord, receipt: JSONObject, done: CheckedContinuation<Bool, any Error>
    )

    private static let groupLimit = 256
    /// How long the first of a group waits for others.
    ///
    /// Nobody waits for the mark, but a message keeps one of the places for what is sent right after its commit meanwhile.
    private static let collecting = Duration.milliseconds(5)

    private let pool: PostgresPool
    private var waiting: [Waiter] = []
    private var isRunning = false

    init(_ pool: PostgresPool) { self.pool = pool }

    /// False where somebody else has taken the message over meanwhile, and nothing changed.
    func keep(_ receipt: JSONObject, of record: DeliveryRecord) async throws -> Bool {
        try await withCheckedThrowingContinuation { done in
            waiting.append((record, receipt, done))
            guard !isRunning else { return }
            isRunning = true
            Task { await run() }
        }
    }

    private func run() async {
        while !waiting.isEmpty {
            try? await Task.sleep(for: Self.collecting)
            let group = Array(waiting.prefix(Self.groupLimit))
            waiting.removeFirst(group.count)
            let taken = group.map { ($0.record, $0.receipt) }
            do {
                let ended = try await pool.transaction { session in
                    var batch = PostgresBatch()
                    batch.add(TransactionSettings.keptPlans)
                    batch.add(TransactionSettings.notAwaitingTheDisk)
                    let ended = batch.add(DeliveryResults.recordTaken(taken))
                    return try ended(try session.run(batch))
                }
                for waiter in group { waiter.done.resume(returning: ended.contains(waiter.record.id)) }
            } catch {
                for waiter in group { waiter.done.resume(throwing: error) }
            }
        }
        isRunning = false
    }
}
