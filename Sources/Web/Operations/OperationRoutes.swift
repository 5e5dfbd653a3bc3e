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
        open(.get, "/metrics") { request in try await context.metrics(request) }
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
