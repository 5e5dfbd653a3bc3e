package import HTTPClient
package import JSON

/// Speaks the server's HTTP interface.
package struct ServerClient: ServerLink {
    private let baseURL: String
    private let apiKey: String
    private let http: HTTPClient
    private let timeoutSeconds: Double

    /// A client of the server at that address, with a key of scope `work`.
    package init(baseURL: String, apiKey: String, http: HTTPClient, timeoutSeconds: Double = 8) {
        self.baseURL = baseURL.hasSuffix("/") ? String(baseURL.dropLast()) : baseURL
        self.apiKey = apiKey
        self.http = http
        self.timeoutSeconds = timeoutSeconds
    }

    package func signingKeys() async throws(ServerError) -> JSONValue {
        try await send(.get, "/signing-keys", nil)
    }

    package func sync(_ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await send(.post, "/worker/sync", body)
    }

    package func claim(orderID: String, _ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await send(.post, "/orders/\(orderID)/claim", body)
    }

    package func report(orderID: String, _ body: JSONValue) async throws(ServerError) {
        _ = try await send(.post, "/orders/\(orderID)/reports", body)
    }

    package func report(commandID: String, _ body: JSONValue) async throws(ServerError) {
        _ = try await send(.post, "/commands/\(commandID)/reports", body)
    }

    private func send(
        _ method: HTTPClientRequest.Method, _ path: String, _ body: JSONValue?
    ) async throws(ServerError) -> JSONValue {
        var headers = [("Authorization", "Bearer \(apiKey)"), ("Accept", "application/json")]
        if body != nil { headers.append(("Content-Type", "application/json")) }
        let request = HTTPClientRequest(
            method, baseURL + "/api/v1" + path, headers: headers, body: body?.bytes() ?? [],
            timeoutSeconds: timeoutSeconds)
        let response: HTTPClientResponse
        do {
            response = try await http.send(request)
        } catch {
            throw ServerError(error.sent == .no ? .unreachable : .noAnswer, error.message)
        }
        return try Self.document(response)
    }

    private static func document(_ response: HTTPClientResponse) throws(ServerError) -> JSONValue {
        let document = try? JSONParser.parse(response.body)
        if response.isSuccess {
            guard let document else {
                throw ServerError(.noAnswer, "The server's answer cannot be read.")
            }
            return document
        }
        let type = document?["type"]?.stringValue ?? ""
        let detail = document?["detail"]?.stringValue ?? "The server answered HTTP \(response.status)."
        guard (400...499).contains(response.status), response.status != 408, response.status != 429 else {
            throw ServerError(.noAnswer, detail)
        }
        let slug = type.split(separator: "/").last.map(String.init) ?? "http-\(response.status)"
        throw ServerError(.refused(slug: slug, status: response.status), detail)
    }
}
