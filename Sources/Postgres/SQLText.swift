/// Quoting for the few statements that cannot take parameters.
package enum SQLText {
    /// A name in double quotes.
    package static func identifier(_ name: String) -> String { quoted(name, "\"") }

    /// A text in single quotes; needs `standard_conforming_strings`, which every session sets.
    package static func literal(_ text: String) -> String { quoted(text, "'") }

    private static func quoted(_ text: String, _ mark: Character) -> String {
        var result = String(mark)
        // By scalars: a quote followed by a combining mark is one Character, but still a quote to the server.
        for scalar in text.unicodeScalars where scalar != "\0" {
            result.unicodeScalars.append(scalar)
            if Character(scalar) == mark { result.unicodeScalars.append(scalar) }
        }
        return result + String(mark)
    }
}
