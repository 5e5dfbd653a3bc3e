import HTTPClient
import JSON

/// What Alpaca's errors mean, by status and code; the message only tells reasons of one code apart.
enum AlpacaErrors {
    static func error(_ response: HTTPClientResponse, _ purpose: AlpacaClient.Purpose) -> BrokerError {
        let body = try? JSONParser.parse(response.body)
        let code = body?["code"]?.intValue
        let words = body?["message"]?.stringValue.map { String($0.prefix(400)) }
        let message = words.map { "The broker says: \($0)" } ?? "The broker answered HTTP \(response.status)."
        return BrokerError(kind(response, code, words ?? "", purpose), message)
    }

    static func error(_ error: HTTPClientError, _ purpose: AlpacaClient.Purpose) -> BrokerError {
        switch error.sent {
        case .no: BrokerError(.unreachable, "The request was not sent: \(error.message)")
        case .maybe: silence("There is no answer: \(error.message)", purpose)
        }
    }

    static func unreadable(_ what: String, _ purpose: AlpacaClient.Purpose) -> BrokerError {
        silence("The broker's answer cannot be read: \(what).", purpose)
    }

    static func silence(_ message: String, _ purpose: AlpacaClient.Purpose) -> BrokerError {
        switch purpose {
        case .question: BrokerError(.noAnswer, message)
        case .change: BrokerError(.outcomeUnknown, message)
        }
    }

    private static func kind(
        _ response: HTTPClientResponse, _ code: Int?, _ message: String, _ purpose: AlpacaClient.Purpose
    ) -> BrokerError.Kind {
        switch response.status {
        case 401: .unauthorised
        case 403, 422, 400: refusal(response.status, code, message)
        case 404: purpose == .question ? .notFound : refusal(404, code, message)
        case 429: .rateLimited(retryAfterSeconds: response.header("Retry-After").flatMap(Int.init))
        default: silenceKind(purpose)
        }
    }

    private static func refusal(_ status: Int, _ code: Int?, _ message: String) -> BrokerError.Kind {
        if code == 40_010_001, message.lowercased().contains("client_order_id must be unique") {
            return .duplicateClientOrderID
        }
        return .rejected(status: status, code: code)
    }

    private static func silenceKind(_ purpose: AlpacaClient.Purpose) -> BrokerError.Kind {
        purpose == .question ? .noAnswer : .outcomeUnknown
    }
}
