import Console
import Cryptography
import Domain
import FoundationEssentials
import Gate
import Glibc
import JSON

/// `audit …`: the journal, and whether it is whole.
enum AuditCommands {
    static let all = [verify, export]

    private static let verify = Command(
        CommandShape(
            "audit verify", "Follows the whole journal and tells whether anything was changed.",
            operands: [
                .init("FILE", "an exported journal to verify, without the database", isRequired: false)
            ],
            options: [
                .init("checkpoint", "FILE", "a checkpoint that was kept elsewhere, as JSON"),
                .init("public-key", "KEY[,KEY]", "trust signatures of these keys too (Base64 of 32 bytes)"),
            ], printsData: true,
            notes: """
                Exit code 1 where something is wrong. In the database signatures count that were made with this deployment's
                key or one given, such as the key from before a change of the secret key. An exported file alone proves only
                that it is whole; where keys are given, their signatures alone count.
                """)
    ) { call in
        let keys = try call.invocation.value("public-key").map(publicKeys)
        let earlier = try call.invocation.value("checkpoint").map(checkpoint)
        let report: JournalReport
        if let path = call.invocation.operand("FILE") {
            report = try verifyFile(path, keys, earlier)
        } else {
            report = try await call.onDatabase(needsKey: true) { gate in
                try await JournalVerification(gate).verify(trusting: keys ?? [], earlier: earlier)
            }
        }
        Output.show(report.json, asJSON: call.wantsJSON) { words(report) }
        return report.isIntact ? .done : .failed
    }

    private static let export = Command(
        CommandShape(
            "audit export", "Writes the whole journal as a file that verifies without the database.",
            options: [.init("output", "FILE", "where to (standard output)")],
            notes: "JSON, one object a line. Check it with countersign audit verify FILE.")
    ) { call in
        let file = try call.invocation.value("output").map { try OutputFile($0) }
        try await call.onDatabase(needsKey: true) { gate in
            try await JournalExport(gate).write { line in
                if let file { try file.write(line) } else { Output.print(line) }
            }
        }
        try file?.close()
        return .done
    }

    private static func verifyFile(
        _ path: String, _ keys: [PublicKey]?, _ earlier: JournalCheckpoint?
    ) throws -> JournalReport {
        guard let file = fopen(path, "r") else { throw CommandFailure("\(path) cannot be read.") }
        defer { fclose(file) }
        var verifier = ExportVerifier(trusting: keys, earlier: earlier)
        var buffer: UnsafeMutablePointer<CChar>?
        var capacity = 0
        defer { free(buffer) }
        while true {
            let count = getline(&buffer, &capacity, file)
            guard count > 0, let line = buffer else { break }
            let bytes = UnsafeRawBufferPointer(start: line, count: count)
            let text = String(decoding: bytes.last == 0x0A ? bytes.dropLast() : bytes[...], as: UTF8.self)
            verifier.take(text)
        }
        return verifier.finish()
    }

    private static func publicKeys(_ text: String) throws -> [PublicKey] {
        try text.split(separator: ",").map { try publicKey(String($0)) }
    }

    private static func publicKey(_ text: String) throws -> PublicKey {
        guard let bytes = Base64.decode(text) ?? Hex.decode(text), let key = try? PublicKey(bytes) else {
            throw UsageError("--public-key takes 32 bytes as Base64 or hexadecimal.", command: "audit verify")
        }
        return key
    }

    private static func checkpoint(_ path: String) throws -> JournalCheckpoint {
        guard let checkpoint = JournalCheckpoint(json: try Call.document(at: path, command: "audit verify"))
        else {
            throw CommandFailure("\(path) is not a checkpoint as countersign prints it.")
        }
        return checkpoint
    }

    private static func words(_ report: JournalReport) -> String {
        var lines = [
            "\(counted(report.entries, "entry", "entries")) and "
                + "\(counted(report.checkpoints, "checkpoint")) were followed; "
                + "\(counted(report.waiting, "waits for its place", "wait for their place"))."
        ]
        if let newest = report.newestCheckpoint {
            lines.append(
                "Newest checkpoint: position \(newest.position), signed at \(newest.signedAt.rfc3339).")
        }
        lines += report.problems.prefix(50).map { problem in
            let place = problem.position.map { " at position \($0)" } ?? ""
            return "\(problem.code.rawValue)\(place): \(problem.detail)"
        }
        lines.append(
            report.isIntact
                ? "The journal is whole."
                : "The journal was tampered with or damaged: \(counted(report.problemCount, "problem"))."
        )
        return lines.joined(separator: "\n")
    }
}

/// A file that appears under its name only when it is whole.
final class OutputFile: Sendable {
    private let path: String
    private let descriptor: Int32

    init(_ path: String) throws {
        self.path = path
        descriptor = open("\(path).part", O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw CommandFailure("\(path) cannot be written.") }
    }

    func write(_ line: String) throws {
        var bytes = Array((line + "\n").utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno))).")
            }
            bytes = bytes.dropFirst(count)
        }
    }

    func close() throws {
        guard fsync(descriptor) == 0, Glibc.close(descriptor) == 0, rename("\(path).part", path) == 0 else {
            throw CommandFailure("\(path) cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
