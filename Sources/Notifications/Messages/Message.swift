package import Domain
package import JSON

/// What a message says, before it is dressed for a medium.
///
/// All channels say the same. A medium puts it together in this order: headline, matter, summary, results,
/// facts, warnings, rationale, link.
package struct Message: Sendable, Hashable {
    /// What kind of news it is; a channel may colour it.
    package enum Tone: Sendable, Hashable {
        case asks, good, bad, neutral, alarm
    }

    /// One labelled line.
    ///
    /// The label is ours; the value may hold what others wrote.
    package struct Fact: Sendable, Hashable {
        package let label: String
        package let value: String
    }

    /// How the matter stands now, whatever the news was that this message brings: what a message that is changed
    /// in place says at its head.
    package struct Standing: Sendable, Hashable {
        package let tone: Tone
        package let title: String
        package let summary: String
    }

    package var tone: Tone
    /// Nil where it is not about an order.
    package var mode: TradingMode?
    /// The news in one line, as for a mail's subject: `approve BUY 400 NVDA, $47,280 by 14:32 New York`.
    package var title: String
    /// The order it is about, in full: `BUY 400 NVDA LIMIT 118.20 DAY, about $47,280`.
    package var matter: String?
    /// What happened or is asked, in sentences.
    package var summary: String
    package var standing: Standing?
    /// Who decided, when and how, and what became of the order.
    package var results: [Fact] = []
    package var facts: [Fact] = []
    /// Checks that warn, spelled out.
    package var warnings: [String] = []
    /// Why the bot wants it, in its own words.
    package var rationale: String?
    /// Parts with a heading, of reports; only mail and pages show them.
    package var sections: [ReportSheet.Section] = []
    /// The document of the report that it brings, for its charts.
    package var report: JSONValue?
    /// The one link.
    package var link: String?
    /// What the link is called.
    package var linkLabel = "Review"
    /// The proposal it is about.
    package var proposalID: Identifier?
    /// What it is about, by which mails are threaded: `proposal:…`, `report:daily:2026-11-24`.
    package var thread: String?
    package var writtenAt: Timestamp

    /// The title with the mode in front: `PAPER: approve …`.
    package var headline: String {
        guard let mode else { return title }
        return "\(mode.rawValue.uppercased()): \(title)"
    }

    /// The message as it reads where an older one is changed in place.
    package var changed: Message {
        guard let standing else { return self }
        var message = self
        message.tone = standing.tone
        message.title = standing.title
        message.summary = standing.summary
        return message
    }

    /// The news alone, for where all the rest stands right above it.
    package var short: Message {
        var message = self
        message.facts = []
        message.warnings = []
        message.rationale = nil
        return message
    }

    mutating func add(_ label: String, _ value: String?, limit: Int = 200) {
        guard let fact = Fact(label, value, limit: limit) else { return }
        facts.append(fact)
    }

    mutating func addResult(_ label: String, _ value: String?, limit: Int = 400) {
        guard let fact = Fact(label, value, limit: limit) else { return }
        results.append(fact)
    }
}

extension Message.Fact {
    /// A line, or nil where there is nothing to tell.
    fileprivate init?(_ label: String, _ value: String?, limit: Int) {
        guard let value else { return nil }
        let line = PlainText.line(PlainText.unlinked(value), limit: limit)
        guard !line.isEmpty else { return nil }
        self.init(label: label, value: line)
    }

    fileprivate var line: String { "\(label): \(value)" }
}

extension Message {
    /// The message as plain text: what mail carries and what `/deliveries` shows.
    package var plainText: String {
        var blocks = [headline, matter ?? "", summary]
        blocks.append(results.map(\.line).joined(separator: "\n"))
        blocks.append(facts.map(\.line).joined(separator: "\n"))
        if !warnings.isEmpty {
            blocks.append("Warnings:\n" + warnings.map { "- \($0)" }.joined(separator: "\n"))
        }
        if let rationale { blocks.append("Why, says the bot:\n\(rationale)") }
        blocks += sections.map { PlainText.unlinked($0.plainText) }
        if let link { blocks.append("\(linkLabel): \(link)") }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }
}
