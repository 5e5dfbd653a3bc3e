package import HTTPServer
package import JSON

/// An error as programs are told of it: a problem document (RFC 9457).
package struct Problem: Error, Sendable, Hashable {
    /// The last part of the problem's type.
    package var slug: String
    package var title: String
    package var status: Int
    /// What happened, what it means and what to do.
    package var detail: String
    /// Further members of the document.
    package var facts: JSONObject = [:]
    package var faults: [JSONFault] = []
    package var headers: HTTPHeaders = [:]

    /// The document.
    package var json: JSONValue {
        var object: JSONObject = [
            "type": .string("/problems/\(slug)"), "title": .string(title), "status": .integer(status),
            "detail": .string(detail),
        ]
        if !faults.isEmpty {
            object["errors"] = .array(
                faults.map { ["pointer": .string($0.pointer), "detail": .string($0.detail)] })
        }
        for (key, value) in facts.members where object[key] == nil { object[key] = value }
        return .object(object)
    }

    /// The answer that carries it.
    package var response: HTTPResponse {
        var response = HTTPResponse(status: status, headers: headers, body: json.bytes())
        response.headers.set("Content-Type", "application/problem+json")
        response.headers.set("Cache-Control", "no-store")
        return response
    }
}

extension Problem {
    static func malformed(_ detail: String) -> Problem {
        Problem(slug: "malformed", title: "The request cannot be read", status: 400, detail: detail)
    }

    static let unsupportedMediaType = Problem(
        slug: "unsupported-media-type", title: "This kind of body is not taken here", status: 415,
        detail: "Send the body as application/json.")

    static func unavailable(_ detail: String) -> Problem {
        Problem(
            slug: "unavailable", title: "Not available at the moment", status: 503, detail: detail,
            headers: ["Retry-After": "2"])
    }

    static let misdirected = Problem(
        slug: "misdirected", title: "This server does not answer under that name", status: 421,
        detail:
            "The request names another host than COUNTERSIGN_PUBLIC_URL and the address the server listens on. Use "
            + "that address, or the machine's IP address; whoever runs the server sets COUNTERSIGN_PUBLIC_URL to the "
            + "name that people use, and lets a proxy in front pass Host on.")

    static let internalError = Problem(
        slug: "internal", title: "Something went wrong here", status: 500,
        detail: "The request could not be carried out because of a fault of this server. It is in the log, "
            + "under the answer's X-Request-Id.")

    /// The problem that a bare status tells, where no handler had a word.
    package static func of(status: Int) -> Problem {
        switch status {
        case 404:
            Problem(
                slug: "not-found", title: "Not found", status: 404,
                detail: "There is nothing at this address. /openapi.json lists what there is.")
        case 405:
            Problem(
                slug: "method-not-allowed", title: "This method is not allowed here", status: 405,
                detail: "The address exists, but not for this method. The Allow header names those that do.")
        case 413:
            Problem(
                slug: "too-large", title: "The body is too large", status: 413,
                detail: "A body may have at most 1 MiB. Nothing was stored.")
        case 503: unavailable("The server is busy or stopping. Try again in a few seconds.")
        case 500: internalError
        case 400: malformed("The request is not well-formed HTTP.")
        default:
            Problem(
                slug: "http-\(status)", title: errorTitle(of: status), status: status,
                detail: "The server refused the request: \(errorTitle(of: status)).")
        }
    }
}
