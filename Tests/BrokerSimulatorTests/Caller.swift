import Dispatch
import Domain
import Glibc
import HTTPServer
import JSON
import Synchronization

@testable import BrokerSimulator

/// What a caller got.
struct Reply: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let bytes: [UInt8]

    var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }
    subscript(key: String) -> JSONValue? { json[key] }
    subscript(index: Int) -> JSONValue? { json[index] }
    func text(_ key: String) -> String? { json[key]?.stringValue }
}

/// One way to reach a simulator: by its router, or over a socket.
enum Depth: Sendable, CaseIterable {
    case router, socket
}

/// A simulator and somebody who calls it.
final class Caller: Sendable {
    let simulator: BrokerSimulator
    let depth: Depth
    init(
        _ depth: Depth = .router, _ change: (inout BrokerSimulatorConfiguration) -> Void = { _ in }
    ) throws {
        self.depth = depth
        let box = TimeBox()
        var configuration = BrokerSimulatorConfiguration(now: { box.now }, seed: 7)
        configuration.port = 0
        change(&configuration)
        simulator = try BrokerSimulator(configuration: configuration)
        if depth == .socket { try simulator.start() }
    }

    /// Ends the server, where there is one.
    func stop() async { await simulator.stop() }

    func get(_ target: String) async throws -> Reply { try await call(.get, target) }
    func delete(_ target: String) async throws -> Reply { try await call(.delete, target) }

    func post(_ target: String, _ body: JSONValue = [:]) async throws -> Reply {
        try await call(.post, target, body.bytes())
    }

    /// A market order for shares, with whatever else it needs.
    func order(_ side: String, _ quantity: Int, _ symbol: String, _ more: JSONObject = [:]) async throws
        -> Reply
    {
        let members: JSONObject = [
            "side": .string(side), "qty": .integer(quantity), "symbol": .string(symbol), "type": "market",
            "time_in_force": "day",
        ]
        return try await post("/v2/orders", .object(members.merging(more)))
    }

    func call(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8] = [],
        headers: HTTPHeaders = ["APCA-API-KEY-ID": "key", "APCA-API-SECRET-KEY": "secret"]
    ) async throws -> Reply {
        switch depth {
        case .router:
            let request = try HTTPRequest(method, target, headers: headers, body: body)
            let response = await simulator.respond(to: request)
            if case .hangUp = response.body { throw ConnectionCut() }
            return Reply(status: response.status, headers: response.headers, bytes: response.bodyBytes)
        case .socket:
            let exchange = RawExchange(port: simulator.port)
            // On a thread of its own: blocked here, the few threads of tasks could not run the server's
            // handlers.
            return try await withCheckedThrowingContinuation { continuation in
                DispatchQueue(label: "caller").async {
                    continuation.resume(with: Result { try exchange.call(method, target, body, headers) })
                }
            }
        }
    }
}

/// The connection ended without an answer.
struct ConnectionCut: Error {}

/// A clock that goes on by a millisecond whenever it is read: two readings never agree.
final class TimeBox: Sendable {
    private let microseconds = Mutex<Int64>(1_794_000_000_000_000)

    var now: Timestamp {
        microseconds.withLock {
            $0 += 1000
            return Timestamp(microseconds: $0)
        }
    }
}

/// One request on a connection of its own, by the bare socket.
struct RawExchange {
    let port: Int

    func call(
        _ method: HTTPMethod, _ target: String, _ body: [UInt8], _ headers: HTTPHeaders
    ) throws -> Reply {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(socket) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(port)).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard connected == 0 else { throw ConnectionCut() }
        var head = "\(method) \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        head += "Content-Length: \(body.count)\r\n"
        for field in headers.fields { head += "\(field.name): \(field.value)\r\n" }
        let request = Array((head + "\r\n").utf8) + body
        guard send(socket, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw ConnectionCut()
        }
        return try parse(readAll(socket))
    }

    private func readAll(_ socket: Int32) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(socket, &chunk, chunk.count, 0)
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
        }
    }

    private func parse(_ bytes: [UInt8]) throws -> Reply {
        let end = Array("\r\n\r\n".utf8)
        guard let place = bytes.indices.first(where: { bytes[$0...].starts(with: end) }) else {
            throw ConnectionCut()
        }
        let lines = String(decoding: bytes[..<place], as: UTF8.self).split(separator: "\r\n")
        guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) }) else {
            throw ConnectionCut()
        }
        var headers = HTTPHeaders()
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            headers.add(String(parts[0]), String(parts[1].drop { $0 == " " }))
        }
        return Reply(status: status, headers: headers, bytes: Array(bytes[(place + end.count)...]))
    }
}
