package import Domain

/// What a message says, before it is dressed for a medium.
///
/// All channels say the same.
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

    package var tone: Tone
    /// Nil where it is not about an order.
    package var mode: TradingMode?
    /// What it is about, in one line: `Approve? BUY 400 NVDA LIMIT 118.20 DAY`.
    package var title: String
    /// What happened or is asked, in sentences.
    package var summary: String
    package var facts: [Fact] = []
    /// Checks that warn, spelled out.
    package var warnings: [String] = []
    /// Why the bot wants it, in its own words.
    package var rationale: String?
    /// The one link, called "Review".
    package var link: String?
    /// The proposal, by which mails are threaded.
    package var proposalID: Identifier?
    package var writtenAt: Timestamp

    /// The title with the mode in front: `PAPER · Approve? …`.
    package var headline: String {
        guard let mode else { return title }
        return "\(mode.rawValue.uppercased()) · \(title)"
    }

    mutating func add(_ label: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        facts.append(Fact(label: label, value: PlainText.line(value, limit: 200)))
    }
}

extension Message {
    /// The message as plain text: what mail carries and what `/deliveries` shows.
    package var plainText: String {
        var blocks = [headline, summary]
        if !facts.isEmpty { blocks.append(facts.map { "\($0.label): \($0.value)" }.joined(separator: "\n")) }
        if !warnings.isEmpty {
            blocks.append("Warnings:\n" + warnings.map { "- \($0)" }.joined(separator: "\n"))
        }
        if let rationale { blocks.append("Why, says the bot:\n\(rationale)") }
        if let link { blocks.append("Review: \(link)") }
        return blocks.filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }
}
