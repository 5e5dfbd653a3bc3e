import Foundation
import Glibc
import Support

/// `openssl s_server` with throwaway certificates: one authority, and what it has signed.
final class TLSServer: Sendable {
    let port: Int
    /// The authority's certificate, for those who trust it.
    let authoritiesFile: String
    private let directory: String
    private let process: Process
    private let output: FileHandle
    private let input: FileHandle

    /// Serves `name` (as in `IP:127.0.0.1`); `options` are further arguments of `openssl s_server`.
    init(name: String = "IP:127.0.0.1", days: Int = 1, options: [String] = ["-www"]) throws {
        directory = NSTemporaryDirectory() + "tls-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        authoritiesFile = directory + "/authority.pem"
        try Self.makeCertificates(in: directory, name: name, days: days)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments =
            [
                "s_server", "-accept", "127.0.0.1:0", "-cert", directory + "/server.pem", "-key",
                directory + "/server.key",
            ] + options
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        self.process = process
        self.input = input.fileHandleForWriting
        self.output = output.fileHandleForReading
        port = try Self.port(announcedOn: output)
    }

    deinit {
        // Not `terminate`: threads of Dispatch block SIGTERM, and the child has inherited that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Without `-www`: reads what the client says and answers each line with the first reply not yet used.
    ///
    /// Replies whose line is nil come unasked. The conversation runs on a thread of its own.
    func converse(_ script: [(line: String?, reply: String)], noting seen: Journal) {
        Thread.detachNewThread { [input, output] in
            var script = script[...]
            var text = ""
            while let next = script.first {
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                let spoken = next.line.flatMap { wanted in
                    lines.dropLast().firstIndex { $0.hasPrefix(wanted) }
                }
                if next.line == nil || spoken != nil {
                    if let spoken {
                        seen.note(String(lines[spoken].filter { $0 != "\r" }))
                        text = lines[(spoken + 1)...].joined(separator: "\n")
                    }
                    try? input.write(contentsOf: Data((next.reply + "\r\n").utf8))
                    script.removeFirst()
                    continue
                }
                let data = output.availableData
                guard !data.isEmpty else { return }
                text += String(decoding: data, as: UTF8.self).replacing("\r\n", with: "\n")
            }
        }
    }

    func url(host: String = "127.0.0.1") -> String { "https://\(host):\(port)/" }

    private static func makeCertificates(in directory: String, name: String, days: Int) throws {
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try openssl(
            ["req", "-x509", "-days", "1", "-subj", "/CN=Test authority"] + key + [
                "-keyout", directory + "/authority.key", "-out", directory + "/authority.pem",
            ])
        let extensions = directory + "/extensions"
        try "subjectAltName=\(name)\n".write(toFile: extensions, atomically: true, encoding: .utf8)
        try openssl(
            ["req", "-subj", "/CN=Test server"] + key + [
                "-keyout", directory + "/server.key", "-out", directory + "/server.csr",
            ])
        try openssl([
            "x509", "-req", "-in", directory + "/server.csr", "-CA", directory + "/authority.pem", "-CAkey",
            directory + "/authority.key", "-CAcreateserial", "-days", String(days), "-extfile", extensions,
            "-out",
            directory + "/server.pem",
        ])
    }

    private static func openssl(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw CocoaError(.executableLoad) }
    }

    /// Reads "ACCEPT 127.0.0.1:43215".
    private static func port(announcedOn output: Pipe) throws -> Int {
        var text = ""
        while true {
            let data = output.fileHandleForReading.availableData
            guard !data.isEmpty else { throw CocoaError(.fileReadUnknown) }
            text += String(decoding: data, as: UTF8.self)
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            guard let line = lines.first(where: { $0.hasPrefix("ACCEPT") }) else { continue }
            guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else {
                throw CocoaError(.fileReadUnknown)
            }
            return port
        }
    }
}
