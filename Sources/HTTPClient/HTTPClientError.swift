/// Why a request has no response.
///
/// The text names scheme and host but never path, query or credentials of the URL: webhook URLs are secrets.
package struct HTTPClientError: Error, Hashable, CustomStringConvertible {
    /// What went wrong.
    package enum Kind: Sendable, Hashable {
        /// The request itself cannot be sent: its URL, a header or the method.
        case invalidRequest
        /// The host's name has no address.
        case resolve
        /// No address of the host accepted the connection.
        case connect
        /// No trusted encrypted connection could be made.
        case tls
        /// The host's address is not public and not allowed by name.
        case blocked(address: String)
        /// The time for connecting or for everything ran out.
        case timedOut
        /// The response is longer than allowed.
        case tooLarge
        /// What came back is not HTTP.
        case malformed
        /// The connection ended before the response did.
        case interrupted
        /// The task was cancelled.
        case cancelled
        /// libcurl could not be set up.
        case unavailable
    }

    /// Whether the peer may have acted on the request.
    package enum Sent: Sendable, Hashable {
        /// Not one byte of it left: trying again cannot do anything twice.
        case no
        /// Some or all of it left: only the peer knows.
        case maybe
    }

    package let kind: Kind
    package let sent: Sent
    /// The status of the response, when its head had arrived.
    package let status: Int?
    /// What happened and what to do, for people.
    package let message: String

    package init(_ kind: Kind, sent: Sent, status: Int? = nil, _ message: String) {
        self.kind = kind
        self.sent = sent
        self.status = status
        self.message = message
    }

    /// Whether the peer may have acted on the request.
    package var mayHaveBeenSent: Bool { sent == .maybe }

    package var description: String { message }
}
