import JSON
import Postgres
import Store

/// Writes down which releases the worker took, in groups: those that are taken while others are written down are written
/// next, together.
///
/// What could not be written down, or is lost with the machine before it reached the disk, is sent again when its lease is
/// over; it only tells the worker to come and claim, so that does no harm.
struct TakenReleases: Sendable {
    private typealias Taken = (record: DeliveryRecord, receipt: JSONObject)

    /// Nobody waits for the mark, but a message keeps one of the places for what is sent right after its commit meanwhile.
    private static let collecting = Duration.milliseconds(5)

    private let groups: RequestGroups<Taken, Bool>

    init(_ pool: PostgresPool) {
        groups = RequestGroups(collecting: Self.collecting) { taken in
            // One message, and so one transaction without a word about it.
            let ended = try await pool.withSession { session in
                var batch = PostgresBatch()
                batch.add(TransactionSettings.keptPlans)
                batch.add(TransactionSettings.notAwaitingTheDisk)
                let ended = batch.add(DeliveryResults.recordTaken(taken))
                return try ended(try session.run(batch))
            }
            return taken.map { ended.contains($0.record.id) }
        }
    }

    /// False where somebody else has taken the message over meanwhile, and nothing changed.
    func keep(_ receipt: JSONObject, of record: DeliveryRecord) async throws -> Bool {
        try await groups.answer((record, receipt))
    }
}
