/// A report as people read it: the same on a page, in a mail's text and in its HTML.
///
/// It is made from the report's JSON document alone, so that no two readers are told different numbers.
package struct ReportSheet: Sendable, Hashable {
    /// What stands beside a label or in a table.
    package struct Cell: Sendable, Hashable, ExpressibleByStringLiteral {
        package let text: String
        /// Where to read more: a path on this server; nil where there is nothing.
        package let path: String?

        /// A text; what would steer a terminal is taken out.
        package init(_ text: String, path: String? = nil) {
            self.text = Self.harmless(text)
            self.path = path
        }

        package init(stringLiteral value: String) { self.init(value) }

        private static func harmless(_ text: String) -> String {
            String(
                String.UnicodeScalarView(
                    text.unicodeScalars.map { scalar in
                        switch scalar.properties.generalCategory {
                        case .control, .format, .lineSeparator, .paragraphSeparator: " "
                        default: scalar
                        }
                    }))
        }
    }

    /// One labelled value.
    package struct Fact: Sendable, Hashable {
        package let label: String
        package let value: Cell
    }

    /// A part with a heading.
    package struct Section: Sendable, Hashable {
        package let title: String
        /// A sentence below the heading.
        package var note: String?
        package var facts: [Fact] = []
        /// What is drawn above the table, from the numbers in it.
        package var chart: ReportChart?
        /// The heads of the table's columns; the first column names the row.
        package var columns: [String] = []
        package var rows: [[Cell]] = []

        /// A part without content yet.
        package init(_ title: String, note: String? = nil) {
            self.title = title
            self.note = note
        }

        mutating func add(_ label: String, _ value: String?, path: String? = nil) {
            facts.append(Fact(label: label, value: Cell(value ?? "–", path: path)))
        }

        /// Makes the table; where there are no rows, says so instead.
        mutating func table(_ columns: [String], _ rows: [[Cell]], empty: String) {
            if rows.isEmpty {
                note = [note, empty].compactMap(\.self).joined(separator: " ")
            } else {
                (self.columns, self.rows) = (columns, rows)
            }
        }
    }

    package let title: String
    /// The report in a sentence or two.
    package let lead: String
    package let sections: [Section]
    /// The path of its page.
    package let path: String
    /// The path of the page where people answer its questions; nil where it asks none.
    package var reviewPath: String?
}

extension ReportSheet {
    /// The report as plain text, tables in columns.
    package var plainText: String {
        ([title, lead] + sections.map(\.plainText)).joined(separator: "\n\n") + "\n"
    }
}

extension ReportSheet.Section {
    /// The part as plain text, under its heading in capitals.
    package var plainText: String {
        var lines = [title.uppercased()]
        if let note { lines.append(note) }
        let labels = facts.map { $0.label + ($0.label.last == "?" ? "" : ":") }
        let width = labels.map(\.count).max() ?? 0
        lines += zip(labels, facts).map { "\(padded($0, width)) \($1.value.text)" }
        if !columns.isEmpty { lines += tableLines }
        return lines.joined(separator: "\n")
    }

    private var tableLines: [String] {
        let all = [columns] + rows.map { $0.map(\.text) }
        let widths = columns.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = zip(row, widths).map { padded($0, $1) }
            var line = cells.joined(separator: "  ")[...]
            while line.last == " " { line.removeLast() }
            return String(line)
        }
    }

    private func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
