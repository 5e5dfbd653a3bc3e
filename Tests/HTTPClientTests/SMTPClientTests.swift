import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct SMTPClientTests {
    private let client = SMTPClient(
        configuration: SMTPClientConfiguration(egress: .publicOnly.allowingLoopback, timeoutSeconds: 60))

    /// A server that answers each command by its first word, and takes the message after 354.
    private func makeServer(
        greeting: String = "220 test", _ replies: [String: String] = [:]
    ) throws -> RawServer {
        try RawServer { connection, server in
            connection.write(greeting + "\r\n")
            while let line = connection.readLine() {
                server.seen.note(line)
                let word = String(line.prefix { $0 != " " && $0 != ":" }).uppercased()
                let usual = [
                    "EHLO": "250-test\r\n250 8BITMIME", "DATA": "354 go on", "QUIT": "221 bye",
                    "RSET": "250 ok",
                ]
                let reply = replies[word] ?? usual[word] ?? "250 ok"
                if reply == "hang up" { return }
                connection.write(reply + "\r\n")
                guard word == "DATA", reply.hasPrefix("354") else { continue }
                while let line = connection.readLine(), line != "." { server.seen.note("| " + line) }
                guard let end = replies["."] else {
                    connection.write("250 taken\r\n")
                    continue
                }
                if end == "hang up" { return }
                connection.write(end + "\r\n")
            }
        }
    }

    private func makeMessage(_ text: String = "Subject: x\r\n\r\nHello\r\n") throws -> SMTPMessage {
        let sender = try #require(MailAddress("bounces@example.com"))
        let recipient = try #require(MailAddress("alice@example.com"))
        return try #require(SMTPMessage(sender: sender, recipient: recipient, data: Array(text.utf8)))
    }

    private func failure(
        at server: RawServer, encryption: SMTPServer.Encryption? = nil, user: String? = nil
    ) async throws -> SMTPError {
        let target = try SMTPServer(
            url: "smtp://127.0.0.1:\(server.port)", encryption: encryption, user: user,
            password: user.map { _ in "passw0rd" })
        let message = try makeMessage()
        return try #require(await mailFailure(of: message, through: target, client))
    }

    @Test func `a mail goes out in one conversation`() async throws {
        let server = try makeServer()
        let target = try SMTPServer(url: "smtp://127.0.0.1:\(server.port)", clientName: "gate.example.com")
        try await client.send(makeMessage("Subject: x\r\n\r\n.\r\n..two\r\nend\r\n"), through: target)
        try await server.seen.wait { $0.last == "QUIT" }
        #expect(
            server.seen.all == [
                "EHLO gate.example.com", "MAIL FROM:<bounces@example.com>", "RCPT TO:<alice@example.com>",
                "DATA",
                "| Subject: x", "| ", "| ..", "| ...two", "| end", "QUIT",
            ])
    }

    @Test(arguments: [nil, "451 later"])
    func `a server that does not answer to QUIT keeps nobody waiting`(verdict: String?) async throws {
        let server = try RawServer { connection, _ in
            let replies = ["220 test", "250 test", "250 ok", "250 ok", "354 go on"]
            for reply in replies {
                connection.write(reply + "\r\n")
                _ = connection.readLine()
            }
            while let line = connection.readLine(), line != "." {}
            connection.write((verdict ?? "250 taken") + "\r\n")
            connection.waitForEnd()
        }
        let target = try SMTPServer(url: "smtp://127.0.0.1:\(server.port)")
        let error = await mailFailure(of: try makeMessage(), through: target, client)
        #expect(error?.kind == verdict.map { _ in .temporary })
    }

    @Test func `more mails than the limit wait their turn and are all taken`() async throws {
        let server = try makeServer()
        let target = try SMTPServer(url: "smtp://127.0.0.1:\(server.port)")
        let message = try makeMessage()
        await withTaskGroup(of: SMTPError?.self) { [client] group in
            for _ in 0..<30 { group.addTask { await mailFailure(of: message, through: target, client) } }
            for await error in group { #expect(error == nil) }
        }
        #expect(server.seen.all.filter { $0 == "DATA" }.count == 30)
    }

    @Test func `every mail has its own connection`() async throws {
        let server = try RawServer { connection, server in server.seen.note("\(connection.number)") }
        for _ in 0..<3 { _ = try await failure(at: server) }
        #expect(server.seen.all == ["1", "2", "3"])
    }

    @Test(arguments: [
        ("RCPT", "451 4.7.1 greylisted", SMTPError.Kind.temporary),
        ("RCPT", "550 5.1.1 no such user", .permanent),
        ("MAIL", "452 full", .temporary), ("MAIL", "530 must use TLS", .permanent),
        ("DATA", "421 busy", .temporary),
        (".", "554 spam", .permanent), (".", "451 later", .temporary), ("DATA", "554 no", .permanent),
    ])
    func `what the server says decides`(word: String, reply: String, kind: SMTPError.Kind) async throws {
        let error = try await failure(at: makeServer([word: reply]))
        #expect(error.kind == kind)
        #expect(error.code == Int(reply.prefix(3)))
        #expect(error.sent == .no)
        #expect(error.message.contains(reply))
    }

    @Test(arguments: [("554 go away", SMTPError.Kind.permanent), ("421 too many", .temporary)])
    func `a refusal as greeting counts`(greeting: String, kind: SMTPError.Kind) async throws {
        let error = try await failure(at: makeServer(greeting: greeting))
        #expect(error.kind == kind)
        #expect(error.sent == .no)
    }

    @Test(arguments: [("535 wrong", SMTPError.Kind.permanent), ("454 not now", .temporary)])
    func `a refused login counts, and shows no password`(reply: String, kind: SMTPError.Kind) async throws {
        let server = try makeServer(["EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": reply])
        let error = try await failure(at: server, user: "mailer")
        #expect(error.kind == kind)
        #expect(error.code == Int(reply.prefix(3)))
        #expect(!"\(error)".contains("passw0rd"))
        #expect(!server.seen.all.contains { $0.hasPrefix("MAIL") })
    }

    @Test func `a login precedes the mail`() async throws {
        // "\0mailer\0passw0rd" in Base64, where the server's replies have the first word in capitals.
        let login = "AG1haWxlcgBwYXNzdzByZA=="
        let server = try makeServer([
            "EHLO": "250-test\r\n250 AUTH PLAIN", "AUTH": "334 ", login.uppercased(): "235 welcome",
        ])
        let target = try SMTPServer(url: "smtp://mailer:passw0rd@127.0.0.1:\(server.port)")
        try await client.send(makeMessage(), through: target)
        #expect(server.seen.all[1...3] == ["AUTH PLAIN", login, "MAIL FROM:<bounces@example.com>"])
    }

    @Test func `without an answer after the end the server may have it`() async throws {
        let error = try await failure(at: makeServer([".": "hang up"]))
        #expect(error.kind == .transport(.interrupted))
        #expect(error.sent == .maybe)
        #expect(error.code == nil)
    }

    @Test(arguments: ["RCPT", "MAIL", "EHLO"])
    func `a server that goes away before has not`(word: String) async throws {
        let error = try await failure(at: makeServer([word: "hang up", "HELO": "hang up"]))
        guard case .transport = error.kind else {
            Issue.record("\(error.kind)")
            return
        }
        #expect(error.sent == .no)
    }

    @Test func `encryption that is required and not offered ends it`() async throws {
        let server = try makeServer()
        let error = try await failure(at: server, encryption: .required, user: "mailer")
        #expect(error.kind == .transport(.tls))
        #expect(error.sent == .no)
        #expect(error.message.contains("offers no encryption (STARTTLS)"))
        #expect(!server.seen.all.contains { $0.hasPrefix("MAIL") || $0.hasPrefix("AUTH") })
    }

    @Test func `STARTTLS that is offered and refused ends it too`() async throws {
        let server = try makeServer(["EHLO": "250-test\r\n250 STARTTLS", "STARTTLS": "454 not now"])
        let error = try await failure(at: server, encryption: .required, user: "mailer")
        #expect(error.sent == .no)
        #expect(!server.seen.all.contains { $0.hasPrefix("MAIL") || $0.hasPrefix("AUTH") })
    }

    @Test func `a certificate nobody vouches for is refused`() async throws {
        let server = try TLSServer()
        let target = try SMTPServer(url: "smtps://127.0.0.1:\(server.port)")
        let message = try makeMessage()
        let error = try #require(await mailFailure(of: message, through: target, client))
        #expect(error.kind == .transport(.tls))
        #expect(error.sent == .no)
    }

    @Test func `what is not SMTP is said to be so`() async throws {
        let error = try await failure(
            at: RawServer { connection, _ in connection.write("HTTP/1.1 400 Bad\r\n\r\n") })
        guard case .transport = error.kind else {
            Issue.record("\(error.kind)")
            return
        }
        #expect(error.sent == .no)
    }

    @Test func `mail servers are guarded like everything else`() async throws {
        let server = try makeServer()
        let target = try SMTPServer(url: "smtp://127.0.0.1:\(server.port)")
        let message = try makeMessage()
        let strict = SMTPClient(configuration: SMTPClientConfiguration(egress: .publicOnly))
        let error = try await #require(throws: SMTPError.self) {
            try await strict.send(message, through: target)
        }
        #expect(error.kind == .transport(.blocked(address: "127.0.0.1")))
        #expect(server.seen.all.isEmpty)
    }

    @Test func `without encryption only near addresses are reached`() async throws {
        let target = try SMTPServer(url: "smtp://1.1.1.1:25", encryption: SMTPServer.Encryption.none)
        let message = try makeMessage()
        let error = try #require(await mailFailure(of: message, through: target, client))
        #expect(error.kind == .transport(.blocked(address: "1.1.1.1")))
        #expect(error.message.contains("without encryption"))
    }
}
