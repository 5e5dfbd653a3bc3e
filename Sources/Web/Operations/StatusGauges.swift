import Domain
import Gate
import HTTPServer
import Logging
import Postgres
import Store
import Synchronization

/// The figures of `/metrics` that the database knows, read at most once a second however often they are asked for.
final class StatusGauges: Sendable {
    private static let keptSeconds = 1
    private let readAt = Mutex<Timestamp?>(nil)

    /// Whether it is time to read; whoever is told so reads.
    func isDue(at now: Timestamp) -> Bool {
        readAt.withLock { last in
            if let last, now >= last, now.seconds(since: last) < Self.keptSeconds { return false }
            last = now
            return true
        }
    }
}

extension WebContext {
    /// Lets in this machine itself, and whoever shows a key that reads.
    ///
    /// A proxy on this machine speaks for the whole world, and is told apart by the headers that proxies add.
    func requireMetricsReader(_ request: HTTPRequest) async throws {
        if request.headers.first("Authorization") == nil, isFromThisMachine(request) { return }
        guard try await caller(of: request).mayRead else {
            throw Refusal(.notAllowed, "Only a key of scope read, or a person, may read the metrics.")
        }
    }

    func metrics(_ request: HTTPRequest) async throws -> HTTPResponse {
        try await requireMetricsReader(request)
        let registry = dependencies.metrics
        let load = gate.pool.load
        registry.gauge("countersign_database_connections", help: "Connections in the pool.")
            .set(Double(load.size))
        registry.gauge("countersign_database_connections_idle", help: "Connections that nobody uses.")
            .set(Double(load.idle))
        registry.gauge("countersign_database_waiting", help: "Requests that wait for a connection.")
            .set(Double(load.waiting))
        if statusGauges.isDue(at: dependencies.now()) { await readStatus(registry, request) }
        return HTTPResponse(
            status: 200, headers: ["Content-Type": MetricRegistry.contentType],
            body: Array(registry.text().utf8))
    }

    private func readStatus(_ registry: MetricRegistry, _ request: HTTPRequest) async {
        let isUp = registry.gauge("countersign_database_up", help: "Whether the database answered just now.")
        do {
            let (status, halts) = try await gate.pool.withSnapshot { session in
                (try StatusStore.read(in: session), try HaltStore.listOpen(in: session))
            }
            isUp.set(1)
            tell(status, halts, registry)
        } catch {
            isUp.set(0)
            log(error, for: request)
        }
    }
}

private func tell(_ status: DeploymentStatus, _ halts: [HaltRecord], _ registry: MetricRegistry) {
    func set(_ name: String, _ help: String, _ value: Double) {
        registry.gauge("countersign_\(name)", help: help).set(value)
    }
    set("proposals_pending", "Proposals that wait for a decision.", Double(status.pendingProposals))
    set("orders_open", "Orders that are not finished.", Double(status.openOrders))
    set("deliveries_queued", "Messages that wait to be sent.", Double(status.queuedDeliveries))
    set("halts_open", "Halts that are not cleared.", Double(halts.count))
    set(
        "trading_active", "1 where orders may go out.", TradingState(halts: halts) == .active ? 1 : 0)
    set("worker_active", "1 where a worker holds a lease that runs.", status.worker?.isActive == true ? 1 : 0)
    if let receivedAt = status.accountReceivedAt {
        set(
            "account_age_seconds", "Age of the account that the checks use.",
            Double(max(0, status.now.seconds(since: receivedAt))))
    }
}
