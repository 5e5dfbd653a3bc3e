import HTTPServer
import JSON
import Synchronization

/// Slack, Discord or a worker, as a test wants it to behave: a script by the number of the request, from 1.
final class Provider: Sendable {
    private let server: HTTPServer
    private let received: ReceivedBook

    init(_ answer: @escaping @Sendable (HTTPRequest, Int) async -> HTTPResponse) throws {
        let book = ReceivedBook()
        server = try HTTPServer(configuration: HTTPServerConfiguration()) { request in
            await answer(request, book.add(request))
        }
        received = book
    }

    /// Always content, as Slack is.
    static func slack() throws -> Provider { try Provider { _, _ in .text("ok") } }

    var requests: [HTTPRequest] { received.all }
    var bodies: [JSONValue] { requests.compactMap { try? JSONParser.parse($0.body) } }
    /// The fallback texts of Slack payloads, in the order in which they came.
    var texts: [String] { bodies.compactMap { $0["text"]?.stringValue } }
    var base: String { "http://127.0.0.1:\(server.port)" }
    func url(_ path: String = "/services/T0/B0/averyveryverysecrettoken") -> String { base + path }
    func stop() async { await server.stop(graceSeconds: 0) }
}

/// Requests in the order in which they came.
private final class ReceivedBook: Sendable {
    private let requests = Mutex<[HTTPRequest]>([])

    func add(_ request: HTTPRequest) -> Int {
        requests.withLock {
            $0.append(request)
            return $0.count
        }
    }

    var all: [HTTPRequest] { requests.withLock { $0 } }
}

/// A door that answers wait behind until it is opened.
actor Door {
    private var isOpen = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { waiting.append($0) }
    }

    func open() {
        isOpen = true
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}
