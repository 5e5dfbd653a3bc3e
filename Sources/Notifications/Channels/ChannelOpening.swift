package import Cryptography
import Domain
package import HTTPClient
import Logging
package import Store

/// Makes channels ready to send from how they are stored.
package struct ChannelOpening: Sendable {
    /// Why a channel cannot be used, for people.
    struct Unusable: Error {
        let reason: String
        /// Whether the fault may lie with this server: then the channel is not to be taken out of use.
        var mayBeOurs = false
    }

    private let box: SecretBox
    private let http: HTTPClient
    private let smtp: SMTPClient
    private let publicHost: String
    private let mailContent: MailContent

    /// Opens channels with the key that sealed their secrets.
    package init(
        channelKey: SecretBytes, egress: EgressPolicy, authoritiesFile: String? = nil, links: MessageLinks,
        mailContent: MailContent
    ) throws(CryptographyError) {
        box = try SecretBox(key: channelKey)
        http = HTTPClient(
            configuration: HTTPClientConfiguration(
                userAgent: "Countersign", egress: egress, authoritiesFile: authoritiesFile))
        smtp = SMTPClient(
            configuration: SMTPClientConfiguration(
                egress: egress, authoritiesFile: authoritiesFile, timeoutSeconds: 30,
                connectTimeoutSeconds: 10, concurrencyLimit: 32))
        publicHost = links.host
        self.mailContent = mailContent
    }

    /// Sends one message; whatever is wrong with the channel is an outcome too, and no outcome tells a secret.
    package func send(
        _ message: Message, _ handover: Handover, to destination: DestinationRecord
    ) async -> SendOutcome {
        do {
            let secret = try secret(of: destination)
            let channel = try channel(destination, secret: secret)
            let outcome = await channel.send(message, handover)
            return outcome.redacted(
                by: Redactor(secrets: Self.secrets(in: secret, user: destination.settings.smtpUser)))
        } catch {
            guard error.mayBeOurs else { return .broken(reason: error.reason) }
            return .retry(reason: error.reason, afterSeconds: nil)
        }
    }

    private func secret(of destination: DestinationRecord) throws(Unusable) -> String? {
        guard let sealed = destination.sealedSecret else {
            guard !destination.kind.needsSecret else {
                throw Unusable(reason: "The channel has no webhook address. Set up another.")
            }
            return nil
        }
        do {
            let bytes = try box.open(
                sealed, associated: ChannelSettings.sealingContext(of: destination.id))
            return PlainText.line(String(decoding: bytes, as: UTF8.self), limit: 4000)
        } catch {
            throw Unusable(
                reason:
                    "The channel's secret cannot be opened: COUNTERSIGN_SECRET_KEY is another than when it was "
                    + "set up. Restore that key, or set up another channel.", mayBeOurs: true)
        }
    }

    private func channel(
        _ destination: DestinationRecord, secret: String?
    ) throws(Unusable) -> any Channel {
        let base = destination.settings.baseURL
        switch destination.kind {
        case .slack:
            guard let conversation = destination.settings.conversation else {
                return SlackWebhook(address: WebhookAddress.resolve(secret ?? "", base: base), client: http)
            }
            return SlackBot(
                token: secret ?? "", conversation: conversation,
                base: WebhookAddress.resolve("https://slack.com/api", base: base), client: http)
        case .discord:
            return DiscordWebhook(
                address: WebhookAddress.resolve(secret ?? "", base: base), client: http, host: publicHost,
                threadID: destination.settings.threadID)
        case .email: return try email(destination, password: secret)
        }
    }

    private func email(
        _ destination: DestinationRecord, password: String?
    ) throws(Unusable) -> EmailChannel {
        let settings = destination.settings
        guard let from = settings.from.flatMap({ MailAddress($0) }) else {
            throw Unusable(reason: "The channel has no sender's address. Set up another with --from.")
        }
        guard let to = (settings.to ?? destination.userEmail).flatMap({ MailAddress($0) }) else {
            throw Unusable(reason: "The channel has no recipient: its user has no mail address.")
        }
        do {
            let server = try SMTPServer(
                url: settings.baseURL ?? settings.smtp ?? "", user: settings.smtpUser, password: password,
                clientName: publicHost)
            return EmailChannel(
                server: server, from: from, to: Mailbox(to, name: destination.userName), host: publicHost,
                client: smtp, content: mailContent)
        } catch {
            throw Unusable(reason: "The channel's mail server cannot be used: \(error.description).")
        }
    }

    /// The whole secret, each part of its path that is long enough to be one, and what a log-in makes of it.
    private static func secrets(in secret: String?, user: String?) -> [String] {
        guard let secret else { return [] }
        var secrets = [secret] + secret.split(separator: "/").map(String.init).filter { $0.count >= 16 }
        guard let user else { return secrets }
        secrets.append(Base64.encode(Array(secret.utf8)))
        secrets.append(Base64.encode([0] + Array(user.utf8) + [0] + Array(secret.utf8)))
        return secrets
    }
}

extension SendOutcome {
    fileprivate func redacted(by redactor: Redactor) -> SendOutcome {
        switch self {
        case .taken, .unchangeable: self
        case .retry(let reason, let seconds): .retry(reason: redactor.redact(reason), afterSeconds: seconds)
        case .refused(let reason): .refused(reason: redactor.redact(reason))
        case .broken(let reason): .broken(reason: redactor.redact(reason))
        }
    }
}
