/// A whole request, body included.
package struct HTTPRequest: Sendable {
    /// The request's id, as answers and logs carry it.
    package var id: String
    package var method: HTTPMethod
    /// The path as it was sent, still percent-encoded, without the query.
    package var path: String
    /// The decoded pieces between the slashes; empty for `/`.
    package var segments: [String]
    package var query: QueryItems
    package var headers: HTTPHeaders
    package var body: [UInt8]
    /// The IP address at the other end of the socket.
    package var remoteAddress: String
    /// Values for the `{names}` of the route's pattern; the router fills them in.
    package var parameters: [String: String]

    /// A request for this target (path and query), as tests and in-process callers make them.
    package init(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = HTTPHeaders(), body: [UInt8] = [],
        id: String = "test", remoteAddress: String = "127.0.0.1"
    ) throws(RequestTargetError) {
        let target = try RequestTarget(target)
        self.init(
            method: method, target: target, headers: headers, body: body, id: id,
            remoteAddress: remoteAddress)
    }

    init(
        method: HTTPMethod, target: RequestTarget, headers: HTTPHeaders, body: [UInt8], id: String,
        remoteAddress: String
    ) {
        self.id = id
        self.method = method
        path = target.path
        segments = target.segments
        query = target.query
        self.headers = headers
        self.body = body
        self.remoteAddress = remoteAddress
        parameters = [:]
    }

    /// The fields of a posted form.
    package func form(limits: QueryItems.Limits = QueryItems.Limits()) throws(FormError) -> FormFields {
        let type = (headers.first("Content-Type") ?? "").prefix { $0 != ";" && $0 != " " }
        guard equalIgnoringCase(String(type), "application/x-www-form-urlencoded") else {
            throw .wrongContentType
        }
        guard let text = String(validating: body, as: UTF8.self) else { throw .encoding(.invalidUTF8) }
        return try FormFields(parsing: text[...], limits: limits)
    }
}
