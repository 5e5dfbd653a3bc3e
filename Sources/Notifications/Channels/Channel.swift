package import JSON
package import Store

/// What became of handing a message to a destination.
package enum SendOutcome: Sendable, Hashable {
    /// It was taken.
    case taken(Taken)
    /// Not now. Where the destination said when, that counts.
    case retry(reason: String, afterSeconds: Double?)
    /// This message will never be taken.
    case refused(reason: String)
    /// The earlier message cannot be changed for good, and nothing was sent; that is how it stands from now on.
    case unchangeable(PostRecord)
    /// Nothing will be taken any more: the channel is gone, or its secret does not hold.
    case broken(reason: String)

    /// What a destination gave back when it took a message.
    package struct Taken: Sendable, Hashable {
        /// What finds the message again.
        package var receipt: JSONObject
        /// The message that now stands for the subject; nil where that has not changed.
        package var post: PostRecord?
        /// For so long the lane rests before the next message: the destination said so.
        package var restSeconds: Double
        /// How fast the destination takes messages where it does not say so itself.
        package var pace: Pace?

        package init(
            receipt: JSONObject = [:], post: PostRecord? = nil, restSeconds: Double = 0, pace: Pace? = nil
        ) {
            self.receipt = receipt
            self.post = post
            self.restSeconds = restSeconds
            self.pace = pace
        }
    }

    /// It was taken; the lane may have to rest before the next.
    static func sent(receipt: JSONObject, restSeconds: Double) -> SendOutcome {
        .taken(Taken(receipt: receipt, restSeconds: restSeconds))
    }
}

/// How a message stands to others about its subject in the same place.
package enum MessageForm: Sendable, Hashable {
    /// By itself.
    case new
    /// In place of the earlier one.
    case edit
    /// Instead of a change that cannot be made: below the earlier one where the channel can do that, else by itself, and
    /// from then on in its place.
    case anew
    /// Below the earlier one.
    case reply
}

/// One message to hand over: its identity, which stays the same at every attempt, and where it goes.
package struct Handover: Sendable, Hashable {
    package let deliveryID: String
    package let form: MessageForm
    /// The message that stands there already; nil with `new`.
    package let post: PostRecord?

    package init(deliveryID: String, form: MessageForm = .new, post: PostRecord? = nil) {
        self.deliveryID = deliveryID
        self.form = post == nil ? .new : form
        self.post = post
    }
}

/// A destination for people: one file for each kind.
package protocol Channel: Sendable {
    /// Hands over one message, once. Reasons in the outcome are for people and hold no secrets.
    ///
    /// Where a change is asked for and cannot be made for good, nothing is sent: whether the news is worth another message
    /// is not for the channel to say.
    func send(_ message: Message, _ handover: Handover) async -> SendOutcome
}
