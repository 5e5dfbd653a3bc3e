import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct SMTPEncryptionTests {
    private let conversation: [(line: String?, reply: String)] = [
        ("EHLO gate.example.com", "250-test\r\n250 AUTH PLAIN"), ("AUTH PLAIN", "334 "),
        ("AG1haWxlcgBwYXNzdzByZA==", "235 welcome"), ("MAIL FROM:<bounces@example.com>", "250 ok"),
        ("RCPT TO:<alice@example.com>", "250 ok"), ("DATA", "354 go on"), (".", "250 taken"),
        ("QUIT", "221 bye"),
    ]

    private func makeMessage() throws -> SMTPMessage {
        let sender = try #require(MailAddress("bounces@example.com"))
        let recipient = try #require(MailAddress("alice@example.com"))
        return try #require(
            SMTPMessage(sender: sender, recipient: recipient, data: Array("A: b\r\n\r\n".utf8)))
    }

    private func makeClient(_ server: TLSServer, trusted: Bool = true) -> SMTPClient {
        SMTPClient(
            configuration: SMTPClientConfiguration(
                egress: .publicOnly.allowingLoopback,
                authoritiesFile: trusted ? server.authoritiesFile : nil, timeoutSeconds: 60))
    }

    private func makeTarget(_ scheme: String, _ port: Int) throws -> SMTPServer {
        try SMTPServer(
            url: "\(scheme)://127.0.0.1:\(port)", encryption: .required, user: "mailer", password: "passw0rd",
            clientName: "gate.example.com")
    }

    /// Speaks SMTP in the clear until STARTTLS, then hands the connection to the TLS server.
    private func makeUpgradingServer(_ server: TLSServer, extra: String = "") throws -> RawServer {
        let port = server.port
        return try RawServer { connection, server in
            connection.write("220 test\r\n")
            while let line = connection.readLine() {
                server.seen.note(line)
                if line == "STARTTLS" { break }
                connection.write("250-test\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
            }
            connection.write("220 go on\r\n" + extra)
            connection.splice(toPort: port)
        }
    }

    @Test func `TLS from the start carries login and mail`() async throws {
        let server = try TLSServer(options: [])
        let seen = Journal()
        server.converse([(nil, "220 test")] + conversation, noting: seen)
        try await makeClient(server).send(makeMessage(), through: makeTarget("smtps", server.port))
        try await seen.wait { $0 == conversation.compactMap(\.line) }
    }

    @Test func `STARTTLS comes before login and mail`() async throws {
        let server = try TLSServer(options: [])
        let seen = Journal()
        server.converse(conversation, noting: seen)
        let front = try makeUpgradingServer(server)
        try await makeClient(server).send(makeMessage(), through: makeTarget("smtp", front.port))
        #expect(front.seen.all == ["EHLO gate.example.com", "STARTTLS"])
        try await seen.wait { $0 == conversation.compactMap(\.line) }
    }

    @Test func `STARTTLS with a certificate nobody vouches for ends it`() async throws {
        let server = try TLSServer(options: [])
        let front = try makeUpgradingServer(server)
        let client = makeClient(server, trusted: false)
        let message = try makeMessage()
        let target = try makeTarget("smtp", front.port)
        let error = try #require(await mailFailure(of: message, through: target, client))
        #expect(error.kind == .transport(.tls))
        #expect(error.sent == .no)
        #expect(front.seen.all == ["EHLO gate.example.com", "STARTTLS"])
    }

    /// CVE-2011-0411 and its kind: replies slipped in before the encryption must not count as its own.
    @Test func `replies pipelined before the encryption end it`() async throws {
        let server = try TLSServer(options: [])
        let front = try makeUpgradingServer(server, extra: "250-test\r\n250 AUTH PLAIN\r\n334 \r\n235 in\r\n")
        let client = makeClient(server)
        let message = try makeMessage()
        let target = try makeTarget("smtp", front.port)
        let error = try #require(await mailFailure(of: message, through: target, client))
        #expect(error.sent == .no)
        #expect(front.seen.all == ["EHLO gate.example.com", "STARTTLS"])
    }
}
