import Cryptography
import FoundationEssentials
import HTTPServer

/// The style sheet and scripts, held in memory, each at an address that changes with its content.
struct StaticFiles: Sendable {
    private struct File: Sendable {
        let bytes: [UInt8]
        let type: String
        let version: String
    }

    private let files: [String: File]

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        "json": "application/json",
    ]

    /// Reads every file of a known type in a directory.
    init(directory: String) throws {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
            throw WebSetupError(description: "the directory of static files cannot be read: \(directory)")
        }
        var files: [String: File] = [:]
        for name in names {
            let ending = name.split(separator: ".").last.map(String.init) ?? ""
            guard let type = Self.types[ending] else { continue }
            guard let data = FileManager.default.contents(atPath: "\(directory)/\(name)") else {
                throw WebSetupError(description: "a static file cannot be read: \(directory)/\(name)")
            }
            let bytes = Array(data)
            files[name] = File(
                bytes: bytes, type: type, version: String(Hex.encode(SHA256.hash(bytes)).prefix(12)))
        }
        self.files = files
    }

    /// The address of a file in its present version.
    func address(_ name: String) -> String { "/static/\(name)?v=\(files[name]?.version ?? "0")" }

    /// The file's bytes.
    func bytes(_ name: String) -> [UInt8]? { files[name]?.bytes }

    /// The file; kept for a year where the address names its version.
    func answer(_ name: String, version: String?) -> HTTPResponse? {
        guard let file = files[name] else { return nil }
        let isExact = version == file.version
        return HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": file.type,
                "Cache-Control": isExact ? "public, max-age=31536000, immutable" : "no-cache",
            ], body: file.bytes)
    }
}
