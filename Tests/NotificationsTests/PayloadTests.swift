import Domain
import HTTPClient
import JSON
import Postgres
import Store
import Testing

@testable import Notifications

/// What reaches a provider from the worst that a bot may write.
@Suite(.timeLimit(.minutes(10))) struct PayloadTests {
    static let hostile = [
        "<!channel> <!here> <@U123> <https://evil.example|Review>",
        "@everyone @here <@&1> [Review](https://evil.example)",
        "*bold* _it_ ~s~ `code` ```block``` > quote # head - item || spoiler ||",
        "\u{202E}gnp.exe\u{2066}\u{2069}",
        "</b><script>alert(1)</script>\" onload='x'", "a\r\nBcc: evil@example.com\r\n\r\n.\r\nQUIT",
        String(repeating: "0123456789", count: 1000), String(repeating: "👩‍👩‍👧‍👦", count: 1500), "\u{0}\u{1}\u{7F}",
        "",
        String(repeating: "<", count: 5000), String(repeating: "*", count: 5000),
    ]

    private func message(_ text: String) async throws -> Message {
        var message = Message(
            tone: .asks, mode: .paper, title: PlainText.line("Approve? \(text)", limit: 120),
            summary: "About $47,280.", rationale: PlainText.paragraphs(text, limit: 600),
            link: "https://gate.example.com/proposals/1?a=b&c=d", proposalID: Outbox.identifier(7),
            writtenAt: Timestamp(seconds: 1_795_000_000))
        for index in 0..<14 { message.add("Fact \(index)", text) }
        message.warnings = (0..<9).map { _ in PlainText.line(text, limit: 300) }
        return message
    }

    @Test(arguments: hostile.indices) func `Slack's limits hold and nothing is acted on`(index: Int)
        async throws
    {
        let text = Self.hostile[index]
        let payload = SlackPayload.webhook(try await message(text))
        let blocks = try #require(payload["blocks"]?.arrayValue)
        #expect(blocks.count <= 50)
        for block in blocks {
            let texts = [block["text"]].compactMap(\.self) + (block["fields"]?.arrayValue ?? [])
            #expect((block["fields"]?.arrayValue?.count ?? 0) <= 10)
            let limit = block["type"] == "header" ? 150 : block["fields"] != nil ? 2000 : 3000
            for text in texts {
                let content = try #require(text["text"]?.stringValue)
                #expect((1...limit).contains(content.unicodeScalars.count))
                // The only text that Slack interprets is the link that we wrote.
                if text["type"] == "mrkdwn" {
                    #expect(content == "*<https://gate.example.com/proposals/1?a=b&amp;c=d|Review>*")
                }
            }
        }
        let fallback = try #require(payload["text"]?.stringValue)
        #expect(!fallback.contains("<") && !fallback.contains(">"))
        #expect(payload["unfurl_links"] == false)
        expectClean(payload)
    }

    @Test(arguments: [(512, true, true), (513, false, true), (2048, false, true), (2049, false, false)])
    func `a link too long for a button stays in the title, and then is told in words`(
        length: Int, isButton: Bool, isInTitle: Bool
    ) async throws {
        let payload = DiscordPayload.post(try await message(linked: length))
        let embed = try #require(payload["embeds"]?.arrayValue?.first)
        #expect(payload["components"]?.arrayValue?.isEmpty == !isButton)
        #expect((embed["url"] != nil) == isInTitle)
        #expect(embed["description"]?.stringValue?.contains("address is too long") == !isInTitle)
    }

    @Test(arguments: [(2900, true), (3100, false)])
    func `a link too long for Slack's text is told in words`(length: Int, isLinked: Bool) async throws {
        let text = SlackPayload.webhook(try await message(linked: length)).serialized()
        #expect(text.contains("|Review>") == isLinked)
        #expect(text.contains("address is too long") == !isLinked)
    }

    private func message(linked length: Int) async throws -> Message {
        var message = try await message("x")
        let start = "https://gate.example.com/r/"
        message.link = start + String(repeating: "a", count: length - start.count)
        return message
    }

    @Test(arguments: hostile.indices) func `Discord's limits hold and nobody is mentioned`(index: Int)
        async throws
    {
        let text = Self.hostile[index]
        let payload = DiscordPayload.post(try await message(text))
        #expect(payload["allowed_mentions"]?["parse"]?.arrayValue == [])
        #expect(try #require(payload["content"]?.stringValue).utf16.count <= 2000)
        let embed = try #require(payload["embeds"]?[0])
        var total = 0
        func count(_ text: String?, _ limit: Int) {
            let count = text?.utf16.count ?? 0
            #expect(count <= limit)
            total += count
        }
        count(embed["title"]?.stringValue, 256)
        count(embed["description"]?.stringValue, 4096)
        for field in embed["fields"]?.arrayValue ?? [] {
            count(field["name"]?.stringValue, 256)
            count(field["value"]?.stringValue, 1024)
            #expect(field["value"]?.stringValue?.isEmpty == false)
        }
        #expect(total <= 6000)
        #expect((embed["fields"]?.arrayValue?.count ?? 0) <= 25)
        let texts = [embed["title"], embed["description"]].compactMap { $0?.stringValue }
        for text in texts { #expect(!text.replacing("\\[", with: "").contains("[Review]")) }
        let button = try #require(payload["components"]?[0]?["components"]?[0])
        #expect(button["url"] == "https://gate.example.com/proposals/1?a=b&c=d")
        #expect(button["style"] == 5)
        expectClean(payload)
    }

    @Test(arguments: hostile.indices) func `a mail is well formed, and its HTML is only ours`(index: Int)
        async throws
    {
        let text = Self.hostile[index]
        let message = try await message(text)
        let from = try #require(MailAddress("countersign@example.com"))
        let to = try #require(MailAddress("alice@example.com"))
        let data = try MailContent(templates: Outbox.templates.get()).mail(
            message, from: Mailbox(from, name: "Countersign"), to: Mailbox(to, name: "alice"),
            deliveryID: "d1",
            host: "gate.example.com")
        #expect(SMTPMessage(sender: from, recipient: to, data: data) != nil)
        let head = String(decoding: data, as: UTF8.self).prefix { $0 != "=" }
        #expect(!head.contains("\nBcc:"))
        let html = try MailContent(templates: Outbox.templates.get()).html(message)
        let tags = html.matches(of: /<\/?([a-zA-Z!][a-zA-Z0-9]*)/).map { String($0.1).lowercased() }
        let ours: Set<String> = [
            "!doctype", "html", "head", "meta", "title", "body", "h1", "p", "table", "tr", "th", "td", "b",
            "div",
            "ul", "li",
            "a", "br",
        ]
        #expect(Set(tags).isSubset(of: ours))
        #expect(html.matches(of: /href="/).count == 1)
        for fact in message.facts { #expect(message.plainText.contains(fact.value)) }
    }

    @Test func `a mail hangs under its proposal and keeps robots from answering`() async throws {
        let message = try await message("why")
        let address = try #require(MailAddress("alice@example.com"))
        let data = try MailContent(templates: Outbox.templates.get()).mail(
            message, from: Mailbox(address), to: Mailbox(address), deliveryID: "d1", host: "gate.example.com")
        let text = String(decoding: data, as: UTF8.self)
        let root = "<proposal-\(Outbox.identifier(7))@gate.example.com>"
        for line in [
            "Message-ID: <d1@gate.example.com>", "In-Reply-To: \(root)", "References: \(root)",
            "Auto-Submitted: auto-generated", "X-Auto-Response-Suppress: All", "Date: Wed, 18 Nov 2026",
            "Content-Type: multipart/alternative", "Content-Type: text/plain; charset=utf-8",
            "Content-Type: text/html; charset=utf-8",
        ] {
            #expect(text.contains("\r\n\(line)") || text.hasPrefix(line), "\(line)")
        }
    }

    /// No control characters besides line ends, no marks of direction, anywhere.
    private func expectClean(_ value: JSONValue) {
        switch value {
        case .string(let text):
            let bad = text.unicodeScalars.filter {
                ($0.value < 32 && $0 != "\n") || (0x202A...0x202E).contains($0.value)
                    || (0x2066...0x2069).contains($0.value) || $0.value == 127
            }
            #expect(bad.isEmpty)
        case .array(let elements): elements.forEach(expectClean)
        case .object(let object): object.members.forEach { expectClean($0.value) }
        case .encoded(let text): expectClean(text.value)
        case .null, .bool, .number: break
        }
    }
}
