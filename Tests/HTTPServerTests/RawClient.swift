import Foundation
import Glibc
import Testing

@testable import HTTPServer

/// A client that sends exactly the bytes it is told to, blocking; use it inside `blocking`.
final class RawClient {
    struct Failure: Error {
        let reason: String
        var isTimeout = false
    }

    struct Answer {
        var status: Int
        var headers: HTTPHeaders
        var body: String
    }

    private let socket: Int32
    private var received: [UInt8] = []
    private var hasTimedOut = false

    init(_ port: Int, receiveBufferBytes: Int32? = nil) throws {
        socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var bytes = receiveBufferBytes {
            setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else { throw Failure(reason: "connect: \(errno)") }
    }

    deinit { close(socket) }

    /// Sends the text; false when the server has closed meanwhile.
    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if errno == EAGAIN { Issue.record("the server neither reads nor closes") }
                return false
            }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Says that nothing more will be sent, and still reads.
    func finishSending() { shutdown(socket, Int32(SHUT_WR)) }

    /// Closes with a reset rather than in good order.
    func reset() {
        var linger = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Sends a request and reads its answer.
    func get(_ target: String, method: String = "GET", headers: String = "") throws -> Answer {
        send("\(method) \(target) HTTP/1.1\r\nHost: test\r\n\(headers)\r\n")
        return try readAnswer(isHead: method == "HEAD")
    }

    /// Sends a request and reads its answer; nothing where the server has closed or closes instead.
    func getUnlessClosed(_ target: String) throws -> Answer? {
        guard send("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n") else { return nil }
        return try readAnswerUnlessClosed()
    }

    func post(_ target: String, _ body: String, headers: String = "") throws -> Answer {
        send(
            "POST \(target) HTTP/1.1\r\nHost: t\r\nContent-Length: \(body.utf8.count)\r\n\(headers)\r\n\(body)"
        )
        return try readAnswer()
    }

    /// Whether the server closes without sending more; waits for it.
    func isClosedByServer() -> Bool { received.isEmpty && !receive() && !hasTimedOut }

    /// Reads one answer; nothing where the server closes instead.
    func readAnswerUnlessClosed() throws -> Answer? {
        do {
            return try readAnswer()
        } catch let failure as Failure where !failure.isTimeout {
            return nil
        }
    }

    /// Reads one answer, leaving what follows for the next.
    func readAnswer(isHead: Bool = false) throws -> Answer {
        let head = try readUntil("\r\n\r\n")
        var lines = head.split(separator: "\r\n")
        let words = lines.isEmpty ? [] : lines.removeFirst().split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else {
            throw Failure(reason: "no status: \(head)")
        }
        var headers = HTTPHeaders()
        for line in lines {
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            headers.add(String(line[..<colon]), String(line[colon...].dropFirst(2)))
        }
        var answer = Answer(status: status, headers: headers, body: "")
        if isHead || status == 204 || status == 304 || status == 100 { return answer }
        if let length = headers.first("Content-Length").flatMap({ Int($0) }) {
            answer.body = try read(length)
        } else if headers.first("Transfer-Encoding") == "chunked" {
            while case let chunk = try readChunk(), !chunk.isEmpty { answer.body += chunk }
        }
        return answer
    }

    /// Reads one chunk; the last is empty.
    func readChunk() throws -> String {
        let line = try readUntil("\r\n")
        guard let length = Int(line, radix: 16) else { throw Failure(reason: "no chunk length: \(line)") }
        let chunk = try read(length)
        _ = try read(2)
        return chunk
    }

    /// Reads text up to and without the end mark.
    func readUntil(_ mark: String) throws -> String {
        let mark = Array(mark.utf8)
        var searched = 0
        while true {
            var index = searched
            while index + mark.count <= received.count {
                if Array(received[index..<index + mark.count]) == mark {
                    defer { received.removeFirst(index + mark.count) }
                    return String(decoding: received[..<index], as: UTF8.self)
                }
                index += 1
            }
            searched = max(0, received.count - mark.count + 1)
            guard receive() else {
                if hasTimedOut { throw Failure(reason: "nothing more came", isTimeout: true) }
                throw Failure(reason: "closed after: \(String(decoding: received, as: UTF8.self))")
            }
        }
    }

    private func read(_ count: Int) throws -> String {
        while received.count < count {
            guard receive() else { throw Failure(reason: "closed in the body") }
        }
        defer { received.removeFirst(count) }
        return String(decoding: received[..<count], as: UTF8.self)
    }

    private func receive() -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &buffer, buffer.count, 0)
        guard count > 0 else {
            hasTimedOut = count < 0 && errno == EAGAIN
            if hasTimedOut { Issue.record("the server neither answers nor closes") }
            return false
        }
        received += buffer[..<count]
        return true
    }
}

/// Runs blocking code where it cannot take a thread away from the server's handlers.
func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
        // Not a global queue: those have about as many threads as the machine has cores.
        Thread { continuation.resume(with: Swift.Result { try body() }) }.start()
    }
}

/// Serves while the client code runs, blocking, then stops.
@discardableResult
func serve<Result: Sendable>(
    _ configure: (inout HTTPServerConfiguration) -> Void = { _ in },
    _ handler: @escaping @Sendable (HTTPRequest) async -> HTTPResponse,
    client: @escaping @Sendable (HTTPServer) throws -> Result
) async throws -> Result {
    var configuration = HTTPServerConfiguration()
    configure(&configuration)
    let server = try HTTPServer(configuration: configuration, handler: handler)
    do {
        let result = try await blocking { try client(server) }
        await server.stop(graceSeconds: 1)
        return result
    } catch {
        await server.stop(graceSeconds: 0)
        throw error
    }
}

/// Answers with what it was asked.
let echo: @Sendable (HTTPRequest) async -> HTTPResponse = { request in
    .text("\(request.method) \(request.path) \(String(decoding: request.body, as: UTF8.self))")
}

/// One GET over a connection of its own.
func get(_ server: HTTPServer, _ target: String, headers: String = "") throws -> RawClient.Answer {
    try RawClient(server.port).get(target, headers: headers)
}

/// One POST over a connection of its own.
func post(_ server: HTTPServer, _ target: String, _ body: String) throws -> RawClient.Answer {
    try RawClient(server.port).post(target, body)
}
