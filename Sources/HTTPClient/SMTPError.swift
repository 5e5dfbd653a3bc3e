/// Why a mail was not taken.
package struct SMTPError: Error, Hashable, CustomStringConvertible {
    /// What follows from it.
    package enum Kind: Sendable, Hashable {
        /// The server said 4xx: try the same again later.
        case temporary
        /// The server said 5xx: trying again will not help.
        case permanent
        /// The server said nothing of the kind: it was not reached, not trusted, or went away.
        case transport(HTTPClientError.Kind)
    }

    package let kind: Kind
    /// Whether the server may have taken the mail.
    package let sent: HTTPClientError.Sent
    /// The reply's code, where the server decided.
    package let code: Int?
    /// What happened and what to do, for people.
    package let message: String

    package init(_ kind: Kind, sent: HTTPClientError.Sent, code: Int? = nil, _ message: String) {
        self.kind = kind
        self.sent = sent
        self.code = code
        self.message = message
    }

    /// Whether the server may have taken the mail.
    package var mayHaveBeenSent: Bool { sent == .maybe }

    package var description: String { message }
}
