/// Where the server listens and what it puts up with.
package struct HTTPServerConfiguration: Sendable {
    package var host: String
    /// 0 takes any free port; `HTTPServer.port` says which.
    package var port: Int
    package var maxBodyBytes = 1_048_576
    package var maxHeaderBytes = 16_384
    package var maxHeaderCount = 100
    package var maxURIBytes = 8192
    /// Bodies that are still arriving may together take this much memory; beyond it requests are answered 503.
    package var maxBufferedBodyBytes = 67_108_864
    /// How long a connection may wait between requests, or stall in the middle of one.
    package var idleTimeoutSeconds = 60.0
    /// How long a request may take to arrive, from its first line to the end of its body.
    package var requestTimeoutSeconds = 30.0
    /// How long a handler may take before its task is cancelled and 503 is answered.
    package var handlerTimeoutSeconds = 75.0
    /// How long a client may take to read an answer.
    package var sendTimeoutSeconds = 120.0
    /// Where nearly so many are open, those whose clients have been silent for longest are closed to make room.
    package var connectionLimit = 1024
    /// Connections from one address; 0 for no limit, as behind a proxy.
    package var connectionLimitPerAddress = 0
    /// Bodies of the answers that the server gives by itself.
    package var errorBody: HTTPErrorBody = plainErrorBody
    /// Makes ids for requests that bring none; called for each such request.
    package var requestID: @Sendable () -> String = randomRequestID
    /// Told of every request once it is answered, or its event stream has ended.
    ///
    /// Must not block.
    package var accessLog: (@Sendable (HTTPAccess) -> Void)?

    package init(host: String = "127.0.0.1", port: Int = 0) {
        self.host = host
        self.port = port
    }
}

/// One answered request, for the access log.
package struct HTTPAccess: Sendable, Hashable {
    package let requestID: String
    package let method: HTTPMethod
    /// The route's pattern and never the path, which may hold a secret; nil where no route matched.
    package let routePattern: String?
    package let status: Int
    /// From the request's first line to its answer being ready to send.
    package let durationMicroseconds: Int
    package let requestBytes: Int
    package let responseBytes: Int
    package let remoteAddress: String
}

/// How busy the server is at this moment.
package struct HTTPServerCounters: Sendable, Hashable {
    package let openConnections: Int
    /// Requests whose headers have arrived and whose answers are not yet sent whole, event streams included.
    package let requestsInFlight: Int
    package let eventStreams: Int
    /// Requests since the start.
    package let requestsTotal: Int
}

/// Why a server could not be started.
package struct HTTPServerError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable {
        case addressInUse, permissionDenied, invalidAddress, system
    }

    package let code: Code
    package let message: String
    package var description: String { message }
}

/// 75 random bits in 15 characters, which is what fits into a string without a heap allocation.
package func randomRequestID() -> String {
    var generator = SystemRandomNumberGenerator()
    var bits = generator.next()
    var more = generator.next()
    let alphabet: StaticString = "0123456789abcdefghjkmnpqrstvwxyz"
    return String(unsafeUninitializedCapacity: 15) { buffer in
        alphabet.withUTF8Buffer { alphabet in
            for index in 0..<15 {
                buffer[index] = alphabet[Int(bits & 31)]
                bits >>= 5
                if index == 11 { swap(&bits, &more) }
            }
        }
        return 15
    }
}

/// Whether an id that came with a request may be taken over: 1 to 64 of `A-Za-z0-9._-`.
func isAcceptableRequestID(_ id: String) -> Bool {
    let bytes = id.utf8
    return (1...64).contains(bytes.count)
        && bytes.allSatisfy {
            switch $0 {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
}
