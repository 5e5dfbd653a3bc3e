/// What one command takes: the single source for parsing, help and suggestions.
package struct CommandShape: Sendable {
    /// A word that stands by itself, such as a proposal's id.
    package struct Operand: Sendable {
        package let name: String
        package let help: String
        package let isRequired: Bool

        package init(_ name: String, _ help: String, isRequired: Bool = true) {
            self.name = name
            self.help = help
            self.isRequired = isRequired
        }
    }

    /// A word with two dashes: `--name VALUE`, or `--flag` where there is no value.
    package struct Option: Sendable {
        package let name: String
        /// What stands for the value in help; nil for a flag.
        package let value: String?
        package let help: String
        package let isRequired: Bool

        package init(_ name: String, _ value: String? = nil, _ help: String, isRequired: Bool = false) {
            self.name = name
            self.value = value
            self.help = help
            self.isRequired = isRequired
        }
    }

    /// A secret, which comes by standard input (`--NAME-stdin`) or from a file (`--NAME-file`), never as an argument.
    package struct Secret: Sendable {
        package let name: String
        package let help: String

        package init(_ name: String, _ help: String) {
            self.name = name
            self.help = help
        }
    }

    /// `key create`: the words that call it.
    package let path: [String]
    /// One line for the list of commands.
    package let summary: String
    package let operands: [Operand]
    package let options: [Option]
    package let secrets: [Secret]
    /// Whether it prints data, and so takes `--json`.
    package let printsData: Bool
    /// More words for its own help.
    package let notes: String

    package init(
        _ path: String, _ summary: String, operands: [Operand] = [], options: [Option] = [],
        secrets: [Secret] = [], printsData: Bool = false, notes: String = ""
    ) {
        self.path = path.split(separator: " ").map(String.init)
        self.summary = summary
        self.operands = operands
        self.options = options
        self.secrets = secrets
        self.printsData = printsData
        self.notes = notes
    }

    /// The words that call it, in one.
    package var name: String { path.joined(separator: " ") }

    /// Every option it takes, those that all commands take included.
    var allOptions: [Option] {
        var all = options
        for secret in secrets {
            all.append(Option("\(secret.name)-stdin", nil, "\(secret.help), read from standard input"))
            all.append(Option("\(secret.name)-file", "FILE", "\(secret.help), read from a file"))
        }
        if printsData { all.append(Option("json", nil, "print JSON")) }
        all.append(Option("config", "FILE", "settings as KEY=VALUE lines; the environment goes before them"))
        all.append(Option("help", nil, "print this"))
        return all
    }
}
