/// A mail as RFC 5322 and MIME want it: text, and the same in HTML for readers that show it.
package struct MIMEMessage: Sendable {
    /// Something that cannot stand in a mail's head.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// A picture in the mail itself.
    package struct Picture: Sendable, Hashable {
        /// Letters, digits and dashes; with `@` and a host it is the part's Content-ID.
        package let name: String
        /// What it shows, for those who do not see it.
        package let words: String
        /// A PNG file's bytes.
        package let bytes: [UInt8]

        /// A picture.
        package init(name: String, words: String, bytes: [UInt8]) {
            self.name = name
            self.words = words
            self.bytes = bytes
        }

        /// The HTML calls it `cid:` and this.
        fileprivate var contentID: String { "\(name)@picture.countersign.invalid" }
    }

    package var from: Mailbox
    package var to: Mailbox
    package var replyTo: Mailbox?
    /// Any text; control characters become spaces.
    package var subject: String
    /// When it was written, in seconds since 1970.
    package var date: Int64
    /// `<name@domain>`; the same again when the same mail is sent again.
    package var messageID: String
    /// `<name@domain>` of the mail this one belongs under; it need not exist.
    package var inReplyTo: String?
    package var references: [String] = []
    /// The value of RFC 3834 that keeps robots from answering; nil leaves the header out.
    package var autoSubmitted: String? = "auto-generated"
    /// Further headers; ASCII values.
    package var headers: [(String, String)] = []
    package var text: String
    package var html: String?
    /// Pictures that the HTML shows by `cid:` and their names.
    package var pictures: [Picture] = []

    package init(
        from: Mailbox, to: Mailbox, subject: String, date: Int64, messageID: String, text: String,
        html: String? = nil
    ) {
        self.from = from
        self.to = to
        self.subject = subject
        self.date = date
        self.messageID = messageID
        self.text = text
        self.html = html
    }

    /// The whole message, every line ended by CR LF and none longer than 998 characters.
    package func bytes() throws(Malformed) -> [UInt8] {
        var head: [(String, String)] = [
            ("Date", MailText.date(secondsSince1970: date)),
            ("From", Self.value(of: from)),
            ("To", Self.value(of: to)),
        ]
        if let replyTo { head.append(("Reply-To", Self.value(of: replyTo))) }
        head.append(("Subject", MailText.unstructured(subject, after: "Subject")))
        head.append(("Message-ID", try Self.identifier(messageID)))
        if let inReplyTo { head.append(("In-Reply-To", try Self.identifier(inReplyTo))) }
        if !references.isEmpty { head.append(("References", try Self.identifiers(references))) }
        if let autoSubmitted {
            head.append(("Auto-Submitted", try Self.plain(autoSubmitted, "Auto-Submitted")))
        }
        for (name, value) in headers {
            guard HeaderRules.isToken(name) else {
                throw Malformed(description: "\(name) is no header's name")
            }
            head.append((name, try Self.plain(value, name)))
        }
        head.append(("MIME-Version", "1.0"))
        return Self.lines(head) + body()
    }

    /// Never in a quoted-printable body, where every "=" is followed by digits or a line end.
    private static let boundary = "=_part"

    private func body() -> [UInt8] {
        let plain = Self.part("text/plain", text)
        guard let html else { return plain }
        let opening = Array("--\(Self.boundary)\r\n".utf8)
        return Self.lines([("Content-Type", "multipart/alternative; boundary=\"\(Self.boundary)\"")])
            + [13, 10] + opening + plain + opening + rich(html)
            + Array("--\(Self.boundary)--\r\n".utf8)
    }

    /// Never in Base64 either: an underscore is none of its signs.
    private static let relatedBoundary = "=_related"

    /// The HTML, with its pictures where it has some.
    private func rich(_ html: String) -> [UInt8] {
        let page = Self.part("text/html", html)
        guard !pictures.isEmpty else { return page }
        let opening = Array("--\(Self.relatedBoundary)\r\n".utf8)
        let parts = pictures.flatMap { picture in
            opening
                + Self.lines([
                    ("Content-Type", "image/png"), ("Content-Transfer-Encoding", "base64"),
                    ("Content-ID", "<\(picture.contentID)>"),
                    ("Content-Disposition", "inline; filename=\"\(picture.name).png\""),
                ]) + [13, 10] + MailText.base64(picture.bytes)
        }
        return Self.lines([
            ("Content-Type", "multipart/related; type=\"text/html\"; boundary=\"\(Self.relatedBoundary)\"")
        ]) + [13, 10] + opening + page + parts + Array("--\(Self.relatedBoundary)--\r\n".utf8)
    }

    private static func part(_ type: String, _ text: String) -> [UInt8] {
        lines([
            ("Content-Type", "\(type); charset=utf-8"), ("Content-Transfer-Encoding", "quoted-printable"),
        ]) + [13, 10] + MailText.quotedPrintable(text)
    }

    private static func lines(_ headers: [(String, String)]) -> [UInt8] {
        headers.flatMap { Array("\($0.0): \($0.1)\r\n".utf8) }
    }

    private static func value(of mailbox: Mailbox) -> String {
        guard let name = mailbox.name, !name.isEmpty else { return mailbox.address.description }
        return "\(MailText.phrase(name))\r\n <\(mailbox.address)>"
    }

    private static func identifiers(_ texts: [String]) throws(Malformed) -> String {
        var checked: [String] = []
        for text in texts { checked.append(try identifier(text)) }
        return checked.joined(separator: "\r\n ")
    }

    private static func identifier(_ text: String) throws(Malformed) -> String {
        let isMarked = text.hasPrefix("<") && text.hasSuffix(">")
        guard isMarked, text.utf8.count <= 250, MailAddress(String(text.dropFirst().dropLast())) != nil else {
            throw Malformed(description: "a message is named <name@domain>, in ASCII and without spaces")
        }
        return text
    }

    private static func plain(_ text: String, _ name: String) throws(Malformed) -> String {
        guard text.utf8.count <= 900, text.utf8.allSatisfy({ (32...126).contains($0) }) else {
            throw Malformed(description: "the header \(name) may hold printable ASCII only, on one line")
        }
        return text
    }
}
