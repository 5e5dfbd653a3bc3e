import CCurl

/// Hands mails to a server, one recipient and one connection each, and tells what the server said.
///
/// Each has a thread of its own while it lasts: libcurl waits for the answer to its QUIT without serving others.
package final class SMTPClient: Sendable {
    private let configuration: SMTPClientConfiguration
    private let turnstile: Turnstile

    package init(configuration: SMTPClientConfiguration) {
        self.configuration = configuration
        turnstile = Turnstile(limit: configuration.concurrencyLimit)
    }

    /// Returns when the server has taken the mail; never tries twice.
    package func send(_ message: SMTPMessage, through server: SMTPServer) async throws(SMTPError) {
        let transfer: Transfer
        do {
            transfer = try makeTransfer(message, server)
        } catch {
            throw SMTPError(
                .transport(.unavailable), sent: .no,
                "libcurl refused option \(error.option.rawValue) for \(server.origin).")
        }
        await turnstile.enter()
        let loop = TransferLoop(concurrencyLimit: 1)
        let outcome = await loop.outcome(of: transfer)
        loop.stop()
        turnstile.leave()
        if let error = Self.error(of: outcome, server) { throw error }
    }

    private func makeTransfer(
        _ message: SMTPMessage, _ server: SMTPServer
    ) throws(OptionRefused) -> Transfer {
        let limits = Transfer.Limits(
            maxHeaderBytes: 65_536, maxBodyBytes: 65_536, egress: configuration.egress,
            isLocalOnly: server.encryption == .none && server.scheme == "smtp", speaksSMTP: true)
        let transfer = try Transfer(
            limits, lists: [(CURLOPT_MAIL_RCPT, ["<\(message.recipient)>"])], upload: message.data)
        try setConnection(transfer, server)
        try transfer.easy.set(CURLOPT_MAIL_FROM, "<\(message.sender)>")
        try transfer.easy.set(CURLOPT_UPLOAD, 1)
        try transfer.easy.set(CURLOPT_INFILESIZE_LARGE, offset: message.data.count)
        return transfer
    }

    private func setConnection(
        _ transfer: borrowing Transfer, _ server: SMTPServer
    ) throws(OptionRefused) {
        try transfer.easy.set(CURLOPT_URL, "\(server.origin)/\(server.clientName)")
        try transfer.easy.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        try transfer.easy.set(CURLOPT_TIMEOUT_MS, milliseconds(configuration.timeoutSeconds))
        try transfer.easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(configuration.connectTimeoutSeconds))
        // A connection of its own, closed with QUIT, so that no mail meets another's dead connection.
        try transfer.easy.set(CURLOPT_FRESH_CONNECT, 1)
        try transfer.easy.set(CURLOPT_FORBID_REUSE, 1)
        let usesTLS = server.encryption == .required
        try transfer.easy.set(CURLOPT_USE_SSL, Int((usesTLS ? CURLUSESSL_ALL : CURLUSESSL_NONE).rawValue))
        if let user = server.user { try transfer.easy.set(CURLOPT_USERNAME, user) }
        if let password = server.password { try transfer.easy.set(CURLOPT_PASSWORD, password) }
        if let file = configuration.authoritiesFile { try transfer.easy.set(CURLOPT_CAINFO, file) }
    }

    private static func error(of outcome: TransferOutcome, _ server: SMTPServer) -> SMTPError? {
        guard let failure = outcome.failure else { return nil }
        switch (failure, outcome.responseCode) {
        case (.interrupted, 400...599), (.malformed, 400...599), (.connect, 400...599):
            let code = outcome.responseCode
            let kind: SMTPError.Kind = code < 500 ? .temporary : .permanent
            return SMTPError(kind, sent: .no, code: code, verdict(of: outcome, server))
        default:
            // Without the end of the message the server cannot have taken it.
            let sent: HTTPClientError.Sent = outcome.hasStarted && outcome.hasSentUpload ? .maybe : .no
            return SMTPError(.transport(failure), sent: sent, failure.mailExplanation(server, outcome))
        }
    }

    /// The server's own words, made harmless: they are the best hint there is.
    private static func verdict(of outcome: TransferOutcome, _ server: SMTPServer) -> String {
        // The last line is the answer to libcurl's QUIT.
        let code = Array(String(outcome.responseCode).utf8)
        let line = outcome.lines.last { $0.starts(with: code) } ?? code
        let reply = String(decoding: line.prefix(300), as: UTF8.self)
        let printable = String(String.UnicodeScalarView(reply.unicodeScalars.filter { $0.value >= 32 }))
        let meaning =
            outcome.responseCode < 500 ? "not now; it may take it later" : "no; trying again will not help"
        return "\(server.origin) said \(meaning): \(printable)"
    }
}

/// What all mails of a client have in common.
package struct SMTPClientConfiguration: Sendable {
    package var egress: EgressPolicy
    /// A PEM file of certificate authorities to trust besides the system's directory.
    package var authoritiesFile: String?
    package var timeoutSeconds: Double
    package var connectTimeoutSeconds: Double
    package var concurrencyLimit: Int

    package init(
        egress: EgressPolicy = .publicOnly, authoritiesFile: String? = nil, timeoutSeconds: Double = 60,
        connectTimeoutSeconds: Double = 15, concurrencyLimit: Int = 8
    ) {
        self.egress = egress
        self.authoritiesFile = authoritiesFile
        self.timeoutSeconds = timeoutSeconds
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.concurrencyLimit = concurrencyLimit
    }
}

extension HTTPClientError.Kind {
    /// The same failures where the peer speaks SMTP.
    fileprivate func mailExplanation(_ server: SMTPServer, _ outcome: TransferOutcome) -> String {
        switch self {
        case .malformed: "What \(server.origin) answered is not SMTP: check host and port."
        case _ where outcome.code == CURLE_LOGIN_DENIED:
            "\(server.origin) offers no way to log in that is known here: nothing was sent."
        case .tls where outcome.code == CURLE_USE_SSL_FAILED:
            "\(server.origin) offers no encryption (STARTTLS), which is required: nothing was sent."
        default: explanation(host: server.origin, outcome)
        }
    }
}
