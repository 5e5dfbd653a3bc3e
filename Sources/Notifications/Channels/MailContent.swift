import Domain
import HTTPClient

/// A message as a mail: text, and the same in HTML.
///
/// Mails on one proposal hang together by an identity that no mail has: their common root.
enum MailContent {
    static func mail(
        _ message: Message, from: Mailbox, to: Mailbox, deliveryID: String, host: String
    ) throws(MIMEMessage.Malformed) -> [UInt8] {
        var mail = MIMEMessage(
            from: from, to: to, subject: "[Countersign] \(message.headline)",
            date: message.writtenAt.microseconds / 1_000_000, messageID: "<\(deliveryID)@\(host)>",
            text: message.plainText, html: html(message))
        if let proposalID = message.proposalID {
            let root = "<proposal-\(proposalID)@\(host)>"
            mail.inReplyTo = root
            mail.references = [root]
            mail.headers.append(("X-Countersign-Proposal", proposalID.text))
        }
        mail.headers.append(("X-Auto-Response-Suppress", "All"))
        return try mail.bytes()
    }

    static func html(_ message: Message) -> String {
        var parts = [
            "<h1 style=\"font-size:20px;margin:0 0 12px\">\(escape(message.headline))</h1>",
            "<p>\(escape(message.summary))</p>",
        ]
        if !message.facts.isEmpty {
            let rows = message.facts.map {
                "<tr><th align=\"left\" style=\"padding:2px 16px 2px 0;font-weight:600\">\(escape($0.label))</th>"
                    + "<td style=\"padding:2px 0\">\(escape($0.value))</td></tr>"
            }
            parts.append("<table style=\"border-collapse:collapse\">\(rows.joined(separator: "\n"))</table>")
        }
        if !message.warnings.isEmpty {
            let items = message.warnings.map { "<li>\(escape($0))</li>" }.joined(separator: "\n")
            parts.append("<p><b>Warnings</b></p>\n<ul>\(items)</ul>")
        }
        if let rationale = message.rationale {
            let text = escape(rationale).replacing("\n", with: "<br>\n")
            parts.append("<p><b>Why, says the bot</b><br>\n\(text)</p>")
        }
        if let link = message.link {
            parts.append(
                "<p style=\"margin:20px 0\"><a href=\"\(escape(link))\" style=\"background:#0b5fff;color:#ffffff;"
                    + "padding:12px 20px;text-decoration:none;border-radius:4px\">Review</a></p>\n"
                    + "<p style=\"color:#555555;font-size:13px\">Opening the link decides nothing; "
                    + "deciding takes your PIN or a session.</p>")
        }
        return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>"
            + "\(escape(message.headline))</title></head>\n"
            + "<body style=\"font-family:sans-serif;font-size:16px;color:#111111;max-width:640px\">\n"
            + parts.joined(separator: "\n") + "\n</body></html>\n"
    }

    /// Text in HTML, in content as well as in attributes within double quotes.
    static func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
    }
}
