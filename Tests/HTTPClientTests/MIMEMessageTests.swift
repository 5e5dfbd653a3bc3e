import HTTPClient
import Testing

@Suite struct MIMEMessageTests {
    private func makeMessage() throws -> MIMEMessage {
        MIMEMessage(
            from: Mailbox(try #require(MailAddress("gate@example.com")), name: "The \"Gate\""),
            to: Mailbox(try #require(MailAddress("alice@example.com"))), subject: "Buy 100 AAPL?",
            date: 1_795_246_473, messageID: "<1.2@example.com>", text: "Hello,\nBuy?")
    }

    private func text(_ message: MIMEMessage) throws -> String {
        String(decoding: try message.bytes(), as: UTF8.self)
    }

    private func header(_ name: String, of message: MIMEMessage) throws -> String {
        let lines = try text(message).components(separatedBy: "\r\n")
        let start = try #require(lines.firstIndex { $0.hasPrefix(name + ": ") })
        let more = lines[(start + 1)...].prefix { $0.hasPrefix(" ") }
        return ([String(lines[start].dropFirst(name.count + 2))] + more).joined(separator: "\r\n")
    }

    @Test func `a plain mail is one part`() throws {
        #expect(
            try text(makeMessage())
                == """
                Date: Sat, 21 Nov 2026 07:34:33 +0000
                From: "The \\"Gate\\""
                 <gate@example.com>
                To: alice@example.com
                Subject: Buy 100 AAPL?
                Message-ID: <1.2@example.com>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Hello,
                Buy?

                """.replacing("\n", with: "\r\n"))
    }

    @Test func `with HTML the text comes first and the HTML last`() throws {
        var message = try makeMessage()
        message.html = "<p class=\"x\">Grüße</p>"
        message.inReplyTo = "<root@example.com>"
        message.references = ["<root@example.com>", "<0@example.com>"]
        message.replyTo = Mailbox(try #require(MailAddress("desk@example.com")))
        message.headers = [("X-Auto-Response-Suppress", "All")]
        #expect(
            try text(message).hasSuffix(
                """
                Reply-To: desk@example.com
                Subject: Buy 100 AAPL?
                Message-ID: <1.2@example.com>
                In-Reply-To: <root@example.com>
                References: <root@example.com>
                 <0@example.com>
                Auto-Submitted: auto-generated
                X-Auto-Response-Suppress: All
                MIME-Version: 1.0
                Content-Type: multipart/alternative; boundary="=_part"

                --=_part
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Hello,
                Buy?
                --=_part
                Content-Type: text/html; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                <p class=3D"x">Gr=C3=BC=C3=9Fe</p>
                --=_part--

                """.replacing("\n", with: "\r\n")))
    }

    @Test func `a text cannot end its part`() throws {
        var message = try makeMessage()
        message.text = "--=_part--\r\n.\r\n"
        message.html = "--=_part"
        let lines = try text(message).components(separatedBy: "\r\n")
        #expect(lines.filter { $0 == "--=_part" }.count == 2)
        #expect(lines.filter { $0 == "--=_part--" }.count == 1)
    }

    @Test(arguments: [
        ("a \nb\t\n", "a=20\r\nb=09\r\n"), ("a\r\nb\rc\nd", "a\r\nb\r\nc\r\nd\r\n"), ("", "\r\n"),
        ("\n\n", "\r\n\r\n"), ("a\r\r\nb", "a\r\n\r\nb\r\n"), ("a\n\r\n", "a\r\n\r\n"), ("\r", "\r\n"),
        ("=", "=3D\r\n"), ("\u{0}\u{7f}", "=00=7F\r\n"), ("€", "=E2=82=AC\r\n"),
        (String(repeating: "x", count: 75), String(repeating: "x", count: 75) + "\r\n"),
        (String(repeating: "x", count: 76), String(repeating: "x", count: 75) + "=\r\nx\r\n"),
        (String(repeating: "x", count: 74) + "=", String(repeating: "x", count: 74) + "=\r\n=3D\r\n"),
    ])
    func `bodies are quoted-printable`(body: String, expected: String) throws {
        var message = try makeMessage()
        message.text = body
        #expect(try text(message).hasSuffix("quoted-printable\r\n\r\n" + expected))
    }

    @Test(arguments: [
        ("Grün", "=?utf-8?Q?Gr=C3=BCn?="),
        ("a =?utf-8?Q?b?= c", "=?utf-8?Q?a_=3D=3Futf=2D8=3FQ=3Fb=3F=3D_c?="),
        ("a\r\nBcc: x@y\u{0}", "a  Bcc: x@y "), ("", ""), ("📈", "=?utf-8?Q?=F0=9F=93=88?="),
        ("a\u{2028}b\u{85}c", "a b c"),
    ])
    func `subjects are one line of ASCII`(subject: String, expected: String) throws {
        var message = try makeMessage()
        message.subject = subject
        #expect(try header("Subject", of: message) == expected)
    }

    @Test(arguments: [
        String(repeating: "word ", count: 100), String(repeating: "ü", count: 200),
        String(repeating: "x", count: 2_000),
        String(repeating: "📈 ", count: 50), String(repeating: " ", count: 300),
        "x" + String(repeating: " ", count: 90),
    ])
    func `long subjects and names are folded`(subject: String) throws {
        var message = try makeMessage()
        message.subject = subject
        message.from = Mailbox(message.from.address, name: subject)
        message.html = subject
        let lines = try text(message).components(separatedBy: "\r\n")
        let head = lines.prefix { !$0.isEmpty }
        #expect(lines.allSatisfy { $0.utf8.count <= 998 })
        #expect(head.filter { $0.utf8.count > 78 }.allSatisfy { $0.trimmingSpaces().utf8.count <= 78 })
        #expect(!head.dropFirst().contains { $0.trimmingSpaces().isEmpty })
        let words = head.flatMap { $0.split(separator: " ") }.filter { $0.hasPrefix("=?") }
        #expect(words.allSatisfy { $0.utf8.count <= 75 && $0.hasSuffix("?=") })
    }

    @Test(arguments: [
        ("Ada", "\"Ada\""), ("Love, \"Ada\" \\", "\"Love, \\\"Ada\\\" \\\\\""),
        ("Ada\r\nBcc: x@y", "=?utf-8?Q?Ada__Bcc=3A_x=40y?="), ("Zoë, M.", "=?utf-8?Q?Zo=C3=AB=2C_M=2E?="),
    ])
    func `display names are quoted or encoded`(name: String, expected: String) throws {
        var message = try makeMessage()
        message.to = Mailbox(message.to.address, name: name)
        #expect(try header("To", of: message) == expected + "\r\n <alice@example.com>")
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (-1, "Wed, 31 Dec 1969 23:59:59 +0000"), (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 +0000"),
        (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 +0000"),
        (1_735_689_599, "Tue, 31 Dec 2024 23:59:59 +0000"),
    ])
    func `dates are those of the calendar`(seconds: Int64, date: String) throws {
        var message = try makeMessage()
        message.date = seconds
        #expect(try header("Date", of: message) == date)
    }

    @Test(arguments: [
        "", "a@b", "<a>", "<a@b>\r\nBcc: <x@y>", "<a b@c>", "<ü@b>", "<a@b> <c@d>", "<a@b\u{0}>",
    ])
    func `message names are checked`(name: String) throws {
        for path in [\MIMEMessage.messageID, \.first] {
            var message = try makeMessage()
            message[keyPath: path] = name
            #expect(throws: MIMEMessage.Malformed.self) { try message.bytes() }
        }
        var message = try makeMessage()
        message.inReplyTo = name
        #expect(throws: MIMEMessage.Malformed.self) { try message.bytes() }
    }

    @Test(arguments: [
        ("X-A", "1\r\nBcc: x@y"), ("X-A", "ü"), ("X-A\r\nBcc", "1"), ("X A", "1"), ("X-A", "1\u{0}"),
    ])
    func `further headers are checked`(name: String, value: String) throws {
        var message = try makeMessage()
        message.headers = [(name, value)]
        #expect(throws: MIMEMessage.Malformed.self) { try message.bytes() }
    }

    @Test(arguments: [
        "a@b", "alice@example.com", "a.b+c@x-1.example", "o'neil=x@example.co.uk", "!#$%&'*+-/=?^_`{|}~@b",
        String(repeating: "x", count: 64) + "@example.com",
    ])
    func `addresses are read`(text: String) {
        #expect(MailAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b c", "a@b\r\nRCPT TO:<x@y>", "a\r\n@b", "a@b\u{0}",
        "a@b\n",
        "<a@b>", "a@b>", "\"a\"@b", "a@[127.0.0.1]", "a..b@c", ".a@b", "a.@b", "a@b..c", "a@.b", "a@b.",
        "a@-b",
        "a@b-", "ü@b", "a@ü", "a,b@c", "a@b,c@d", "a@b (c)", String(repeating: "x", count: 65) + "@b",
        "a@" + String(repeating: "x", count: 64), "a@" + String(repeating: "x.", count: 127) + "x",
    ])
    func `what is no plain address is refused`(text: String) {
        #expect(MailAddress(text) == nil)
    }

    @Test(arguments: [
        "ü\r\n", String(repeating: " ", count: 1500), "a" + String(repeating: " b", count: 900),
    ])
    func `every message can be sent`(subject: String) throws {
        var message = try makeMessage()
        message.subject = subject
        message.text = String(repeating: "long line ", count: 500) + "\n.\r.\n"
        message.html = message.text
        let address = try #require(MailAddress("a@b"))
        #expect(SMTPMessage(sender: address, recipient: address, data: try message.bytes()) != nil)
    }
}

extension MIMEMessage {
    /// The first reference, to set it by key path.
    fileprivate var first: String {
        get { references.first ?? "" }
        set { references = [newValue] }
    }
}

extension String {
    fileprivate func components(separatedBy separator: String) -> [String] {
        split(separator: separator, omittingEmptySubsequences: false).map(String.init)
    }

    fileprivate func trimmingSpaces() -> Substring {
        let start = drop { $0 == " " }
        return start.lastIndex { $0 != " " }.map { start[...$0] } ?? ""
    }
}
