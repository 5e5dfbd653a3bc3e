/// A command as it was called: well formed, with only what its shape knows.
package struct CommandInvocation: Sendable {
    package let shape: CommandShape
    private let values: [String: String]
    private let flags: Set<String>
    private let words: [String: String]

    init(shape: CommandShape, values: [String: String], flags: Set<String>, words: [String: String]) {
        self.shape = shape
        self.values = values
        self.flags = flags
        self.words = words
    }

    /// An option's value, where it was given.
    package func value(_ name: String) -> String? { values[name] }

    /// Whether a flag was given.
    package func has(_ name: String) -> Bool { flags.contains(name) }

    /// An operand, where it was given.
    package func operand(_ name: String) -> String? { words[name] }

    /// An operand or option that the shape requires.
    package func required(_ name: String) throws(UsageError) -> String {
        if let value = words[name] ?? values[name] { return value }
        throw UsageError("\(name) is missing.", command: shape.name)
    }

    /// An option as a whole number within a range.
    package func integer(_ name: String, in range: ClosedRange<Int>) throws(UsageError) -> Int? {
        guard let text = values[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw UsageError(
                "--\(name) takes a whole number from \(range.lowerBound) to \(range.upperBound), not \(text).",
                command: shape.name)
        }
        return number
    }

    /// An option as one of an enumeration's words.
    package func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, as type: Word.Type
    ) throws(UsageError) -> Word? where Word.RawValue == String {
        guard let text = values[name] else { return nil }
        if let word = Word(rawValue: text) { return word }
        let known = Word.allCases.map(\.rawValue).joined(separator: ", ")
        throw UsageError("--\(name) takes one of \(known), not \(text).", command: shape.name)
    }

    /// The names of the options and flags that were given.
    package var given: Set<String> { flags.union(values.keys) }

    /// Where a secret is to come from, where one is to come.
    package func secretSource(_ name: String) throws(UsageError) -> SecretSource? {
        switch (has("\(name)-stdin"), value("\(name)-file")) {
        case (false, nil): nil
        case (true, nil): .standardInput
        case (false, .some(let path)): .file(path)
        case (true, .some):
            throw UsageError("Give either --\(name)-stdin or --\(name)-file.", command: shape.name)
        }
    }
}

/// Where a secret comes from.
package enum SecretSource: Sendable, Hashable {
    case standardInput
    case file(String)
}

/// The call is wrong: exit code 2.
package struct UsageError: Error, Sendable, Hashable, CustomStringConvertible {
    package let message: String
    /// The command whose help tells more.
    package let command: String?

    package init(_ message: String, command: String? = nil) {
        self.message = message
        self.command = command
    }

    package var description: String {
        let help = command.map { $0.isEmpty ? "countersign --help" : "countersign \($0) --help" }
        return help.map { "\(message) See \($0)." } ?? message
    }
}
