import Domain
import Gate
import HTTPServer

/// Adds routes to the router, each wrapped in what all of its kind need.
struct RouteTable {
    static let apiPrefix = "/api/v1"

    private(set) var router = Router()
    let context: WebContext

    init(_ context: WebContext) { self.context = context }

    /// An address of the API: the caller is known, and what goes wrong becomes a problem document.
    mutating func api(
        _ method: HTTPMethod, _ path: String,
        _ body: @escaping @Sendable (APICall) async throws -> HTTPResponse
    ) {
        let context = context
        router.on(method, Self.apiPrefix + path) { request in
            do {
                let caller = try await context.caller(of: request)
                return try await body(APICall(request: request, caller: caller, context: context))
            } catch {
                return context.problem(error, request).response
            }
        }
    }

    /// An address that anybody may ask, outside of the API or without a key.
    mutating func open(
        _ method: HTTPMethod, _ path: String,
        _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        let context = context
        router.on(method, path) { request in
            do {
                return try await body(request)
            } catch {
                return context.problem(error, request).response
            }
        }
    }

    /// A page: errors are pages too.
    mutating func page(
        _ method: HTTPMethod, _ path: String,
        _ body: @escaping @Sendable (HTTPRequest) async throws -> HTTPResponse
    ) {
        let context = context
        router.on(method, path) { request in
            do {
                return try await body(request)
            } catch {
                return await context.errorPage(context.problem(error, request), request)
            }
        }
    }
}

extension WebContext {
    /// Whose key or token a request carries.
    func caller(of request: HTTPRequest) async throws -> Caller {
        guard let header = request.headers.first("Authorization") else {
            throw Refusal(
                .unauthenticated,
                "A key is needed: send \"Authorization: Bearer csk_…\". `countersign key create` makes one, "
                    + "`countersign user token` a personal one.")
        }
        let parts = header.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else {
            throw Refusal(.unauthenticated, "Authorization must read \"Bearer\" and a key.")
        }
        return try await identity.authenticate(bearer: parts[1].trimmingSpaces)
    }

    /// The problem that an error makes; faults of ours go to the log.
    func problem(_ error: any Error, _ request: HTTPRequest) -> Problem {
        let problem = Problem(error)
        if problem.isFault { log(error, for: request) }
        return problem
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        let space = UInt8(ascii: " ")
        guard let first = utf8.firstIndex(where: { $0 != space }),
            let last = utf8.lastIndex(where: { $0 != space })
        else { return "" }
        return String(self[first...last])
    }
}
