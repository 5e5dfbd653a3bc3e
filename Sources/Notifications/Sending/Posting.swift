import Domain
import Store

/// A message about to be handed to a channel, and how it stands to what is there already.
struct Posting: Sendable {
    let subject: Subject
    let destination: DestinationRecord
    let form: MessageForm
    /// What stands in the channel for the same subject.
    let post: PostRecord?
    /// What also waits and is told by this one, for it shows how things stand.
    var superseded: [Identifier] = []
    /// Whether what is sent now stands for its subject from now on.
    var isRemembered = false

    /// What the messages that another one tells are given as their reason.
    static let supersededReason = "Not sent by itself: a later state of the same message shows it."

    /// What a change that is worth no message of its own is given as the reason why nothing was sent.
    static let nothingToChange = "Not sent: there is no message here that it could change."

    /// Sends it; what must not be overlooked is said below the changed message as well, for a change alone
    /// makes no sound.
    func send(_ message: Message, deliveryID: String, through opening: ChannelOpening) async -> SendOutcome {
        let shown = form == .new && !superseded.isEmpty ? message.changed : message
        let handover = Handover(deliveryID: deliveryID, form: form, post: post)
        let outcome = await opening.send(shown, handover, to: destination)
        if case .unchangeable(let post) = outcome, !subject.isOnlyChange {
            let again = Handover(deliveryID: deliveryID, form: .anew, post: post)
            return await opening.send(message, again, to: destination)
        }
        guard case .taken(let taken) = outcome, form == .edit, subject.isLoud, let standing = taken.post,
            standing.isEditable, standing == post
        else { return outcome }
        return await opening.send(
            message, Handover(deliveryID: deliveryID, form: .reply, post: standing), to: destination)
    }
}

extension DestinationRecord {
    /// Whether messages there can be changed after they were sent.
    var changesMessages: Bool { settings.changesMessages(kind) }
}
