import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Postgres
import Store

extension RouteTable {
    /// What operators and their tools ask: is it up, is it ready, how is it doing, what does it speak.
    mutating func addOperations(_ live: LiveUpdates) {
        let context = context
        open(.get, "/healthz") { _ in
            .json(["status": "ok", "version": .string(context.dependencies.version)])
        }
        open(.get, "/readyz") { request in await readiness(context, live, request) }
        open(.get, "/metrics") { request in await metrics(context, request) }
        open(.get, "/openapi.json") { _ in
            guard let bytes = context.files.bytes("openapi.json") else { throw Problem.internalError }
            return .json(bytes)
        }
        open(.get, "/static/{name}") { request in
            let name = request.parameters["name"] ?? ""
            guard let answer = context.files.answer(name, version: request.query.first("v")) else {
                throw Refusal.notFound("file")
            }
            return answer
        }
    }
}

private func readiness(_ context: WebContext, _ live: LiveUpdates, _ request: HTTPRequest) async
    -> HTTPResponse
{
    var database = "ok"
    var migrations = "ok"
    do {
        let version = try await context.gate.pool.withSession { session in
            try StatusStore.schemaVersion(in: session)
        }
        if let wanted = context.dependencies.migrations?.latestVersion, version < wanted {
            migrations = "the database has version \(version) of \(wanted); run countersign migrate"
        }
    } catch {
        context.log(error, for: request)
        database = "cannot be reached"
        migrations = "not known"
    }
    let listener = live.isListening.map { $0 ? "ok" : "not listening yet" } ?? "off"
    let isReady = database == "ok" && migrations == "ok" && (listener == "ok" || listener == "off")
    return .json(
        [
            "status": isReady ? "ready" : "not ready",
            "checks": [
                "database": .string(database), "migrations": .string(migrations),
                "listener": .string(listener),
            ],
        ], status: isReady ? 200 : 503)
}

private func metrics(_ context: WebContext, _ request: HTTPRequest) async -> HTTPResponse {
    let registry = context.dependencies.metrics
    let load = context.gate.pool.load
    registry.gauge("countersign_database_connections", help: "Connections in the pool.")
        .set(Double(load.size))
    registry.gauge("countersign_database_connections_idle", help: "Connections that nobody uses.")
        .set(Double(load.idle))
    registry.gauge("countersign_database_waiting", help: "Requests that wait for a connection.")
        .set(Double(load.waiting))
    let isUp = registry.gauge("countersign_database_up", help: "Whether the database answered just now.")
    do {
        let (status, halts) = try await context.gate.pool.withSession { session in
            (try StatusStore.read(in: session), try HaltStore.listOpen(in: session))
        }
        isUp.set(1)
        tell(status, halts, registry)
    } catch {
        isUp.set(0)
        context.log(error, for: request)
    }
    return HTTPResponse(
        status: 200, headers: ["Content-Type": MetricRegistry.contentType],
        body: Array(registry.text().utf8))
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
