// The worker's life: it syncs, claims what is released, sends each order once, and asks the broker until it
// knows what became of it. Nothing is kept on disk but the server's key: the order's identity at the broker
// stands in the server's row before anything is sent, and whatever is in doubt is asked for by it.

package import Broker
import Cryptography
import Domain
import JSON
package import Logging

/// The only holder of the broker's keys.
package actor ExecutionWorker {
    /// What the worker is doing, for whoever looks.
    package enum Status: String, Sendable {
        case starting, active, standby, cut, refused, stopped
    }

    let configuration: WorkerConfiguration
    let broker: any Broker
    let server: any ServerLink
    let clock: WorkerClock
    /// Random bytes, so many, for what nobody must foresee.
    private let random: @Sendable (Int) -> [UInt8]
    let log: Logger

    package internal(set) var status = Status.starting
    var key: PublicKey?
    var generation = 0
    var watch: [String] = []
    /// What the broker said of the watched symbols.
    var standings = SymbolStandings()
    /// The account as read last, and when.
    var snapshot: AccountReading?
    var isSnapshotDue = true
    /// Since when the broker has not let itself be read, on the clock that is never set, and what it said last.
    var brokerTrouble: (since: Double, words: String)?
    /// Since when the server's answers cannot be believed, on the same clock, and why.
    private var answerTrouble: (since: Double, words: String)?
    /// What the server has not taken yet, by order.
    var unsentReports: [String: JSONValue] = [:]
    /// What the server refused to be told of orders.
    var refusedReports = RefusedReports()
    /// The same of commands.
    var refusedCommandReports = RefusedReports()
    /// Orders that the broker did not know when asked.
    var absences: [String: Absence] = [:]
    /// Orders that this process has asked to claim: of these it alone may know what became of them.
    var claims = RememberedOrders()
    /// Orders that this process has sent, or begun to send.
    var sent = RememberedOrders()
    /// When an order was last tried to be claimed.
    var triedAt: [String: Double] = [:]
    /// From when on the server wants executions; nil before its first answer.
    var activitiesSince: Timestamp?
    /// Entries of the statement that the server has.
    var toldActivities: Set<String> = []
    /// Orders at the broker that were looked up, with those whose place they took.
    var replacements: [String: String?] = [:]
    /// When a cancellation was last asked for.
    var cancelledAt: [String: Double] = [:]
    /// Daily bars that were read and that the server has not taken yet.
    var untoldBars: [JSONValue] = []
    /// When bars of a symbol were last asked for in vain.
    var barsFailedAt: [String: Double] = [:]
    /// What the broker refused of commands.
    var troubles: [TroubleKey: Trouble] = [:]
    /// The orders by which each command under way closes positions, told with each of its reports.
    var closings: [String: [Closing]] = [:]
    private var isStopping = false
    private var isWoken = false
    private var nap: Task<Void, Never>?

    /// How often the broker has not known an order, and since when.
    struct Absence {
        var tries = 0
        let since: Double
        var lastAt: Double
    }

    /// A worker; `WorkerConfiguration.objection` must have been asked before.
    package init(
        configuration: WorkerConfiguration, broker: any Broker, server: any ServerLink, clock: WorkerClock,
        random: @escaping @Sendable (Int) -> [UInt8], log: Logger
    ) {
        self.configuration = configuration
        self.broker = broker
        self.server = server
        self.clock = clock
        self.random = random
        self.log = log.with(["worker_id": .string(configuration.workerID)])
    }

    /// Works until it is stopped.
    package func run() async {
        while !isStopping, !Task.isCancelled {
            await step()
            await rest()
        }
        await leave()
    }

    /// Ends `run` after the step that is under way; nothing that was begun is left half done.
    package func stop() {
        isStopping = true
        wake()
    }

    /// Has the next step begin now.
    package func wake() {
        isWoken = true
        nap?.cancel()
    }

    /// One round: read the account where it is time, sync, look after what is out, send what is released.
    package func step() async {
        guard configuration.objection == nil else {
            status = .refused
            return log.error("worker.refused", ["reason": .text(configuration.objection)])
        }
        isWoken = false
        let begunAt = clock.uptimeSeconds()
        guard await establishKey() else { return }
        if needsSnapshot {
            await readAccount()
            if let snapshot, !isSnapshotDue { await askAboutWatched(quoted: snapshot.quoted) }
        }
        let known = Set(watch)
        guard let answer = await sync() else {
            if status == .standby { await deliverReports() }
            return
        }
        await carryOut(answer.commands, begunAt: begunAt)
        await deliverReports()
        await look(after: answer.orders)
        await bringQuotes(ofNew: answer.watch.filter { !known.contains($0) })
        let claimable = Set(answer.claimable.map(\.id))
        triedAt = triedAt.filter { claimable.contains($0.key) }
        forget(besides: claimable.union(answer.orders.map(\.id)))
        for order in answer.claimable where !isStopping {
            // The lease must not run out while a long list is worked through: the rest comes next.
            guard clock.uptimeSeconds() - begunAt < Self.roundSeconds else { return wake() }
            await execute(order)
        }
        // Last, because nothing waits for them.
        if clock.uptimeSeconds() - begunAt < Self.roundSeconds { await readBars(answer.bars) }
    }

    private static let roundSeconds = 5.0

    /// Lets go of orders that the server has not listed for long and of which there is nothing to tell.
    private func forget(besides listed: Set<String>) {
        let (kept, now) = (listed.union(unsentReports.keys), clock.uptimeSeconds())
        claims.keep(kept, at: now)
        sent.keep(kept, at: now)
    }

    /// How many orders this process keeps in mind.
    package var rememberedCount: Int { claims.count + sent.count }

    private var needsSnapshot: Bool {
        guard let snapshot, !isSnapshotDue else { return true }
        return clock.uptimeSeconds() - snapshot.readAt >= configuration.snapshotSeconds
    }

    private func rest() async {
        guard !isWoken, !isStopping else { return }
        let seconds = configuration.syncSeconds
        let nap = Task { () -> Void in try? await Task.sleep(for: .seconds(seconds)) }
        self.nap = nap
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        self.nap = nil
    }

    /// Gives the lease back, so that another worker need not wait for it to run out.
    private func leave() async {
        await deliverReports()
        _ = try? await server.sync([
            "worker_id": .string(configuration.workerID), "leaving": true,
        ])
        status = .stopped
        log.info("worker.stopped")
    }

    private func establishKey() async -> Bool {
        guard key == nil else { return true }
        do {
            let listed = try await server.signingKeys()
            key = try PinnedKey.establish(
                configured: configuration.serverKey, directory: configuration.stateDirectory, listed: listed)
            return true
        } catch let error as ServerError {
            status = .cut
            log.warning("worker.server-unreachable", ["reason": .string(error.message)])
        } catch {
            status = .refused
            log.error("worker.key-refused", ["reason": .string("\(error)")])
        }
        return false
    }

    private func sync() async -> SyncAnswer? {
        guard let key else { return nil }
        let nonce = Hex.encode(random(16))
        var body: JSONObject = [
            "worker_id": .string(configuration.workerID), "mode": .string(configuration.mode.rawValue),
            "nonce": .string(nonce),
        ]
        let carries = isSnapshotDue == false && snapshot?.isTold == false
        if carries, let snapshot { body = body.merging(snapshot.members).merging(standings.members) }
        body["broker_trouble"] = brokerTrouble.map(json)
        body["answer_trouble"] = answerTrouble.map(json)
        let bars = untoldBars
        if !bars.isEmpty { body["bars"] = .array(bars) }
        do throws(ServerError) {
            let json = try await server.sync(.object(body))
            try SignedAnswer.require(
                json, key: key, nonce: nonce, mode: configuration.mode, account: snapshot?.accountNumber)
            guard let answer = SyncAnswer(json) else {
                throw ServerError(.noAnswer, "The server's answer to a sync makes no sense.")
            }
            untoldBars.removeFirst(min(bars.count, untoldBars.count))
            if carries {
                snapshot?.isTold = true
                toldActivities = snapshot?.activityIDs ?? toldActivities
            }
            answerTrouble = nil
            note(answer)
            return answer.isActive ? answer : nil
        } catch {
            note(error)
            return nil
        }
    }

    private func json(_ trouble: (since: Double, words: String)) -> JSONValue {
        [
            "seconds": .integer(Int(clock.uptimeSeconds() - trouble.since)),
            "message": .string(String(trouble.words.prefix(300))),
        ]
    }

    private func note(_ answer: SyncAnswer) {
        watch = answer.isActive ? answer.watch : watch
        activitiesSince = answer.activitiesSince ?? activitiesSince
        let next: Status = answer.isActive ? .active : .standby
        if next != status || answer.isActive && answer.generation != generation {
            log.info(
                "worker.\(next.rawValue)",
                [
                    "generation": .integer(answer.generation), "active_worker": .text(answer.activeWorker),
                ])
        }
        status = next
        // What was learnt of orders that others claimed is for the holder of the lease to ask again: by the time this
        // one holds it anew, it may not be true any more.
        if !answer.isActive || answer.generation != generation {
            unsentReports = unsentReports.filter { claims.contains($0.key) }
        }
        guard answer.isActive else { return }
        if answer.generation != generation {
            absences = [:]
            (refusedReports, refusedCommandReports) = (RefusedReports(), RefusedReports())
        }
        generation = answer.generation
    }

    private func note(_ error: ServerError) {
        switch error.kind {
        case .refused(let slug, _):
            status = .refused
            if slug == SignedAnswer.unsoundSlug {
                answerTrouble = (answerTrouble?.since ?? clock.uptimeSeconds(), error.message)
            }
            // Bars must not be in the way of what matters, whatever is wrong with them.
            untoldBars = []
            log.error("worker.sync-refused", ["code": .string(slug), "reason": .string(error.message)])
        case .noAnswer, .unreachable:
            status = .cut
            log.warning("worker.server-unreachable", ["reason": .string(error.message)])
        }
    }
}
