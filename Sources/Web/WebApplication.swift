import Gate
package import HTTPServer
import JSON
import Logging

/// The API and the pages: a router, and what belongs around it.
package struct WebApplication: Sendable {
    /// The routes, for tests; requests are answered by `respond`.
    package let router: Router

    private let context: WebContext
    private let live: LiveUpdates
    private let requests: Counter
    private let seconds: Histogram

    /// Loads templates and static files and lays out the routes.
    package init(_ dependencies: WebDependencies) throws {
        let context = try WebContext(dependencies)
        self.context = context
        live = LiveUpdates(listener: dependencies.listener, hub: context.hub, changes: context.changes)
        requests = dependencies.metrics.counter(
            "countersign_http_requests_total", help: "Requests answered.",
            labels: ["method", "route", "status"])
        seconds = dependencies.metrics.histogram(
            "countersign_http_request_seconds", help: "From a request's first line to its answer.",
            labels: ["route"])
        var table = RouteTable(context)
        table.addProposals()
        table.addDecisions()
        table.addHalts()
        table.addWork()
        table.addTrading()
        table.addBooks()
        table.addAlerts()
        table.addPolicy()
        table.addAudit()
        table.addEvents()
        table.addOperations(live)
        table.addProblemPages()
        table.addLogin()
        table.addProposalPages()
        table.addInbox()
        table.addHistory()
        table.addOrderPages()
        table.addPositionPages()
        table.addReports()
        table.addReviews()
        table.addHaltPages()
        table.addAlertPages()
        table.addRiskPages()
        table.addDeliveries()
        table.addLivePages()
        table.addOwnSettings()
        table.addPeopleSettings()
        table.addKeySettings()
        table.addChannelSettings()
        table.addPolicySettings()
        router = table.router
    }

    /// Begins to listen for changes, so that long polls and event streams answer at once.
    package func start() { live.start() }

    /// Answers every long poll and ends every event stream; to be called before the server stops.
    package func stop() async { await live.stop() }

    /// The answer to a request, with the headers that every answer carries.
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        var request = request
        request.remoteAddress = context.proxies.client(of: request)
        var response =
            context.hosts.allows(request)
            ? await router.respond(to: request) : context.answer(.misdirected, request)
        response.clientAddress = request.remoteAddress
        if response.routePattern == nil, response.status >= 400, response.status != 421 {
            let allow = response.headers.first("Allow")
            response = await context.noRoute(status: response.status, request)
            if let allow { response.headers.set("Allow", allow) }
        }
        context.secure(&response, for: request)
        return response
    }

    /// How the server is to be set up for this application.
    package func serverConfiguration(host: String, port: Int) -> HTTPServerConfiguration {
        var configuration = HTTPServerConfiguration(host: host, port: port)
        configuration.errorBody = { status, _ in Problem.of(status: status).response }
        configuration.accessLog = { access in note(access) }
        return configuration
    }

    /// Counts and logs an answered request; by its route, because the path may hold a secret.
    package func note(_ access: HTTPAccess) {
        let route = access.routePattern ?? "none"
        requests.increment("\(access.method)", route, String(access.status))
        seconds.observe(Double(access.durationMicroseconds) / 1_000_000, route)
        let logger = context.logger.with(requestID: access.requestID)
        let fields: JSONObject = [
            "method": .string(access.method.description), "route": .string(route),
            "status": .integer(access.status), "duration_us": .integer(access.durationMicroseconds),
            "address": .string(access.remoteAddress),
        ]
        if Self.routine.contains(route), access.status < 400 {
            logger.debug("http.request", fields)
        } else {
            logger.info("http.request", fields)
        }
    }

    /// What machines ask every second or so; in the log it would bury what people look for.
    private static let routine: Set = ["/api/v1/worker/sync", "/healthz", "/readyz", "/metrics"]
}
