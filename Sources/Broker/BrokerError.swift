/// Why the broker did not do or tell what was asked, by what it means for an order.
package struct BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is known of the request's fate.
    package enum Kind: Sendable, Hashable {
        /// The broker refused it for good: nothing was done.
        case rejected(status: Int, code: Int?)
        /// An order with this client order id is there already, so it was sent before.
        case duplicateClientOrderID
        /// Too many requests: nothing was done.
        case rateLimited(retryAfterSeconds: Int?)
        /// The keys are wrong or may not do this: nothing was done.
        case unauthorised
        /// There is no such thing.
        case notFound
        /// It was sent and there is no word of what became of it.
        case outcomeUnknown
        /// It certainly was not sent.
        case unreachable
        /// A question got no usable answer; asking changes nothing, so it may be asked again.
        case noAnswer
    }

    package let kind: Kind
    /// What happened, for people; the broker's own words where it gave some.
    package let message: String

    /// An error of that kind.
    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    /// Whether an order that was sent is certainly not at the broker.
    package var provesNothingWasDone: Bool {
        switch kind {
        case .rejected, .rateLimited, .unauthorised, .notFound, .unreachable: true
        case .duplicateClientOrderID, .outcomeUnknown, .noAnswer: false
        }
    }

    /// A word for logs and reports.
    package var code: String {
        switch kind {
        case .rejected(let status, let code): code.map(String.init) ?? "http-\(status)"
        case .duplicateClientOrderID: "duplicate-client-order-id"
        case .rateLimited: "rate-limited"
        case .unauthorised: "unauthorised"
        case .notFound: "not-found"
        case .outcomeUnknown: "outcome-unknown"
        case .unreachable: "unreachable"
        case .noAnswer: "no-answer"
        }
    }
}
