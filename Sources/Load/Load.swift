import Glibc

/// The load generator of `ops/bench`: sends prepared requests over keep-alive connections, as fast as they are
/// answered or at a rate, from one thread, and prints one JSON object about the answers.
///
/// With `--door` it is also the worker: it takes webhooks there and tells how long each came after the answer that
/// released its order.
@main
struct Load {
    static func main() {
        signal(SIGPIPE, SIG_IGN)
        guard let options = LoadOptions(CommandLine.arguments.dropFirst()) else {
            complain(LoadOptions.usage)
            exit(2)
        }
        do {
            var run = try LoadRun(options)
            try run.run()
            print(run.report.json)
        } catch {
            complain("load: \(error)\n")
            exit(1)
        }
    }

    private static func complain(_ text: String) {
        var text = text
        text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}

/// What to send, where, and for how long.
struct LoadOptions {
    static let usage = """
        usage: Load --port P --requests FILE [--connections N] [--seconds S] [--rate R] [--door P]

        FILE holds whole HTTP requests, each after its length as four bytes, the lowest first. Each is sent once.

        """

    var port: UInt16 = 0
    var requests = ""
    var connections = 1
    var seconds = 3600.0
    /// Requests a second over all connections; nil for as many as are answered.
    var rate: Double?
    /// Where webhooks arrive.
    var door: UInt16?

    init?(_ arguments: some Sequence<String>) {
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard let value = rest.popFirst(), set(name, value) else { return nil }
        }
        guard port > 0, !requests.isEmpty, connections > 0 else { return nil }
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "--port": return UInt16(value).map { port = $0 } != nil
        case "--requests": requests = value
        case "--connections": return Int(value).map { connections = $0 } != nil
        case "--seconds": return Double(value).map { seconds = $0 } != nil
        case "--rate": return Double(value).map { rate = $0 } != nil
        case "--door": return UInt16(value).map { door = $0 } != nil
        default: return false
        }
        return true
    }
}

/// What the load generator could not do.
struct LoadFailure: Error, CustomStringConvertible {
    let description: String

    init(_ what: String) { description = what }

    /// The system's own word on the last call.
    static func system(_ what: String) -> LoadFailure {
        LoadFailure("\(what): \(String(cString: strerror(errno)))")
    }
}
