import HTTPClient
import JSON

/// Mail to one person.
struct EmailChannel: Channel {
    let server: SMTPServer
    let from: MailAddress
    let to: Mailbox
    /// The host in the identities of mails.
    let host: String
    let client: SMTPClient
    let content: MailContent

    func send(_ message: Message, _ handover: Handover) async -> SendOutcome {
        let deliveryID = handover.deliveryID
        let sender = Mailbox(from, name: "Countersign")
        let pictures = await content.pictures(message)
        let data: [UInt8]
        do {
            data = try content.mail(
                message, from: sender, to: to, deliveryID: deliveryID, host: host, pictures: pictures)
        } catch {
            return .refused(reason: "The mail could not be written: \(error.reason).")
        }
        guard let mail = SMTPMessage(sender: from, recipient: to.address, data: data) else {
            return .refused(reason: "The mail could not be written: a line of it is not lawful.")
        }
        do {
            try await client.send(mail, through: server)
            return .sent(receipt: ["message_id": .string("<\(deliveryID)@\(host)>")], restSeconds: 0)
        } catch {
            return Self.outcome(of: error)
        }
    }

    static func outcome(of error: SMTPError) -> SendOutcome {
        switch error.kind {
        case .temporary: .retry(reason: error.message, afterSeconds: nil)
        case .permanent:
            broken.contains(error.code ?? 0)
                ? .broken(reason: error.message) : .refused(reason: error.message)
        case .transport(let kind): SendOutcome(HTTPClientError(kind, sent: error.sent, error.message))
        }
    }

    /// No such mailbox, relaying denied, encryption or log-in demanded, log-in refused: the next mail fares no better.
    private static let broken: Set<Int> = [521, 530, 534, 535, 538, 550, 551, 553, 556]
}
