/// Reads the words after a command's name against its shape.
struct ArgumentScanner {
    let shape: CommandShape
    private var values: [String: String] = [:]
    private var flags: Set<String> = []
    private var words: [String] = []

    init(shape: CommandShape) { self.shape = shape }

    /// The invocation, or nil where help is asked for.
    mutating func scan(_ arguments: [String]) throws(UsageError) -> CommandInvocation? {
        if arguments.prefix(while: { $0 != "--" }).contains(where: { ["--help", "-h"].contains($0) }) {
            return nil
        }
        var rest = arguments[...]
        while let word = rest.popFirst() {
            if word == "--" {
                words += rest
                rest = []
            } else if word.hasPrefix("--") {
                try take(option: word.dropFirst(2), &rest)
            } else if word.hasPrefix("-"), word.count > 1, !startsNumber(word) {
                throw error("There is no option \(word); options have two dashes.")
            } else {
                words.append(word)
            }
        }
        return CommandInvocation(shape: shape, values: values, flags: flags, words: try namedWords())
    }

    private mutating func take(
        option text: Substring, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        let equals = text.firstIndex(of: "=")
        let name = String(equals.map { text[..<$0] } ?? text)
        guard let option = shape.allOptions.first(where: { $0.name == name }) else { throw unknown(name) }
        guard values[name] == nil, !flags.contains(name) else { throw error("--\(name) is given twice.") }
        guard let placeholder = option.value else {
            guard equals == nil else { throw error("--\(name) takes no value.") }
            flags.insert(name)
            return
        }
        if let equals {
            values[name] = String(text[text.index(after: equals)...])
        } else if let value = rest.first, !value.hasPrefix("--") {
            values[name] = value
            rest.removeFirst()
        } else {
            throw error("--\(name) needs a value: --\(name) \(placeholder).")
        }
    }

    private func unknown(_ name: String) -> UsageError {
        if let secret = shape.secrets.first(where: { $0.name == name }) {
            return error(
                "A secret is never given as an argument, where everybody on this machine could read it. Pipe it in"
                    + " with --\(secret.name)-stdin, or name a file with --\(secret.name)-file FILE.")
        }
        let known = shape.allOptions.map(\.name)
        return error(
            "There is no option --\(name).\(Suggestion.text(for: name, among: known, prefix: "--"))")
    }

    private func namedWords() throws(UsageError) -> [String: String] {
        guard words.count <= shape.operands.count else {
            throw error("\(words[shape.operands.count]) is one word too many.")
        }
        var named: [String: String] = [:]
        for (operand, word) in zip(shape.operands, words) { named[operand.name] = word }
        if let missing = shape.operands.first(where: { $0.isRequired && named[$0.name] == nil }) {
            throw error("\(missing.name) is missing: \(missing.help).")
        }
        if let missing = shape.options.first(where: { $0.isRequired && values[$0.name] == nil }) {
            throw error("--\(missing.name) is missing: \(missing.help).")
        }
        return named
    }

    private func startsNumber(_ word: String) -> Bool {
        word.dropFirst().first.map { $0.isNumber || $0 == "." } ?? false
    }

    private func error(_ message: String) -> UsageError { UsageError(message, command: shape.name) }
}
