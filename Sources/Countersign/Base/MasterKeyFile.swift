import Console
import Cryptography
import FoundationEssentials
import Glibc

/// The deployment's one secret, kept in a file that only its owner may read.
enum MasterKeyFile {
    /// The key of the settings; one kept in a file is made at first use.
    static func load(_ source: DatabaseSettings.MasterKey) throws -> SecretBytes {
        switch source {
        case .given(let key): return key
        case .kept(let path): return try read(path) ?? make(path)
        // Nothing is signed or sealed with it.
        case .absent: return SecretBytes.random(count: 32)
        }
    }

    private static func read(_ path: String) throws -> SecretBytes? {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return nil }
            throw CommandFailure("\(path) cannot be looked at: \(String(cString: strerror(errno))).")
        }
        guard facts.st_mode & 0o077 == 0 else {
            throw CommandFailure(
                "\(path) holds the key that signs orders, and others may read it. Run: chmod 600 \(path)")
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw CommandFailure("\(path) cannot be read. Run this as the user who owns it.")
        }
        guard let bytes = Hex.decode(String(text.prefix { !$0.isNewline })), bytes.count == 32 else {
            throw CommandFailure(
                "\(path) does not hold 64 hexadecimal digits. Put the key back from its copy; a new one cannot"
                    + " open what the old one sealed.")
        }
        return SecretBytes(bytes)
    }

    /// Writes a new key beside its place and links it there, so that two programs that start at once use one key.
    private static func make(_ path: String) throws -> SecretBytes {
        let directory = URL(filePath: path).deletingLastPathComponent().path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let draft = "\(path).\(getpid())"
        let file = open(draft, O_WRONLY | O_CREAT | O_EXCL, 0o600)
        guard file >= 0 else { throw CommandFailure("\(draft) cannot be written.") }
        let bytes = Array((Hex.encode(SecureRandom.bytes(32)) + "\n").utf8)
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        close(file)
        defer { unlink(draft) }
        guard isWritten else { throw CommandFailure("\(draft) cannot be written.") }
        if link(draft, path) != 0, errno != EEXIST {
            throw CommandFailure("\(path) cannot be made: \(String(cString: strerror(errno))).")
        }
        guard let key = try read(path) else { throw CommandFailure("\(path) cannot be made.") }
        return key
    }
}
