import Console
import FoundationEssentials
import Glibc
import JSON

/// A command as it was called, with the surroundings that it may ask for.
struct Call: Sendable {
    let invocation: CommandInvocation

    init(_ invocation: CommandInvocation) { self.invocation = invocation }

    var wantsJSON: Bool { invocation.has("json") }

    /// Settings of the environment and of the file that was named; problems are thrown all at once.
    func settings<Settings>(_ make: (inout SettingsReader) -> Settings) throws -> Settings {
        var reader = SettingsReader(rawSettings)
        let settings = make(&reader)
        guard reader.problems.isEmpty else { throw ConfigurationError(reader.problems) }
        for note in reader.notes { Output.say("countersign: \(note)") }
        return settings
    }

    var rawSettings: RawSettings {
        RawSettings(
            environment: ProcessInfo.processInfo.environment, file: invocation.value("config")
        ) { path in try String(contentsOfFile: path, encoding: .utf8) }
    }

    /// A secret that was piped in or lies in a file, without the line break at its end.
    func secret(_ name: String) throws -> String? {
        let text: String
        switch try invocation.secretSource(name) {
        case nil: return nil
        case .standardInput: text = try Self.secretFromStandardInput("the \(name)")
        case .file(let path):
            guard let read = try? String(contentsOfFile: path, encoding: .utf8) else {
                throw UsageError("--\(name)-file: \(path) cannot be read.", command: invocation.shape.name)
            }
            text = read
        }
        let trimmed = String(text.reversed().drop { $0.isNewline }.reversed())
        guard !trimmed.isEmpty else {
            throw UsageError("The \(name) is empty.", command: invocation.shape.name)
        }
        return trimmed
    }

    /// Text from a file, or from standard input where the path is `-`.
    static func text(at path: String, command: String) throws -> String {
        if path == "-" { return try standardInput(maxBytes: 65_536, what: "the text") }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw UsageError("\(path) cannot be read.", command: command)
        }
        return text
    }

    /// A JSON document from a file, or from standard input where the path is `-`.
    static func document(at path: String, command: String) throws -> JSONValue {
        let bytes: [UInt8]
        if path == "-" {
            bytes = Array(try standardInput(maxBytes: 1 << 20, what: "the document").utf8)
        } else {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw UsageError("\(path) cannot be read.", command: command)
            }
            bytes = Array(data)
        }
        do {
            return try JSONParser.parse(bytes)
        } catch {
            throw CommandFailure("\(path == "-" ? "Standard input" : path) is not JSON: \(error).")
        }
    }

    /// Who works at the command line, for the journal: `cli:root`.
    static var actor: String {
        let name = getpwuid(geteuid()).map { String(cString: $0.pointee.pw_name) }
        return "cli:\(name ?? String(geteuid()))"
    }

    /// What is piped in; at a terminal one line, which does not show.
    private static func secretFromStandardInput(_ what: String) throws -> String {
        guard isatty(STDIN_FILENO) == 1 else { return try standardInput(maxBytes: 65_536, what: what) }
        return try text(
            HiddenLine.read(prompt: "Type \(what), which does not show, and Enter:", maxBytes: 4096))
    }

    private static func text(_ bytes: [UInt8]) throws -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw CommandFailure("Standard input is not UTF-8 text.")
        }
        return text
    }

    private static func standardInput(maxBytes: Int, what: String) throws -> String {
        if isatty(STDIN_FILENO) == 1 { Output.say("Type \(what) and end with Ctrl-D:") }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(STDIN_FILENO, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
            guard bytes.count <= maxBytes else {
                throw CommandFailure("Standard input is longer than \(maxBytes) bytes.")
            }
        }
        return try text(bytes)
    }
}
