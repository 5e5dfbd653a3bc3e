/// Finds the handler for a request by its method and path.
///
/// Patterns are paths with `{names}` for whole segments: `/api/v1/proposals/{id}`. Literal segments win over
/// parameters. HEAD is answered by GET's handler, OPTIONS by the router itself, unless they have their own.
package struct Router: Sendable {
    package typealias Handler = @Sendable (HTTPRequest) async -> HTTPResponse

    private struct Route: Sendable {
        let method: HTTPMethod
        let pattern: String
        /// Which segments are parameters, and their names.
        let parameters: [(index: Int, name: String)]
        let handler: Handler
    }

    private struct Node: Sendable {
        var literals: [String: Int] = [:]
        var parameter: Int?
        var routes: [Route] = []
    }

    private enum Match {
        case found(Route)
        case otherMethods([HTTPMethod])
        case nothing
    }

    private var nodes = [Node()]
    private let errorBody: HTTPErrorBody

    package init(errorBody: @escaping HTTPErrorBody = plainErrorBody) { self.errorBody = errorBody }

    /// Every route, in no particular order.
    package var routes: [(method: HTTPMethod, pattern: String)] {
        nodes.flatMap { $0.routes.map { ($0.method, $0.pattern) } }
    }

    /// Adds a route; the pattern must begin with a slash, and no other route may have the same place and method.
    package mutating func on(_ method: HTTPMethod, _ pattern: String, _ handler: @escaping Handler) {
        precondition(pattern.hasPrefix("/"), "a pattern begins with a slash: \(pattern)")
        var place = 0
        var parameters: [(index: Int, name: String)] = []
        let pieces =
            pattern == "/" ? [] : pattern.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for (index, piece) in pieces.enumerated() {
            if piece.hasPrefix("{") && piece.hasSuffix("}") {
                parameters.append((index, String(piece.dropFirst().dropLast())))
                place = parameterChild(of: place)
            } else {
                place = literalChild(of: place, String(piece))
            }
        }
        precondition(
            !nodes[place].routes.contains { $0.method == method }, "two routes for \(method) \(pattern)")
        nodes[place].routes.append(
            Route(method: method, pattern: pattern, parameters: parameters, handler: handler))
    }

    /// The answer of the handler that fits, or 404, 405 or 204 of the router's own.
    package func respond(to request: HTTPRequest) async -> HTTPResponse {
        switch match(request) {
        case .found(let route):
            return await respond(to: request, by: route)
        case .otherMethods(let methods):
            return respond(to: request, allowing: methods)
        case .nothing:
            if request.method == .options && request.path == "*" {
                return respond(to: request, allowing: Array(Set(routes.map(\.method))))
            }
            return error(404, request)
        }
    }

    /// The pattern of the route that a request would take.
    package func pattern(for request: HTTPRequest) -> String? {
        guard case .found(let route) = match(request) else { return nil }
        return route.pattern
    }

    private func respond(to request: HTTPRequest, by route: Route) async -> HTTPResponse {
        var response: HTTPResponse
        if route.parameters.isEmpty {
            response = await route.handler(request)
        } else {
            var request = request
            for parameter in route.parameters {
                request.parameters[parameter.name] = request.segments[parameter.index]
            }
            response = await route.handler(request)
        }
        response.routePattern = route.pattern
        guard request.method == .head, case .bytes(let bytes) = response.body else { return response }
        response.body = .bytes([])
        response.omittedBodyBytes = bytes.count
        return response
    }

    private func respond(to request: HTTPRequest, allowing methods: [HTTPMethod]) -> HTTPResponse {
        let allowed = Set(methods + [.options] + (methods.contains(.get) ? [.head] : []))
        let list = allowed.map(\.description).sorted().joined(separator: ", ")
        let response = request.method == .options ? HTTPResponse.empty() : error(405, request)
        return response.header("Allow", list)
    }

    private func error(_ status: Int, _ request: HTTPRequest) -> HTTPResponse {
        var response = errorBody(status, request.id)
        response.status = status
        return response
    }
}

extension Router {
    /// The most literal route that has the method; else the methods of all routes that have the path.
    private func match(_ request: HTTPRequest) -> Match {
        guard request.path != "*" else { return .nothing }
        var methods: [HTTPMethod] = []
        if let route = find(request.method, request.segments[...], at: 0, &methods) { return .found(route) }
        return methods.isEmpty ? .nothing : .otherMethods(methods)
    }

    private func find(
        _ method: HTTPMethod, _ segments: ArraySlice<String>, at place: Int, _ others: inout [HTTPMethod]
    ) -> Route? {
        guard let segment = segments.first else {
            let routes = nodes[place].routes
            if let route = routes.first(where: { $0.method == method }) { return route }
            if method == .head, let route = routes.first(where: { $0.method == .get }) { return route }
            others += routes.map(\.method)
            return nil
        }
        if let next = nodes[place].literals[segment],
            let route = find(method, segments.dropFirst(), at: next, &others)
        {
            return route
        }
        // An empty segment is a doubled or trailing slash, never a value.
        guard let next = nodes[place].parameter, !segment.isEmpty else { return nil }
        return find(method, segments.dropFirst(), at: next, &others)
    }

    private mutating func literalChild(of place: Int, _ segment: String) -> Int {
        if let child = nodes[place].literals[segment] { return child }
        nodes.append(Node())
        nodes[place].literals[segment] = nodes.count - 1
        return nodes.count - 1
    }

    private mutating func parameterChild(of place: Int) -> Int {
        if let child = nodes[place].parameter { return child }
        nodes.append(Node())
        nodes[place].parameter = nodes.count - 1
        return nodes.count - 1
    }
}
