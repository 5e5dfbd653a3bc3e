import Domain
import JSON

/// A refusal in Alpaca's form: an HTTP status, a code, a message, and what else the code brings along.
struct BrokerRejection: Error, Sendable, Hashable {
    /// The HTTP status.
    let status: Int
    /// Alpaca's code, such as 40310000.
    let code: Int
    /// Alpaca's words.
    let message: String
    /// Further members of the error body.
    let extras: JSONObject

    /// A refusal.
    init(status: Int, code: Int, message: String, extras: JSONObject = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.extras = extras
    }

    /// The error body as Alpaca writes it.
    var json: JSONValue {
        .object(JSONObject([("code", .integer(code)), ("message", .string(message))]).merging(extras))
    }

    static func badParameter(_ message: String) -> BrokerRejection {
        BrokerRejection(status: 422, code: 40_010_001, message: message)
    }

    static func invalid(_ message: String, _ extras: JSONObject = [:]) -> BrokerRejection {
        BrokerRejection(status: 422, code: 42_210_000, message: message, extras: extras)
    }

    static func forbidden(_ message: String, _ extras: JSONObject = [:]) -> BrokerRejection {
        BrokerRejection(status: 403, code: 40_310_000, message: message, extras: extras)
    }

    static func notFound(_ message: String) -> BrokerRejection {
        BrokerRejection(status: 404, code: 40_410_000, message: message)
    }
}
