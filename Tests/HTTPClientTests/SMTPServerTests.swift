import HTTPClient
import Testing

@Suite struct SMTPServerTests {
    @Test(arguments: [
        ("smtp://mail.example.com", "smtp://mail.example.com:587", SMTPServer.Encryption.required),
        ("smtp://mail.example.com:25", "smtp://mail.example.com:25", .required),
        ("SMTPS://mail.example.com", "smtps://mail.example.com:465", .required),
        ("smtp://127.0.0.1:2525", "smtp://127.0.0.1:2525", .none),
        ("smtp://localhost", "smtp://localhost:587", .none),
        ("smtp://[::1]:25", "smtp://[::1]:25", .none),
        ("smtps://127.0.0.1", "smtps://127.0.0.1:465", .required),
        ("smtp://10.0.0.1:25", "smtp://10.0.0.1:25", .required),
    ])
    func `addresses have ports and encryption by default`(
        url: String, origin: String, encryption: SMTPServer.Encryption
    ) throws {
        let server = try SMTPServer(url: url)
        #expect(server.origin == origin)
        #expect(server.encryption == encryption)
    }

    @Test func `user and password are read and not shown`() throws {
        let server = try SMTPServer(url: "smtps://me%40example.com:p%3Aw@mail.example.com")
        #expect(server.user == "me@example.com")
        #expect(server.password == "p:w")
        var dumped = ""
        dump(server, to: &dumped)
        #expect(!"\(server) \(String(reflecting: server)) \(dumped)".contains("p:w"))
    }

    @Test(arguments: ["", "mail.example.com", "http://mail.example.com", "smtp://", "smtp://a b"])
    func `other addresses are refused`(url: String) {
        #expect(throws: SMTPServer.Malformed.self) { try SMTPServer(url: url) }
    }

    @Test(arguments: ["", "a b", "a\r\nMAIL FROM:<x@y>", "a/b"])
    func `a name for EHLO is a host name`(name: String) {
        #expect(throws: SMTPServer.Malformed.self) { try SMTPServer(url: "smtp://a", clientName: name) }
    }

    @Test(arguments: ["smtp://u%0d%0aRSET:p@a", "smtp://u:p%0ap@a"])
    func `a user with a line break is refused`(url: String) {
        #expect(throws: SMTPServer.Malformed.self) { try SMTPServer(url: url) }
    }

    @Test(arguments: [
        "a\n", "a\r", "a\rb\r\n", "a\nb\r\n", "a\u{0}\r\n", "a", "\r\n.\n\r\n", "\n.\r\n",
        String(repeating: "x", count: 999) + "\r\n",
    ])
    func `messages that could hide another are refused`(text: String) throws {
        let address = try #require(MailAddress("a@b"))
        #expect(SMTPMessage(sender: address, recipient: address, data: Array(text.utf8)) == nil)
    }

    @Test(arguments: ["a\r\n", "\r\n", String(repeating: "x", count: 998) + "\r\n"])
    func `well-formed messages pass`(text: String) throws {
        let address = try #require(MailAddress("a@b"))
        #expect(SMTPMessage(sender: address, recipient: address, data: Array(text.utf8)) != nil)
    }
}
