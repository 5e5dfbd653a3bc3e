import Domain
import JSON
import Support
import Templates
import Testing

@testable import Notifications

/// What each kind of message says, on the sample trade.
struct MessageWordsTests {
    static let kinds = MessageSample.kinds
    static let outcomes = kinds.filter { $0.hasPrefix("proposal-") || $0.hasPrefix("order-") }

    private func preview(_ sample: MessageSample = MessageSample()) throws -> MessagePreview {
        var preview = MessagePreview(
            templates: try Outbox.templates.get(), publicURL: "https://gate.example.com")
        preview.sample = sample
        return preview
    }

    private func message(
        _ kind: String, _ medium: MessagePreview.Medium = .slack, _ sample: MessageSample = MessageSample()
    ) throws -> Message {
        try #require(try preview(sample).message(kind, for: medium))
    }

    private func result(_ label: String, _ message: Message) -> String? {
        message.results.first { $0.label == label }?.value
    }

    @Test func `a request carries all that a decision takes`() throws {
        let text = try message("approval-requested").plainText
        for part in [
            "PAPER: approve BUY 400 NVDA, $47,280 by 14:32 New York\n",
            "BUY 400 NVDA LIMIT 118.20 DAY, about $47,280\n", "Bot: dee-bot\n", "Strategy: gap_and_go\n",
            "Price now: $118.31 (12 s old), 0.22% above the bot's $118.05\n", "Stop loss: $109.80\n",
            "Take profit: $131.00\n", "Tier: large, 2 approvals\n", "Approvals: 0 of 2\n",
            "Deadline: 14:32 New York / 19:32 UTC; 27 min left at 14:05, then cancelled automatically\n",
            "Check code: 9f2c41\n", "- The position would be $47,280",
            "Why, says the bot:\nNVDA gapped up", "Review: https://gate.example.com/proposals/",
        ] {
            #expect(text.contains(part), "\(part)")
        }
        #expect(!text.contains("closes at 13:00"), "it is asked for at 14:05")
        #expect(text.components(of: "https://").count == 2, "one link")
    }

    @Test func `the mode stands first in every message`() throws {
        for kind in Self.kinds {
            var live = MessageSample()
            live.mode = .live
            #expect(try message(kind, .slack, live).headline.hasPrefix("LIVE: "), "\(kind)")
            #expect(try message(kind).headline.hasPrefix("PAPER: "), "\(kind)")
        }
    }

    @Test func `approvals so far are told with their times`() throws {
        let message = try message("approval-counted")
        #expect(message.title == "approve BUY 400 NVDA, $47,280 by 14:32 New York (1 of 2 so far)")
        #expect(message.facts.contains { $0.value == "1 of 2: Ana 14:03" })
        #expect(message.summary.hasPrefix("1 more approval is needed."))
    }

    @Test(arguments: [
        ("proposal-rejected", "BUY 400 NVDA rejected by Ben", "Rejected"),
        ("proposal-expired", "BUY 400 NVDA expired, nobody answered", "Expired"),
        ("proposal-withdrawn", "BUY 400 NVDA withdrawn by the bot", "Withdrawn"),
        ("proposal-cancelled", "BUY 400 NVDA cancelled by a halt", "Cancelled"),
        ("proposal-released", "BUY 400 NVDA approved by Ana and Ben and released", "Approved"),
        ("proposal-refused", "BUY 400 NVDA approved, then refused by a check", "Refused"),
        ("proposal-revoked", "BUY 400 NVDA approval taken back by Ana", "Revoked"),
        ("order-filled", "BUY 400 NVDA filled at $118.10", "Order"),
        ("order-rejected", "BUY 400 NVDA rejected, not traded", "Order"),
        ("order-cancelled", "BUY 400 NVDA cancelled by a halt", "Halt"),
    ]) func `outcomes say what, and who, when and how`(kind: String, title: String, label: String) throws {
        let message = try message(kind)
        #expect(message.title == title)
        #expect(result(label, message) != nil)
        #expect(message.linkLabel == "Receipt")
        #expect(!message.plainText.contains("Deadline"))
    }

    @Test func `a decision is told with moment, proof and comment`() throws {
        #expect(
            try result("Rejected", message("proposal-rejected"))
                == "by Ben at 14:04 New York / 19:04 UTC, with the PIN: Volume confirms it.")
        #expect(
            try result("Order", message("order-filled")) == "filled, 400 of 400 at $118.10 on average")
        #expect(
            try result("Halt", message("proposal-cancelled"))
                == "the whole account, by olga: daily loss limit reached")
        let refused = try message("order-refused")
        #expect(result("Order", refused)?.contains("0.5% is allowed") == true)
    }

    @Test(arguments: ["proposal-expired"]) func `nobody answered is never a rejection`(kind: String) throws {
        let message = try message(kind)
        for text in [message.plainText, message.changed.plainText, message.short.plainText] {
            #expect(text.contains("expired, nobody answered"))
            #expect(!text.lowercased().contains("reject"))
        }
    }

    @Test func `what is changed in place tells how it stands, whichever news brings it`() throws {
        let sample = MessageSample()
        let filled = try #require(sample.subject("order-filled"))
        let late = Subject(
            kind: "proposal-released", proposal: filled.proposal, decisions: filled.decisions,
            order: filled.order, now: filled.now)
        let writer = MessageWriter(links: MessageLinks(publicURL: "https://x.example", key: Outbox.linkKey))
        let message = writer.message(on: late, for: nil)
        #expect(message.title == "BUY 400 NVDA approved by Ana and Ben and released")
        #expect(message.changed.title == "BUY 400 NVDA filled at $118.10")
        #expect(message.changed.tone == .good)
    }

    @Test(arguments: outcomes) func `a reply has the news and the link, and none of the rest`(kind: String)
        throws
    {
        let short = try message(kind).short
        #expect(short.facts.isEmpty && short.warnings.isEmpty && short.rationale == nil)
        #expect(!short.results.isEmpty || kind == "proposal-blocked", "\(kind)")
        #expect(short.link != nil)
    }

    @Test(arguments: kinds) func `text and HTML of a mail say the same`(kind: String) throws {
        let preview = try preview()
        let message = try message(kind, .email)
        let parts = try preview.mailParts(message)
        let html = try #require(parts["html"]?.stringValue)
        let said =
            [message.summary, message.matter, message.link].compactMap(\.self) + message.warnings
            + (message.results + message.facts).flatMap { [$0.label, $0.value] }
        let plain = unescaped(html)
        for text in said { #expect(plain.contains(text), "\(kind): \(text)") }
        #expect(html.components(of: "href=").count == (message.link == nil ? 1 : 2))
        for remote in ["src=", "url(", "<link", "<script", "@import", "<style"] {
            #expect(!html.contains(remote), "\(remote)")
        }
    }

    private func unescaped(_ html: String) -> String {
        html.replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
            .replacing("&#39;", with: "'").replacing("&amp;", with: "&")
    }
}

extension String {
    fileprivate func components(of separator: String) -> [Substring] {
        split(separator: separator, omittingEmptySubsequences: false)
    }
}
