// What others wrote is made harmless in two steps: here for every medium (no control characters, no marks that turn
// the direction of writing, no endless texts), then by each channel, which escapes what its medium would act on.

/// Text from outside on its way into a message.
package enum PlainText {
    /// One line, cut to so many code points.
    package static func line(_ text: String, limit: Int) -> String {
        let words = String(String.UnicodeScalarView(visible(text).map { isBreak($0) ? " " : $0 }))
        return cut(words.split(separator: " ").joined(separator: " "), limit: limit)
    }

    /// Several lines, never more than one empty one in a row, cut to so many code points.
    package static func paragraphs(_ text: String, limit: Int) -> String {
        let unified = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        let lines = String(String.UnicodeScalarView(visible(unified)))
            .split(separator: "\n", omittingEmptySubsequences: false)
            .map { line(String($0), limit: limit) }
        var kept: [String] = []
        for line in lines where !(line.isEmpty && (kept.last?.isEmpty ?? true)) { kept.append(line) }
        if kept.last?.isEmpty == true { kept.removeLast() }
        return cut(kept.joined(separator: "\n"), limit: limit)
    }

    /// The text, or its beginning and an ellipsis, in at most so many code points.
    package static func cut(_ text: String, limit: Int) -> String {
        guard text.unicodeScalars.count > limit else { return text }
        return String(String.UnicodeScalarView(text.unicodeScalars.prefix(max(limit - 1, 0)))) + "…"
    }

    /// The text without addresses that a reader would make links of: a message has one link, and that is ours.
    package static func unlinked(_ text: String) -> String { text.replacing("://", with: ": //") }

    private static func visible(_ text: String) -> [Unicode.Scalar] {
        text.unicodeScalars.filter { isBreak($0) || !isHidden($0) }
    }

    private static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 9, 10, 11, 12, 13, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    /// Control characters, marks and overrides of direction, characters that show nothing, private use.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .surrogate, .privateUse, .unassigned: true
        // The joiner makes one emoji of several.
        case .format: scalar.value != 0x200D
        default: false
        }
    }
}

extension String {
    /// The text as the beginning of a sentence.
    var firstLetterRaised: String { prefix(1).uppercased() + dropFirst() }
}
