package import Cryptography
package import Domain
package import HTTPClient
package import Logging
package import Postgres
package import Templates

/// What sending stands on.
package struct DeliveryContext: Sendable {
    package let pool: PostgresPool
    package let links: MessageLinks
    package let opening: ChannelOpening
    /// Nil where released orders are not pushed: the worker finds them when it syncs.
    package let worker: WorkerWebhook?
    let takenReleases: TakenReleases
    package let logger: Logger
    /// A random number in 0 ..< 1, for backoff.
    package let random: @Sendable () -> Double
    /// When messages to people are tried again.
    package var messageBackoff = Backoff.message
    /// When the worker is tried again.
    package var workerBackoff = Backoff.workerWebhook

    /// The ground for sending.
    package init(
        pool: PostgresPool, publicURL: String, linkKey: SecretBytes, channelKey: SecretBytes,
        egress: EgressPolicy, templates: TemplateSet, authoritiesFile: String? = nil, worker: WorkerWebhook?,
        logger: Logger,
        random: @escaping @Sendable () -> Double,
        draw: @escaping MailContent.Draw = { _, _ in nil }
    ) throws(CryptographyError) {
        self.pool = pool
        takenReleases = TakenReleases(pool)
        links = MessageLinks(publicURL: publicURL, key: linkKey)
        opening = try ChannelOpening(
            channelKey: channelKey, egress: egress, authoritiesFile: authoritiesFile, links: links,
            mailContent: MailContent(templates: templates, draw: draw))
        self.worker = worker
        self.logger = logger
        self.random = random
    }

    var writer: MessageWriter { MessageWriter(links: links) }
}
