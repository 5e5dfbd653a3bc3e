import Console
import Cryptography
import FoundationEssentials
import Glibc
import Support
import Testing

@testable import Countersign

struct MasterKeyFileTests {
    @Test func `a key is made once, for its owner alone`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/state/secret.key"
        let key = try MasterKeyFile.load(.kept(path: path))
        #expect(key.count == 32)
        #expect(try MasterKeyFile.load(.kept(path: path)) == key)
        var facts = stat()
        #expect(stat(path, &facts) == 0 && facts.st_mode & 0o777 == 0o600)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/state")
        #expect(names == ["secret.key"])
    }

    @Test func `a key that others may read is refused`() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/secret.key"
        _ = try MasterKeyFile.load(.kept(path: path))
        chmod(path, 0o644)
        let error = try #require(throws: CommandFailure.self) { try MasterKeyFile.load(.kept(path: path)) }
        #expect(error.description.contains("chmod 600"))
    }

    @Test(arguments: ["", "abc", String(repeating: "0", count: 63)])
    func `a damaged key is never replaced`(_ text: String) throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/secret.key"
        try directory.write("secret.key", text)
        chmod(path, 0o600)
        let error = try #require(throws: CommandFailure.self) { try MasterKeyFile.load(.kept(path: path)) }
        #expect(text.isEmpty || !error.description.contains(text))
        #expect(try String(contentsOfFile: path, encoding: .utf8) == text)
    }
}
