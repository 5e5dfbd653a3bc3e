package import Domain
package import HTTPClient
import JSON

/// Speaks Alpaca's HTTP interface.
///
/// Orders are sent once, and what is not a clear answer is told as an unknown outcome: whoever calls asks for
/// the order by its client order id then.
package struct AlpacaClient: Sendable {
    let configuration: AlpacaConfiguration
    let http: HTTPClient
    let now: @Sendable () -> Timestamp

    /// A client; `now` says when an answer was received.
    package init(
        configuration: AlpacaConfiguration, http: HTTPClient, now: @escaping @Sendable () -> Timestamp
    ) {
        self.configuration = configuration
        self.http = http
        self.now = now
    }

    /// What a request does, which decides what silence means.
    enum Purpose: Sendable {
        /// It changes nothing.
        case question
        /// It may have changed something though no answer came.
        case change
    }

    /// The body of a successful answer.
    func send(_ request: HTTPClientRequest, _ purpose: Purpose) async throws(BrokerError) -> [UInt8] {
        let response: HTTPClientResponse
        do {
            response = try await http.send(request)
        } catch {
            throw AlpacaErrors.error(error, purpose)
        }
        guard response.isSuccess else { throw AlpacaErrors.error(response, purpose) }
        return response.body
    }

    /// The document that answers a question.
    func ask(_ path: String, _ query: [(String, String)] = []) async throws(BrokerError) -> JSONValue {
        try await ask(configuration.tradingURL, path, query)
    }

    func ask(
        _ base: String, _ path: String, _ query: [(String, String)]
    ) async throws(BrokerError) -> JSONValue {
        let body = try await send(request(.get, base + path + Self.queryText(query)), .question)
        return try Self.document(body, .question)
    }

    func request(
        _ method: HTTPClientRequest.Method, _ url: String, body: JSONValue? = nil
    ) -> HTTPClientRequest {
        var headers = configuration.headers
        if body != nil { headers.append(("Content-Type", "application/json")) }
        return HTTPClientRequest(
            method, url, headers: headers, body: body?.bytes() ?? [],
            timeoutSeconds: configuration.timeoutSeconds, maxResponseBytes: 16 << 20)
    }

    static func document(_ body: [UInt8], _ purpose: Purpose) throws(BrokerError) -> JSONValue {
        do {
            return try JSONParser.parse(body)
        } catch {
            throw AlpacaErrors.unreadable("\(error)", purpose)
        }
    }

    static func queryText(_ items: [(String, String)]) -> String {
        guard !items.isEmpty else { return "" }
        return "?" + items.map { "\($0.0)=\(encoded($0.1))" }.joined(separator: "&")
    }

    /// Percent encoding of everything but RFC 3986's unreserved characters.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
