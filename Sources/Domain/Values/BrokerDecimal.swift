extension ExactDecimal {
    /// A number as a broker tells it, rounded to nine decimal places; nil where it is none.
    ///
    /// Averages come with more digits than we keep: of what stands behind the point the first twelve count, and all of it
    /// must be digits.
    package static func fromBroker(_ text: String) -> ExactDecimal? {
        ExactDecimal(shortened(text))?.rounded(scale: 9)
    }

    private static let mostPlaces = 12

    /// A plain decimal without the digits that are too many; anything else as it is.
    private static func shortened(_ text: String) -> String {
        guard let point = text.utf8.firstIndex(of: UInt8(ascii: ".")) else { return text }
        let fraction = text[text.utf8.index(after: point)...]
        let isPlain = fraction.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains)
        guard isPlain, fraction.utf8.count > mostPlaces else { return text }
        return String(text[...point] + fraction.prefix(mostPlaces))
    }
}
