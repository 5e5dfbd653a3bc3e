import CMicroHTTPD

/// A response in libmicrohttpd's form, made where the handler ran, so that its one thread need not.
///
/// Unchecked: it is handed over once, from the task that made it to the thread that sends or destroys it.
struct PreparedResponse: @unchecked Sendable {
    private let raw: OpaquePointer
    let status: Int
    let bodyBytes: Int
    let feed: EventFeed?

    /// Nil where memory has run out, or where the connection is to be cut instead.
    init?(_ response: HTTPResponse, requestID: String, isHead: Bool, closes: Bool, connection: Connection) {
        var feed: EventFeed?
        let raw: OpaquePointer?
        switch response.body {
        case .bytes(let bytes):
            bodyBytes = response.omittedBodyBytes ?? bytes.count
            raw =
                isHead && response.omittedBodyBytes != nil
                ? MHD_create_response_from_callback(UInt64(bodyBytes), 1024, readNothing, nil, nil)
                : bytes.withUnsafeBytes {
                    MHD_create_response_from_buffer(
                        $0.count, UnsafeMutableRawPointer(mutating: $0.baseAddress), .RESPMEM_MUST_COPY)
                }
        case .events(let stream):
            bodyBytes = 0
            let made = EventFeed(stream, connection: connection)
            feed = made
            raw = MHD_create_response_from_callback(
                mhd_size_unknown(), 16_384, readEvents, Unmanaged.passRetained(made).toOpaque(), releaseEvents
            )
        case .hangUp:
            return nil
        }
        guard let raw else { return nil }
        self.raw = raw
        self.feed = feed
        status = response.status
        for field in response.headers.fields where !isServersOwn(field.name) {
            Self.add(field.name, field.value, to: raw)
        }
        Self.add("X-Request-Id", requestID, to: raw)
        if closes { Self.add("Connection", "close", to: raw) }
    }

    /// The texts are lent, not copied for the call, as Swift does by itself.
    private static func add(_ name: String, _ value: String, to response: OpaquePointer) {
        name.withCString { name in
            value.withCString { value in _ = MHD_add_response_header(response, name, value) }
        }
    }

    /// Gives the response to the connection; only on libmicrohttpd's thread.
    func queue(on connection: OpaquePointer) -> MHD_Result {
        defer { discard() }
        return MHD_queue_response(connection, UInt32(status), raw)
    }

    /// Lets go of the response; one that was queued stays with its connection.
    func discard() { MHD_destroy_response(raw) }
}

/// Headers that would contradict the message as it is sent.
private func isServersOwn(_ name: String) -> Bool {
    equalIgnoringCase(name, "Content-Length") || equalIgnoringCase(name, "Transfer-Encoding")
        || equalIgnoringCase(name, "X-Request-Id")
}

extension HTTPResponse {
    /// Whether status and headers make a message that means the same to everybody.
    var isSendable: Bool {
        (200...599).contains(status) && headers.fields.allSatisfy(\.isSendable)
    }
}

private let readNothing: MHD_ContentReaderCallback = { _, _, _, _ in mhd_end_of_stream() }

private let readEvents: MHD_ContentReaderCallback = { context, _, buffer, capacity in
    guard let context, let buffer else { return mhd_end_of_stream() }
    return Unmanaged<EventFeed>.fromOpaque(context).takeUnretainedValue()
        .read(into: UnsafeMutableRawBufferPointer(start: buffer, count: capacity))
}

private let releaseEvents: MHD_ContentReaderFreeCallback = { context in
    guard let context else { return }
    Unmanaged<EventFeed>.fromOpaque(context).takeRetainedValue().released()
}
