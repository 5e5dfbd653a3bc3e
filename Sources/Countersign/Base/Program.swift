import Console
import Gate
import Glibc

/// How the program ends.
enum ExitCode: Int32, Sendable {
    case done = 0
    case failed = 1
    /// Wrong usage or configuration.
    case usage = 2
    /// Rejected, blocked, halted.
    case refused = 3
    case expired = 4
}

/// A command: what it takes, and what it does.
struct Command: Sendable {
    let shape: CommandShape
    let run: @Sendable (Call) async throws -> ExitCode

    init(_ shape: CommandShape, _ run: @escaping @Sendable (Call) async throws -> ExitCode) {
        self.shape = shape
        self.run = run
    }
}

/// Why a command did not do what it should, in words.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
    let code: ExitCode
    /// Whether the server gave no answer, which may pass.
    let isSilence: Bool

    init(_ description: String, code: ExitCode = .failed, isSilence: Bool = false) {
        self.description = description
        self.code = code
        self.isSilence = isSilence
    }
}

/// From the words after the program's name to its exit code.
enum Program {
    static func run(_ arguments: [String]) async -> ExitCode {
        let groups = CommandIndex.groups
        let table = CommandTable(
            groups.map { .init($0.title, $0.commands.map(\.shape), surroundings: $0.surroundings) })
        do {
            switch try table.parse(arguments) {
            case .help(let text):
                Output.print(text, terminator: "")
                return .done
            case .run(let invocation):
                let commands = groups.flatMap(\.commands)
                guard let command = commands.first(where: { $0.shape.path == invocation.shape.path }) else {
                    return .usage
                }
                return try await run(command, invocation)
            }
        } catch {
            Output.complain(FailureText.of(error))
            return FailureText.code(of: error)
        }
    }

    private static func run(_ command: Command, _ invocation: CommandInvocation) async throws -> ExitCode {
        do {
            return try await command.run(Call(invocation))
        } catch let problem as ServerProblem {
            Output.complain(problem.words(for: invocation))
            return problem.exitCode
        }
    }
}
