package import Domain
import HTTPClient
package import JSON
package import Templates

/// Writes messages as mails: text, and the same in HTML.
///
/// Mails on one proposal hang together by an identity that no mail has: their common root.
package struct MailContent: Sendable {
    /// The template of the HTML part.
    static let template = "mail/message.html"

    private let templates: TemplateSet
    private let draw: Draw

    /// Draws a chart of a report as PNG; nil where it cannot.
    package typealias Draw = @Sendable (_ chart: ReportChart, _ report: JSONValue) async -> [UInt8]?

    /// A writer whose HTML comes from these templates, and whose charts are drawn by this.
    package init(templates: TemplateSet, draw: @escaping Draw = { _, _ in nil }) {
        self.templates = templates
        self.draw = draw
    }

    /// The charts of the report that a message brings; those that cannot be drawn are left out.
    func pictures(_ message: Message) async -> [MIMEMessage.Picture] {
        guard let report = message.report else { return [] }
        var pictures: [MIMEMessage.Picture] = []
        for chart in message.sections.compactMap(\.chart) {
            guard let bytes = await draw(chart, report) else { continue }
            pictures.append(.init(name: chart.rawValue, words: chart.words(report), bytes: bytes))
        }
        return pictures
    }

    /// Why a mail could not be written, for people.
    struct Unwritable: Error {
        let reason: String
    }

    /// The whole mail as it goes over the wire.
    func mail(
        _ message: Message, from: Mailbox, to: Mailbox, deliveryID: String, host: String,
        pictures: [MIMEMessage.Picture] = []
    ) throws(Unwritable) -> [UInt8] {
        var mail = MIMEMessage(
            from: from, to: to, subject: message.headline,
            date: message.writtenAt.microseconds / 1_000_000, messageID: "<\(deliveryID)@\(host)>",
            text: message.plainText, html: try html(message, pictures))
        mail.pictures = pictures
        if let thread = message.thread ?? message.proposalID.map({ "proposal:\($0)" }) {
            let root = "<\(Self.identity(thread))@\(host)>"
            mail.inReplyTo = root
            mail.references = [root]
        }
        if let proposalID = message.proposalID {
            mail.headers.append(("X-Countersign-Proposal", proposalID.text))
        }
        mail.headers.append(("X-Auto-Response-Suppress", "All"))
        do {
            return try mail.bytes()
        } catch {
            throw Unwritable(reason: error.description)
        }
    }

    /// What a subject is called in the identity of a mail: letters, digits, dots and dashes.
    static func identity(_ thread: String) -> String {
        String(
            thread.utf8.prefix(120).map { byte in
                let character = Character(Unicode.Scalar(byte))
                return character.isASCII && (character.isLetter || character.isNumber) || character == "."
                    ? character : "-"
            })
    }

    /// The HTML part.
    func html(_ message: Message, _ pictures: [MIMEMessage.Picture] = []) throws(Unwritable) -> String {
        do {
            return try templates.render(Self.template, Self.values(message, pictures))
        } catch {
            throw Unwritable(reason: error.description)
        }
    }

    private static func values(
        _ message: Message, _ pictures: [MIMEMessage.Picture]
    ) -> TemplateValues {
        let rationale = message.rationale.map { $0.split(separator: "\n", omittingEmptySubsequences: false) }
        return [
            "SUBJECT": .text(message.headline), "TITLE": .text(message.title.firstLetterRaised),
            "MODE": .text(message.mode?.rawValue.uppercased() ?? ""),
            "MODE_WORDS": .text(message.mode == .live ? "real money" : "simulated money"),
            "IS_LIVE": .shown(message.mode == .live), "MATTER": .text(message.matter ?? ""),
            "SUMMARY": .text(message.summary), "TONE_COLOR": .text(color(message.tone)),
            "RESULTS": .sections(message.results.map(values)),
            "HAS_RESULTS": .shown(!message.results.isEmpty),
            "FACTS": .sections(message.facts.map(values)), "HAS_FACTS": .shown(!message.facts.isEmpty),
            "WARNINGS": .sections(message.warnings.map { ["WARNING": .text($0)] }),
            "HAS_WARNINGS": .shown(!message.warnings.isEmpty),
            "RATIONALE": .sections((rationale ?? []).map { ["LINE": .text(String($0))] }),
            "HAS_RATIONALE": .shown(rationale != nil),
            "SECTIONS": .sections(message.sections.map { values($0, pictures) }),
            "LINK": .text(message.link ?? ""), "LINK_LABEL": .text(message.linkLabel),
            "ASKS": .shown(message.tone == .asks),
        ]
    }

    private static func values(_ fact: Message.Fact) -> TemplateValues {
        ["LABEL": .text(fact.label), "VALUE": .text(fact.value)]
    }

    private static func values(
        _ section: ReportSheet.Section, _ pictures: [MIMEMessage.Picture]
    ) -> TemplateValues {
        let picture = pictures.first { $0.name == section.chart?.rawValue }
        // A mail has no style sheet that could tell a phone from a desk: what may be wider than a phone is told in cards.
        let isWide = section.columns.count > 3
        return [
            "PICTURE": .text(picture?.name ?? ""), "PICTURE_WORDS": .text(picture?.words ?? ""),
            "NO_PICTURE": .shown(section.chart != nil && picture == nil),
            "HEADING": .text(section.title), "NOTE": .text(section.note ?? ""),
            "HAS_FACTS": .shown(!section.facts.isEmpty),
            "FACTS": .sections(
                section.facts.map { ["LABEL": .text($0.label), "VALUE": .text(shown($0.value))] }),
            "HAS_TABLE": .shown(!section.columns.isEmpty && !isWide),
            "HAS_CARDS": .shown(isWide),
            "COLUMNS": .sections(section.columns.map { ["COLUMN": .text($0)] }),
            "ROWS": .sections(
                section.rows.map { row in
                    [
                        "HEAD": .text(row.first.map(shown) ?? ""),
                        // A day or a symbol stays in one line.
                        "IS_SHORT": .shown((row.first?.text.count ?? 0) <= 16),
                        "CELLS": .sections(
                            zip(section.columns, row).dropFirst().map { column, cell in
                                ["COLUMN": .text(column), "VALUE": .text(shown(cell))]
                            }),
                    ]
                }),
        ]
    }

    private static func shown(_ cell: ReportSheet.Cell) -> String { PlainText.unlinked(cell.text) }

    private static func color(_ tone: Message.Tone) -> String {
        switch tone {
        case .asks: "#b26a00"
        case .good: "#2e7d32"
        case .bad: "#c62828"
        case .neutral: "#607d8b"
        case .alarm: "#8e0000"
        }
    }
}
