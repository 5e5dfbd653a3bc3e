import Foundation
import Glibc
import Synchronization

/// A TCP server on the loopback that does exactly what a test says, good manners or not.
package final class RawServer: Sendable {
    package let port: Int
    /// What the test's conversations have noted, in order.
    package let seen = Journal()
    private let listener: Int32

    /// Calls `talk` on a thread of its own for every connection, with its number from 1.
    package init(_ talk: @escaping @Sendable (RawConnection, RawServer) -> Void) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 64) == 0,
                    getsockname(listener, address, &length) == 0
                else { throw CocoaError(.fileReadUnknown) }
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            var number = 0
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                number += 1
                Thread.detachNewThread { [weak self, number] in
                    let connection = RawConnection(descriptor, number: number)
                    if let self { talk(connection, self) }
                    connection.close()
                }
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    /// Answers every request on every connection with the same bytes, noting the requests.
    package static func answering(_ answer: String) throws -> RawServer {
        try RawServer { connection, server in
            while let request = connection.readRequest() {
                server.seen.note(request)
                connection.write(answer)
            }
        }
    }

    package func url(_ path: String = "/") -> String { "http://127.0.0.1:\(port)\(path)" }
}

/// What a server has seen, safe to read from the test's thread.
package final class Journal: Sendable {
    private let entries = Mutex<[String]>([])

    /// Nothing seen yet.
    package init() {}

    package func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    package var all: [String] { entries.withLock { $0 } }

    /// Returns when something has been seen; throws when the test's time is up.
    package func wait(for isSeen: ([String]) -> Bool) async throws {
        while !isSeen(all) { try await Task.sleep(for: .milliseconds(1)) }
    }
}

/// One connection, read and written by one thread.
package final class RawConnection {
    package let number: Int
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isOpen = true

    init(_ descriptor: Int32, number: Int) {
        self.descriptor = descriptor
        self.number = number
    }

    /// A line without its end, or nil at the end of the connection.
    package func readLine() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                let line = buffer[..<end].filter { $0 != 13 }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            guard receive() else { return nil }
        }
    }

    /// Head and body of a request as they came, or nil at the end of the connection.
    package func readRequest() -> String? {
        var head = ""
        var length = 0
        while let line = readLine() {
            head += line + "\n"
            let words = line.lowercased().split(separator: " ")
            if words.first == "content-length:" { length = words.last.flatMap { Int($0) } ?? 0 }
            guard line.isEmpty else { continue }
            while buffer.count < length { guard receive() else { return nil } }
            defer { buffer.removeFirst(length) }
            return head + String(decoding: buffer.prefix(length), as: UTF8.self)
        }
        return nil
    }

    @discardableResult
    package func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
    }

    /// Passes everything on to another port, and back, until either side ends.
    package func splice(toPort port: Int) {
        let other = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { Glibc.close(other) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        address.sin_port = UInt16(port).bigEndian
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(other, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { return }
        let descriptor = self.descriptor
        Thread.detachNewThread { RawConnection.copy(from: other, to: descriptor) }
        RawConnection.copy(from: descriptor, to: other)
    }

    private static func copy(from source: Int32, to target: Int32) {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(source, &chunk, chunk.count, 0)
            guard count > 0, send(target, chunk, count, Int32(MSG_NOSIGNAL)) == count else { break }
        }
        shutdown(target, Int32(SHUT_RDWR))
    }

    /// Blocks until the other side has gone away.
    package func waitForEnd() { while receive() {} }

    package func close() {
        guard isOpen else { return }
        isOpen = false
        Glibc.close(descriptor)
    }

    private func receive() -> Bool {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { return false }
        buffer += chunk.prefix(count)
        return true
    }
}
