package import JSON

/// What the worker asks of the server.
package protocol ServerLink: Sendable {
    /// The keys with which the server signs, as it lists them.
    func signingKeys() async throws(ServerError) -> JSONValue
    /// The heartbeat.
    func sync(_ body: JSONValue) async throws(ServerError) -> JSONValue
    /// Takes an order.
    func claim(orderID: String, _ body: JSONValue) async throws(ServerError) -> JSONValue
    /// Tells what became of an order.
    func report(orderID: String, _ body: JSONValue) async throws(ServerError)
    /// Tells how far a command is.
    func report(commandID: String, _ body: JSONValue) async throws(ServerError)
}

/// Why the server did not do what it was asked.
package struct ServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is known of the request's fate.
    package enum Kind: Sendable, Hashable {
        /// The server said no; the slug is its problem's kind.
        case refused(slug: String, status: Int)
        /// It may have been done: there is no usable answer.
        case noAnswer
        /// It was not sent.
        case unreachable
    }

    package let kind: Kind
    /// What happened, for people.
    package let message: String

    /// An error of that kind.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }
}
