/// All commands of the program.
package struct CommandTable: Sendable {
    /// Commands under one heading.
    package struct Group: Sendable {
        package let title: String
        package let commands: [CommandShape]
        /// What each of them works on, for its own help; empty where there is nothing to say.
        package let surroundings: String

        package init(_ title: String, _ commands: [CommandShape], surroundings: String = "") {
            self.title = title
            self.commands = commands
            self.surroundings = surroundings
        }
    }

    /// What a call comes to.
    package enum Request: Sendable {
        case run(CommandInvocation)
        /// Help, to be printed.
        case help(String)
    }

    package let groups: [Group]

    package init(_ groups: [Group]) { self.groups = groups }

    var shapes: [CommandShape] { groups.flatMap(\.commands) }

    /// Reads the words after the program's own name.
    package func parse(_ arguments: [String]) throws(UsageError) -> Request {
        guard let first = arguments.first else {
            throw UsageError("Which command?", command: "")
        }
        if ["--help", "-h", "help"].contains(first) {
            return .help(try help(for: Array(arguments.dropFirst().prefix { !$0.hasPrefix("-") })))
        }
        if first == "--version", let version = shapes.first(where: { $0.path == ["version"] }) {
            return .run(CommandInvocation(shape: version, values: [:], flags: [], words: [:]))
        }
        guard let shape = shape(calledBy: arguments) else {
            return try requestWithoutCommand(arguments)
        }
        let rest = Array(arguments.dropFirst(shape.path.count))
        var scanner = ArgumentScanner(shape: shape)
        guard let invocation = try scanner.scan(rest) else { return .help(help(of: shape)) }
        return .run(invocation)
    }

    /// The command with the longest path that the words begin with.
    private func shape(calledBy arguments: [String]) -> CommandShape? {
        shapes.filter { arguments.starts(with: $0.path) }.max { $0.path.count < $1.path.count }
    }

    private func requestWithoutCommand(_ arguments: [String]) throws(UsageError) -> Request {
        let words = Array(arguments.prefix { !$0.hasPrefix("-") })
        let family = words.first.map { first in shapes.filter { $0.path.first == first } } ?? []
        // Help on what is no command is no help: a script that asks for it is wrong.
        let isKnown = shapes.contains { $0.path.starts(with: words) }
        if !words.isEmpty, isKnown, arguments.contains("--help") || arguments.contains("-h") {
            return .help(try help(for: words))
        }
        if let first = words.first, !family.isEmpty {
            let known = family.map { $0.path.dropFirst().joined(separator: " ") }
            guard words.count > 1 else {
                throw UsageError(
                    "\(first) what? One of \(known.joined(separator: ", ")).", command: first)
            }
            throw UsageError(
                "There is no command \(first) \(words[1]).\(Suggestion.text(for: words[1], among: known))",
                command: first)
        }
        let word = arguments.first ?? ""
        let known = Set(shapes.compactMap(\.path.first))
        throw UsageError(
            "There is no command \(word).\(Suggestion.text(for: word, among: known.sorted()))", command: "")
    }
}
