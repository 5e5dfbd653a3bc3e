/// A picture of numbers: one or more panels above one another, over the same labels.
package struct Plot: Sendable, Hashable {
    /// How a panel shows its numbers.
    package enum Style: Sendable, Hashable {
        /// A line from point to point; a gap where a number is missing.
        case line
        /// The area between the line and nought, for what lies below it.
        case depth
        /// A bar for each number, those below nought in another colour.
        case bars
    }

    /// One set of numbers on axes of its own.
    package struct Panel: Sendable, Hashable {
        package let title: String
        package let style: Style
        /// One for each label; nil where there is none.
        package let values: [Double?]
        /// What stands before and after a number on the axis: `$`, `%`.
        package let prefix: String
        package let suffix: String
        /// How many decimal places the axis shows.
        package let places: Int

        /// A panel.
        package init(
            _ title: String, _ style: Style, _ values: [Double?], prefix: String = "", suffix: String = "",
            places: Int = 0
        ) {
            self.title = title
            self.style = style
            self.values = values
            self.prefix = prefix
            self.suffix = suffix
            self.places = places
        }

        /// Whether a number has none before and none behind it, so that it is a point and no line.
        func isAlone(_ index: Int) -> Bool {
            func has(_ index: Int) -> Bool { values.indices.contains(index) && values[index] != nil }
            return has(index) && !has(index - 1) && !has(index + 1)
        }
    }

    /// The colours to draw in.
    package enum Shade: String, Sendable, Hashable, CaseIterable {
        case light, dark
    }

    /// What comes out.
    package enum Format: String, Sendable, Hashable {
        case svg, png
    }

    /// The longest label or title, in characters.
    static let textLimit = 40
    /// More points than this are too many to tell apart.
    static let pointLimit = 400

    package let labels: [String]
    package let panels: [Panel]

    /// A picture; nil where there is nothing to draw, too much, or a text that is more than plain words.
    ///
    /// What is drawn goes to a program as its script: so only letters, digits and a few signs are let through.
    package init?(labels: [String], panels: [Panel]) {
        let texts = labels + panels.flatMap { [$0.title, $0.prefix, $0.suffix] }
        let numbers = panels.flatMap(\.values).compactMap(\.self)
        guard (1...Self.pointLimit).contains(labels.count), (1...3).contains(panels.count),
            panels.allSatisfy({ $0.values.count == labels.count && (0...4).contains($0.places) }),
            panels.allSatisfy({ $0.values.contains { $0 != nil } }),
            numbers.allSatisfy({ $0.isFinite && abs($0) < 1e15 }), texts.allSatisfy(Self.isPlain)
        else { return nil }
        self.labels = labels
        self.panels = panels
    }

    static func isPlain(_ text: String) -> Bool {
        text.utf8.count <= textLimit
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    || " -.,%$()<>".unicodeScalars.contains(scalar)
            }
    }
}
