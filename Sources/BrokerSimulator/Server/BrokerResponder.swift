// What happens to every request before and after its route: keys, rate, faults, evidence.

import Domain
import HTTPServer
import JSON

/// Answers requests to the imitated interface.
struct BrokerResponder: Sendable {
    let core: SimulatorCore

    /// What a route answers with.
    struct Answer: Sendable {
        let status: Int
        let body: JSONValue?

        init(_ body: JSONValue?, status: Int = 200) {
            self.status = status
            self.body = body
        }
    }

    typealias Action = @Sendable (HTTPRequest, SimulatorCore) throws(BrokerRejection) -> Answer

    /// The answer to a request, with whatever goes wrong on the way.
    func respond(to request: HTTPRequest, _ action: Action) async -> HTTPResponse {
        let rate = core.meter()
        guard Self.hasKeys(request) else { return Self.unauthorized.with(rate) }
        if rate.isExceeded { return Self.standard(429, nil).with(rate) }
        let body = try? request.json()
        let faults = core.takeFaults(
            method: request.method.description, path: request.path, symbol: body?["symbol"]?.stringValue)
        let number: Int?
        do throws(BrokerRejection) {
            number = try note(request, body, faults)
        } catch {
            return Self.response(error)
        }
        await wait(for: faults)
        return answer(request, action, faults.last { !$0.isDelay }, number).with(rate)
    }

    private func note(
        _ request: HTTPRequest, _ body: JSONValue?, _ faults: [Fault]
    ) throws(BrokerRejection) -> Int? {
        guard request.method == .post, request.path == "/v2/orders" else { return nil }
        let names = faults.map(\.name).joined(separator: ", ")
        return try core.note(body ?? .null, fault: names.isEmpty ? nil : names)
    }

    /// Waits in a task of its own: a client that gives up meanwhile must not spare the server the work.
    private func wait(for faults: [Fault]) async {
        for case .delay(let milliseconds) in faults.map(\.effect) {
            await Task { try? await Task.sleep(for: .milliseconds(milliseconds)) }.value
        }
    }

    private func answer(
        _ request: HTTPRequest, _ action: Action, _ fault: Fault?, _ number: Int?
    ) -> HTTPResponse {
        switch fault?.effect {
        case nil, .delay: return perform(request, action, number)
        case .answer(let status, let body, let headers, let performs):
            if performs { _ = perform(request, action, number) }
            var response = Self.standard(status, body)
            for (name, value) in headers { response.headers.set(name, value) }
            return response
        case .drop(let performs):
            if performs { _ = perform(request, action, number) }
            return .hangUp()
        case .truncate:
            var response = perform(request, action, number)
            response.body = .bytes(Array(response.bodyBytes.prefix(response.bodyBytes.count / 2)))
            return response
        }
    }

    private func perform(_ request: HTTPRequest, _ action: Action, _ number: Int?) -> HTTPResponse {
        let response: HTTPResponse
        var orderID: String?
        do throws(BrokerRejection) {
            let answer = try action(request, core)
            orderID = answer.body?["id"]?.stringValue
            response =
                answer.body.map { .json($0.bytes(), status: answer.status) } ?? .empty(status: answer.status)
        } catch {
            response = Self.response(error)
        }
        if let number { core.note(number, status: response.status, orderID: orderID) }
        return response
    }

    private static func hasKeys(_ request: HTTPRequest) -> Bool {
        ["APCA-API-KEY-ID", "APCA-API-SECRET-KEY"].allSatisfy { request.headers.first($0)?.isEmpty == false }
    }

    private static let unauthorized = response(
        BrokerRejection(status: 401, code: 40_110_000, message: "request is not authorized"))

    static func response(_ rejection: BrokerRejection) -> HTTPResponse {
        .json(rejection.json.bytes(), status: rejection.status)
    }

    /// What the real interface, or the gateway before it, answers with such a status.
    private static func standard(_ status: Int, _ body: JSONValue?) -> HTTPResponse {
        if let body { return .json(body.bytes(), status: status) }
        switch status {
        case 429:
            let rejection = BrokerRejection(status: 429, code: 42_910_000, message: "rate limit exceeded")
            return response(rejection).header("Retry-After", "1")
        case 502, 503, 504:
            return .html("<html><body><h1>\(status) Gateway Time-out</h1></body></html>\n", status: status)
        case 500:
            return response(
                BrokerRejection(status: 500, code: 50_010_000, message: "internal server error occurred"))
        default:
            return response(
                BrokerRejection(status: status, code: status * 100_000, message: "simulated fault"))
        }
    }
}

extension Fault {
    fileprivate var isDelay: Bool {
        if case .delay = effect { true } else { false }
    }
}

extension HTTPResponse {
    /// The same answer with the rate's headers, unless a fault has set its own.
    fileprivate func with(_ rate: RateMeter.Reading) -> HTTPResponse {
        var copy = self
        let remaining = status == 429 ? "0" : nil
        for header in rate.headers where headers.first(header.name) == nil {
            copy.headers.set(
                header.name, header.name == "X-RateLimit-Remaining" ? remaining ?? header.value : header.value
            )
        }
        return copy
    }
}
