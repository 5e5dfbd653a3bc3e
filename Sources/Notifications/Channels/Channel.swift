package import JSON

/// What became of handing a message to a destination.
package enum SendOutcome: Sendable, Hashable {
    /// It was taken. The receipt is what finds the message again; the lane may have to rest before the next.
    case sent(receipt: JSONObject, restSeconds: Double)
    /// Not now. Where the destination said when, that counts.
    case retry(reason: String, afterSeconds: Double?)
    /// This message will never be taken.
    case refused(reason: String)
    /// Nothing will be taken any more: the channel is gone, or its secret does not hold.
    case broken(reason: String)
}

/// A destination for people: one file for each kind.
package protocol Channel: Sendable {
    /// Hands over one message, once. Reasons in the outcome are for people and hold no secrets.
    func send(_ message: Message, deliveryID: String) async -> SendOutcome
}
