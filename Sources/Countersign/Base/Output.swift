import Glibc
import JSON

/// What goes to the terminal: data to standard output, words about it to standard error.
enum Output {
    static func print(_ text: String, terminator: String = "\n") {
        write(text + terminator, to: STDOUT_FILENO)
    }

    /// Words for the person at the keyboard.
    static func say(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    static func complain(_ text: String) { say("countersign: \(text)") }

    /// JSON where it was asked for, otherwise words.
    static func show(_ json: JSONValue, asJSON: Bool, _ words: () -> String) {
        print(asJSON ? json.serialized() : words())
    }

    /// Columns under headings, as wide as they need to be.
    static func table(_ headings: [String], _ rows: [[String]]) -> String {
        let all = [headings] + rows
        let widths = headings.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            var line = ""
            for (cell, width) in zip(row.dropLast(), widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            return line + (row.last ?? "")
        }.joined(separator: "\n")
    }

    private static func write(_ text: String, to descriptor: Int32) {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            bytes = bytes.dropFirst(count)
        }
    }
}
