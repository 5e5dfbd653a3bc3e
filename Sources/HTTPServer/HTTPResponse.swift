/// An answer: status, headers and a body or a stream of events.
///
/// The server adds `X-Request-Id`, `Date` and the lengths; `Content-Length` and `Transfer-Encoding` set by a handler
/// are ignored. An answer with a header that would break the message is replaced by a 500.
package struct HTTPResponse: Sendable {
    /// What follows the headers.
    package enum Body: Sendable {
        case bytes([UInt8])
        case events(ServerSentEventStream)
        /// No answer at all: the connection is cut.
        case hangUp
    }

    package var status: Int
    package var headers: HTTPHeaders
    package var body: Body
    /// The pattern of the route that answered, for the access log; the router fills it in.
    package var routePattern: String?
    /// Whom the answer goes to, for the access log, where a proxy stands between; else the socket's other end.
    package var clientAddress: String?
    /// For HEAD: the length of the body that GET would have had.
    var omittedBodyBytes: Int?

    package init(status: Int, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = .bytes(body)
    }

    /// JSON text that is already serialized.
    package static func json(_ bytes: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Content-Type": "application/json"], body: bytes)
    }

    /// JSON text that is already serialized.
    package static func json(_ text: String, status: Int = 200) -> HTTPResponse {
        json(Array(text.utf8), status: status)
    }

    /// Plain text in UTF-8.
    package static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/plain; charset=utf-8"], body: Array(text.utf8))
    }

    /// A page in UTF-8.
    package static func html(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: Array(text.utf8))
    }

    /// An answer without a body.
    package static func empty(status: Int = 204) -> HTTPResponse { HTTPResponse(status: status) }

    /// Sends the browser elsewhere; 303 makes it GET the place, whatever it did here.
    package static func redirect(to location: String, status: Int = 303) -> HTTPResponse {
        HTTPResponse(status: status, headers: ["Location": location])
    }

    /// Server-sent events until the stream ends or the client leaves.
    package static func events(_ stream: ServerSentEventStream) -> HTTPResponse {
        var response = HTTPResponse(
            status: 200,
            headers: [
                "Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no",
            ])
        response.body = .events(stream)
        return response
    }

    /// Cuts the connection instead of answering, as a peer does that dies; for simulators and tests.
    package static func hangUp() -> HTTPResponse {
        var response = HTTPResponse(status: 503)
        response.body = .hangUp
        return response
    }

    /// The same answer with one more header.
    package func header(_ name: String, _ value: String) -> HTTPResponse {
        var copy = self
        copy.headers.add(name, value)
        return copy
    }

    /// The same answer, asking the browser to keep a cookie.
    package func setting(_ cookie: SetCookie) -> HTTPResponse { header("Set-Cookie", cookie.headerValue) }

    /// The body's bytes; nothing for a stream.
    package var bodyBytes: [UInt8] {
        switch body {
        case .bytes(let bytes): bytes
        case .events, .hangUp: []
        }
    }
}

/// Makes the body of an answer that the server gives by itself: 400, 404, 405, 413, 500, 503 and the like.
///
/// The status it is given stands, whatever status the returned response carries.
package typealias HTTPErrorBody = @Sendable (_ status: Int, _ requestID: String) -> HTTPResponse

/// One line of text that names the status.
package func plainErrorBody(status: Int, requestID: String) -> HTTPResponse {
    .text("\(status) \(errorTitle(of: status))\n", status: status)
}

/// The status in a few words.
package func errorTitle(of status: Int) -> String {
    switch status {
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 413: "Content Too Large"
    case 414: "URI Too Long"
    case 431: "Request Header Fields Too Large"
    case 500: "Internal Server Error"
    case 501: "Not Implemented"
    case 503: "Service Unavailable"
    default: "Error"
    }
}
