package import JSON

// How single fields of trading are read from JSON: decimals as strings or numbers, one-line texts, symbols.

/// A document that was refused, with everything that is wrong with it.
package struct ValidationFailure: Error, Hashable {
    /// What is wrong, and where; never empty.
    package let faults: [JSONFault]

    /// A refusal for these faults.
    package init(faults: [JSONFault]) { self.faults = faults }
}

extension JSONReader {
    /// The field as an exact decimal, given as a string or a number.
    func decimal(_ key: String) -> ExactDecimal? {
        guard let value = value(key) else { return nil }
        guard let text = value.numberText else {
            fault(key, "must be a decimal such as \"118.20\", not \(value.kindName)")
            return nil
        }
        guard let decimal = ExactDecimal(text) else {
            fault(
                key,
                "must be a plain decimal such as \"118.20\" with at most \(ExactDecimal.maxWholeDigits) digits "
                    + "before and \(ExactDecimal.maxScale) behind the point")
            return nil
        }
        return decimal
    }

    /// The field as a decimal above nought, up to a limit, of so many places at most.
    func positiveDecimal(_ key: String, upTo limit: ExactDecimal, places: Int) -> ExactDecimal? {
        guard let decimal = decimal(key) else { return nil }
        guard decimal.isPositive else {
            fault(key, "must be above 0")
            return nil
        }
        guard decimal <= limit else {
            fault(key, "must be at most \(limit)")
            return nil
        }
        guard decimal.decimalPlaces <= places else {
            fault(key, "must have at most \(places) decimal places")
            return nil
        }
        return decimal
    }

    /// The field as a price.
    func price(_ key: String) -> ExactDecimal? {
        positiveDecimal(key, upTo: Limits.maxPrice, places: Limits.maxPricePlaces)
    }

    /// The field as a number of shares.
    func positiveQty(_ key: String) -> ExactDecimal? {
        positiveDecimal(key, upTo: Limits.maxQty, places: Limits.maxQtyPlaces)
    }

    /// The field as a ticker.
    func symbol(_ key: String) -> String? {
        guard let text = string(key) else { return nil }
        guard OrderShape.isSymbol(text) else {
            fault(key, "must be a ticker in capitals such as \"NVDA\" or \"BRK.B\", at most 10 characters")
            return nil
        }
        return text
    }

    /// The field as text that is not empty, in one line unless `severalLines`.
    func words(_ key: String, maxCharacters: Int, severalLines: Bool = false) -> String? {
        guard let text = string(key, maxCharacters: maxCharacters) else { return nil }
        guard !text.isEmpty else {
            fault(key, "must not be empty")
            return nil
        }
        guard severalLines || !text.unicodeScalars.contains(where: Self.breaksLine) else {
            fault(key, "must be one line")
            return nil
        }
        guard !text.unicodeScalars.contains(where: Self.turnsText) else {
            fault(key, "must not contain characters that change the direction of text")
            return nil
        }
        return text
    }

    private static func breaksLine(_ scalar: Unicode.Scalar) -> Bool {
        ["\n", "\r", "\t", "\u{2028}", "\u{2029}"].contains(scalar)
    }

    /// Whether a character could make a person read the text in another order than it is written.
    private static func turnsText(_ scalar: Unicode.Scalar) -> Bool {
        (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
    }
}
