extension String {
    /// The text as a sentence that others may follow: with one full stop at its end, unless it ends with `.`, `!`, `?` or `…`
    /// as it is.
    ///
    /// What people and brokers write comes with its full stop or without. White space at the end goes; of nothing else,
    /// nothing is left.
    package var asSentence: String {
        var text = Substring(self)
        while text.last?.isWhitespace == true { text.removeLast() }
        guard let last = text.last else { return "" }
        return ".!?…".contains(last) ? String(text) : text + "."
    }
}
