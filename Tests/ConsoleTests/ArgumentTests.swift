import Console
import Domain
import Testing

struct ArgumentTests {
    private let table = CommandTable([
        CommandTable.Group(
            "Things",
            [
                CommandShape(
                    "user add", "Adds a person.", operands: [.init("NAME", "what to call them")],
                    options: [
                        .init("role", "ROLE", "what they may do", isRequired: true),
                        .init("email", "ADDRESS", "where mail goes"), .init("dry-run", nil, "change nothing"),
                    ],
                    secrets: [.init("pin", "their PIN")]),
                CommandShape("user list", "Lists people.", printsData: true),
                CommandShape(
                    "halt", "Stops.", operands: [.init("SCOPE", "what", isRequired: false)],
                    options: [.init("after", "SECONDS", "when")]),
                CommandShape("version", "Prints the version.", printsData: true),
            ])
    ])

    private func run(_ words: String...) throws -> CommandInvocation {
        guard case .run(let invocation) = try table.parse(words) else {
            throw UsageError("help was printed")
        }
        return invocation
    }

    private func error(_ words: String...) throws -> String {
        try #require(throws: UsageError.self) { try table.parse(words) }.description
    }

    @Test func `options come with a space or an equals sign, before or after operands`() throws {
        for words in [
            ["user", "add", "alice", "--role", "approver", "--email=a=b@example.com"],
            ["user", "add", "--email=a=b@example.com", "--role=approver", "alice"],
        ] {
            guard case .run(let invocation) = try table.parse(words) else { throw UsageError("help") }
            #expect(invocation.shape.name == "user add")
            #expect(invocation.operand("NAME") == "alice")
            #expect(invocation.value("role") == "approver")
            #expect(invocation.value("email") == "a=b@example.com")
            #expect(!invocation.has("dry-run"))
        }
    }

    @Test func `a word after two dashes is an operand, whatever it looks like`() throws {
        let invocation = try run("user", "add", "--role", "viewer", "--", "--help")
        #expect(invocation.operand("NAME") == "--help")
    }

    @Test func `negative numbers are values`() throws {
        #expect(try run("halt", "--after", "-5").value("after") == "-5")
    }

    @Test func `an unknown option is refused with the one that was meant`() throws {
        #expect(try error("user", "add", "a", "--rolle", "viewer").contains("Did you mean --role?"))
        #expect(try error("user", "add", "a", "--emial", "x").contains("Did you mean --email?"))
        #expect(try !error("user", "add", "a", "--zzzzzz", "x").contains("Did you mean"))
    }

    @Test func `an unknown command is refused with the one that was meant`() throws {
        #expect(try error("usr", "add").contains("Did you mean user?"))
        #expect(try error("user", "ad").contains("Did you mean add?"))
        #expect(try error("user").contains("add, list"))
        #expect(try error().contains("Which command?"))
    }

    @Test func `a secret as an argument is refused, and not repeated`() throws {
        for words in [
            ["user", "add", "alice", "--role", "viewer", "--pin", "482915"],
            ["user", "add", "alice", "--role", "viewer", "--pin=482915"],
        ] {
            let error = try #require(throws: UsageError.self) { try table.parse(words) }
            #expect(error.message.contains("--pin-stdin") && error.message.contains("--pin-file"))
            #expect(!error.description.contains("482915"))
        }
    }

    @Test func `a secret comes from one place`() throws {
        let base = ["user", "add", "alice", "--role", "viewer"]
        #expect(try run("user", "add", "alice", "--role", "viewer").secretSource("pin") == nil)
        let piped = try run("user", "add", "alice", "--role", "viewer", "--pin-stdin")
        #expect(try piped.secretSource("pin") == .standardInput)
        guard case .run(let both) = try table.parse(base + ["--pin-stdin", "--pin-file", "x"]) else {
            throw UsageError("help")
        }
        #expect(throws: UsageError.self) { try both.secretSource("pin") }
    }

    @Test func `what is required is asked for by name`() throws {
        #expect(try error("user", "add", "--role", "viewer").contains("NAME is missing"))
        #expect(try error("user", "add", "alice").contains("--role is missing"))
        #expect(try error("user", "add", "alice", "--role").contains("--role needs a value"))
        #expect(try error("user", "add", "alice", "--role", "--dry-run").contains("--role needs a value"))
        #expect(try error("user", "add", "a", "b", "--role", "viewer").contains("b is one word too many"))
        #expect(try error("user", "add", "a", "--role", "x", "--role", "y").contains("given twice"))
        #expect(try error("user", "add", "a", "--dry-run=yes", "--role", "x").contains("takes no value"))
        #expect(try error("user", "add", "-r", "x").contains("two dashes"))
    }

    @Test func `numbers and words are checked where they are read`() throws {
        let invocation = try run("user", "add", "alice", "--role", "boss", "--email", "7")
        let error = try #require(throws: UsageError.self) { try invocation.word("role", as: Role.self) }
        #expect(error.message.contains("viewer, approver, operator, admin, auditor"))
        #expect(try invocation.integer("email", in: 1...7) == 7)
        #expect(throws: UsageError.self) { try invocation.integer("email", in: 1...6) }
    }

    @Test func `help is there for the program, a family and a command`() throws {
        for (words, wanted) in [
            (["--help"], "Exit codes"), (["help", "user", "list"], "Lists people."),
            (["user", "--help"], "user add"), (["user", "add", "--help"], "--pin-stdin"),
            (["user", "add", "alice", "--help"], "--role ROLE"), (["user", "list", "-h"], "--json"),
        ] {
            guard case .help(let text) = try table.parse(words) else { throw UsageError("ran \(words)") }
            #expect(text.contains(wanted), "\(words)")
        }
        #expect(try error("usr", "--help").contains("no command"))
        // What is no command has no help of its own: asking for it is wrong usage, and says so.
        #expect(try error("user", "frobnicate", "--help").contains("no command user frobnicate"))
        #expect(try error("user", "lst", "alice", "-h").contains("list"))
        #expect(try error("help", "user", "frobnicate").contains("no command user frobnicate"))
    }

    @Test func `--version is the command of that name`() throws {
        #expect(try run("--version").shape.name == "version")
    }
}
