/// One HTTP request.
package struct HTTPClientRequest: Sendable {
    /// What to do with the resource.
    package enum Method: String, Sendable, Hashable {
        case get = "GET"
        case head = "HEAD"
        case post = "POST"
        case put = "PUT"
        case patch = "PATCH"
        case delete = "DELETE"

        /// Whether the request may travel on a kept connection, where libcurl repeats it if the peer hung up.
        var mayBeRepeated: Bool {
            switch self {
            case .get, .head: true
            case .post, .put, .patch, .delete: false
            }
        }
    }

    package var method: Method
    /// An absolute `http` or `https` URL.
    package var url: String
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// From the start to the end of the response.
    package var timeoutSeconds: Double
    /// For name resolution, connection and TLS.
    package var connectTimeoutSeconds: Double
    package var maxResponseBytes: Int
    /// Another policy than the client's for this request.
    package var egress: EgressPolicy?
    /// Whether the request must arrive at most once; then it gets a connection of its own.
    ///
    /// By default true for everything but GET and HEAD.
    package var once: Bool

    package init(
        _ method: Method, _ url: String, headers: [(String, String)] = [], body: [UInt8] = [],
        timeoutSeconds: Double = 15, connectTimeoutSeconds: Double = 5, maxResponseBytes: Int = 1 << 20,
        egress: EgressPolicy? = nil, once: Bool? = nil
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeoutSeconds = timeoutSeconds
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.maxResponseBytes = maxResponseBytes
        self.egress = egress
        self.once = once ?? !method.mayBeRepeated
    }
}
