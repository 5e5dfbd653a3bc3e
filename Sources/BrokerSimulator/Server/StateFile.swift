// The simulator's memory across restarts: a line of JSON for its settings, then one for each command, written
// before the command is done. The exchange is a pure function of them. A line that broke off when the process
// died is cut away.

import Domain
import Glibc
import JSON

/// A file of commands, open for appending, that no other simulator can open.
final class StateFile {
    private let descriptor: Int32
    private let path: String

    private init(descriptor: Int32, path: String) {
        self.descriptor = descriptor
        self.path = path
    }

    deinit { Glibc.close(descriptor) }

    /// Opens or creates the file and reads the lines it holds.
    static func open(_ path: String) throws(BrokerSimulatorError) -> (file: StateFile, lines: [JSONValue]) {
        let descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .stateFile(path, "cannot be opened: \(lastError())") }
        let file = StateFile(descriptor: descriptor, path: path)
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            throw .stateFile(path, "is in use by another simulator. Stop that one or name another file")
        }
        return (file, try file.readLines())
    }

    /// Writes a line; it survives the process from here on.
    func append(_ line: JSONValue) throws(BrokerSimulatorError) {
        let bytes = line.bytes() + [UInt8(ascii: "\n")]
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .stateFile(path, "cannot be written: \(Self.lastError())") }
            written += count
        }
    }

    private func readLines() throws(BrokerSimulatorError) -> [JSONValue] {
        let bytes = try readAll()
        var lines: [JSONValue] = []
        var good = 0
        while let end = bytes[good...].firstIndex(of: UInt8(ascii: "\n")) {
            do throws(JSONError) {
                lines.append(try JSONParser.parse(Array(bytes[good..<end])))
            } catch {
                throw .stateFile(path, "is damaged in line \(lines.count + 1): \(error)")
            }
            good = end + 1
        }
        if good < bytes.count, ftruncate(descriptor, off_t(good)) != 0 {
            throw .stateFile(path, "cannot be repaired: \(Self.lastError())")
        }
        return lines
    }

    private func readAll() throws(BrokerSimulatorError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .stateFile(path, "cannot be read: \(Self.lastError())") }
            if count == 0 { return bytes }
            bytes += chunk[..<count]
        }
    }

    private static func lastError() -> String { String(cString: strerror(errno)) }
}

extension BrokerSimulatorError {
    static func stateFile(_ path: String, _ problem: String) -> BrokerSimulatorError {
        BrokerSimulatorError(code: .stateFile, message: "The state file \(path) \(problem).")
    }
}
