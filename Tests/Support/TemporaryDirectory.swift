import FoundationEssentials
import Glibc

/// A directory of a test's own, gone with its last reference.
package final class TemporaryDirectory: Sendable {
    package let path: String

    /// `isOpen` lets other users pass through it.
    package init(isOpen: Bool = false) throws {
        var template = Array("/tmp/cs-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw CocoaError(.fileWriteUnknown) }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if isOpen { chmod(path, 0o755) }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    package func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: URL(filePath: "\(path)/\(name)"))
    }

    package func remove(_ name: String) { try? FileManager.default.removeItem(atPath: "\(path)/\(name)") }
}
