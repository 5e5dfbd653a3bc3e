package import JSON

/// An alert before it is stored.
package struct AlertDraft: Sendable, Hashable {
    /// How long the fields of an alert may be.
    package enum Bounds {
        package static let typeCharacters = 64
        package static let titleCharacters = 200
        package static let detailCharacters = 4000
        package static let dedupKeyCharacters = 200
        package static let commentCharacters = 500
        package static let evidenceBytes = 16 * 1024
    }

    /// Who raises what Countersign itself notices.
    package static let system = "system"

    package var type: String
    package var priority: AlertPriority
    /// What happened, in one line.
    package var title: String
    /// What it means and what to do; may be empty.
    package var detail: String
    package var evidence: JSONObject
    /// What it is about: `symbol:NVDA`, `order:…`, `channel:…`.
    package var subject: String?
    /// Who raised it, in the journal's words.
    package var source: String
    /// While an alert of the same source and key is open, raising it again only counts.
    package var dedupKey: String
    /// The kind of message that tells it first.
    package var messageKind = "alert-raised"
    /// Whether a message of its own tells it already, so that this one is not told a second time.
    package var isToldElsewhere = false

    /// An alert that Countersign raises by itself.
    package init(
        _ type: AlertType, priority: AlertPriority? = nil, title: String, detail: String = "",
        evidence: JSONObject = [:], subject: String? = nil, dedupKey: String
    ) {
        self.type = type.rawValue
        self.priority = priority ?? type.priority
        self.title = title
        self.detail = detail
        self.evidence = evidence
        self.subject = subject
        source = Self.system
        self.dedupKey = dedupKey
    }

    /// Reads the body of a request by a bot, a monitor or a person.
    ///
    /// Where no `dedup_key` is given, type and title are it: the same words again are the same alert.
    package static func parse(
        _ document: JSONValue, source: String
    ) throws(ValidationFailure) -> AlertDraft {
        let reader = JSONReader(document)
        guard document.objectValue != nil else { throw ValidationFailure(faults: reader.faults) }
        let type = type(reader)
        let priority = reader.choice("priority", AlertPriority.self) ?? .high
        let title = reader.words("title", maxCharacters: Bounds.titleCharacters)
        if reader.value("title") == nil { reader.missing("title") }
        if let title, title.allSatisfy(\.isWhitespace) { reader.fault("title", "must not be blank") }
        let detail =
            reader.value("detail")?.stringValue == ""
            ? nil : reader.words("detail", maxCharacters: Bounds.detailCharacters, severalLines: true)
        let key = reader.words("dedup_key", maxCharacters: Bounds.dedupKeyCharacters)
        let symbol = reader.words("symbol", maxCharacters: 32)
        if let symbol, !OrderShape.isSymbol(symbol) {
            reader.fault("symbol", "must be a symbol such as NVDA")
        }
        let evidence = evidence(reader)
        reader.refuseUnknown()
        guard reader.faults.isEmpty, let type, let title else {
            throw ValidationFailure(faults: reader.faults)
        }
        var draft = AlertDraft(
            .executionFailure, priority: priority, title: title, detail: detail ?? "",
            evidence: evidence ?? [:], subject: symbol.map { "symbol:\($0)" },
            dedupKey: key ?? "\(type): \(title)")
        draft.type = type
        draft.source = source
        return draft
    }

    private static func type(_ reader: JSONReader) -> String? {
        guard let type = reader.string("type", maxCharacters: Bounds.typeCharacters) else {
            if reader.value("type") == nil { reader.missing("type") }
            return nil
        }
        guard isType(type) else {
            reader.fault("type", "must be a word such as data_feed_late: small letters, digits and _")
            return nil
        }
        return type
    }

    /// Whether a text may be the type of an alert.
    package static func isType(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= Bounds.typeCharacters,
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first)
        else { return false }
        return text.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }

    private static func evidence(_ reader: JSONReader) -> JSONObject? {
        guard let value = reader.value("evidence") else { return nil }
        guard let object = value.objectValue else {
            reader.fault("evidence", "must be an object, not \(value.kindName)")
            return nil
        }
        guard value.bytes().count <= Bounds.evidenceBytes else {
            reader.fault("evidence", "must be at most \(Bounds.evidenceBytes) bytes as JSON")
            return nil
        }
        guard EvidenceNumbers.areStorable(value) else {
            reader.fault("evidence", "contains a number with an exponent beyond 300")
            return nil
        }
        return object
    }
}
