// The journal as a chain: each hash covers the one before it and the whole entry, so that no entry can be changed,
// taken out or moved without every later hash changing. docs/journal.md says how to check it without this program.

/// An entry of the journal.
package struct JournalEntry: Sendable, Hashable {
    package let id: Int
    package let at: Timestamp
    /// What happened: `proposal.created`.
    package let kind: String
    /// Who did it: `user:alice`, `key:dee-bot`, `system`.
    package let actor: String
    /// What it happened to: `proposal:<id>`.
    package let subject: String
    /// The particulars as the text of a JSON object; its bytes are what is hashed.
    package let data: String

    /// An entry.
    package init(id: Int, at: Timestamp, kind: String, actor: String, subject: String, data: String) {
        self.id = id
        self.at = at
        self.kind = kind
        self.actor = actor
        self.subject = subject
        self.data = data
    }
}

/// How entries are bound to each other.
package enum JournalChain {
    /// SHA-256, given by whoever has one: rules know no cryptography.
    package typealias Digest = @Sendable ([UInt8]) -> [UInt8]

    /// What stands before the first entry.
    package static let beginning = [UInt8](repeating: 0, count: 32)

    /// The hash of an entry at its position: SHA-256 of the hash before it and of `position`, `id`, `at`, `kind`,
    /// `actor`, `subject` and `data` as netstrings.
    package static func hash(
        after previous: [UInt8], position: Int, entry: JournalEntry, digest: Digest
    ) -> [UInt8] {
        let fields = [
            String(position), String(entry.id), entry.at.rfc3339, entry.kind, entry.actor, entry.subject,
            entry.data,
        ]
        return digest(previous + Netstring.join(fields))
    }
}

/// Texts put behind each other so that no two lists of texts give the same bytes: `5:hello,`.
enum Netstring {
    static func join(_ texts: [String]) -> [UInt8] {
        var bytes: [UInt8] = []
        for text in texts {
            bytes.append(contentsOf: "\(text.utf8.count):".utf8)
            bytes.append(contentsOf: text.utf8)
            bytes.append(UInt8(ascii: ","))
        }
        return bytes
    }
}
