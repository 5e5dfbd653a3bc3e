import Cryptography
import FoundationEssentials
import Glibc

/// How a worker is known to the server: no two that run may have one name, and one that comes back keeps its own.
///
/// The name lies in the state directory, and whoever uses it holds a lock. A second worker there gets a new name each
/// time it starts.
final class WorkerIdentity: Sendable {
    let name: String
    private let lock: Int32?

    init(directory: String, given: String?) throws {
        (name, lock) = try given.map { ($0, nil) } ?? Self.kept(in: directory)
    }

    deinit {
        if let lock { close(lock) }
    }

    private static func kept(in directory: String) throws -> (String, Int32?) {
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let path = "\(directory)/identity"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw CommandFailure("\(path) cannot be opened: \(String(cString: strerror(errno))).")
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            return (newName, nil)
        }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = max(0, read(file, &buffer, buffer.count))
        let kept = String(decoding: buffer[..<count].prefix { $0 > 0x20 }, as: UTF8.self)
        if !kept.isEmpty { return (kept, file) }
        let name = newName
        let bytes = Array("\(name)\n".utf8)
        guard write(file, bytes, bytes.count) == bytes.count else {
            close(file)
            throw CommandFailure("\(path) cannot be written.")
        }
        return (name, file)
    }

    private static var newName: String {
        var buffer = [CChar](repeating: 0, count: 65)
        gethostname(&buffer, 64)
        let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let plain = host.prefix { $0.isLetter || $0.isNumber || $0 == "-" }
        return "\(plain.isEmpty ? "worker" : String(plain.prefix(40)))-\(Hex.encode(SecureRandom.bytes(3)))"
    }
}
