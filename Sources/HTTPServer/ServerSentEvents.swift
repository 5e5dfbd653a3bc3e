/// One server-sent event.
package struct ServerSentEvent: Sendable, Hashable {
    package var data: String
    package var event: String?
    package var id: String?
    /// How long a browser should wait before it connects again.
    package var retryMilliseconds: Int?

    package init(data: String, event: String? = nil, id: String? = nil, retryMilliseconds: Int? = nil) {
        self.data = data
        self.event = event
        self.id = id
        self.retryMilliseconds = retryMilliseconds
    }

    /// The event as it goes over the wire.
    ///
    /// Line breaks in names and ids are dropped, so that no field can be smuggled in.
    package var serialized: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(data.utf8.count + 64)
        if let event { bytes.addField("event: ", singleLine(event)) }
        if let id { bytes.addField("id: ", singleLine(id)) }
        if let retryMilliseconds { bytes.addField("retry: ", String(retryMilliseconds).utf8) }
        var line = data.utf8[...]
        while let end = line.firstIndex(where: isLineBreak) {
            bytes.addField("data: ", line[..<end])
            let next = line.index(after: end)
            let isPair = line[end] == carriageReturn && next < line.endIndex && line[next] == lineFeed
            line = line[next...].dropFirst(isPair ? 1 : 0)
        }
        bytes.addField("data: ", line)
        bytes.append(lineFeed)
        return bytes
    }

    private func singleLine(_ text: String) -> some Collection<UInt8> {
        text.utf8.filter { !isLineBreak($0) && $0 != 0 }
    }
}

private let lineFeed = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")

private func isLineBreak(_ byte: UInt8) -> Bool { byte == lineFeed || byte == carriageReturn }

extension [UInt8] {
    fileprivate mutating func addField(_ name: StaticString, _ value: some Collection<UInt8>) {
        name.withUTF8Buffer { append(contentsOf: $0) }
        append(contentsOf: value)
        append(lineFeed)
    }
}

/// Events for one client, from an `AsyncStream`.
///
/// When the client leaves, iteration is cancelled and the stream's `onTermination` runs. A client that reads too
/// slowly to stay within `maxBufferedBytes` is cut off; it connects again with `Last-Event-ID`.
package struct ServerSentEventStream: Sendable {
    package let events: AsyncStream<ServerSentEvent>
    /// How long the line may be silent before a comment is sent to keep it open.
    package let heartbeatSeconds: Double
    package let maxBufferedBytes: Int

    package init(
        _ events: AsyncStream<ServerSentEvent>, heartbeatSeconds: Double = 15, maxBufferedBytes: Int = 262_144
    ) {
        self.events = events
        self.heartbeatSeconds = heartbeatSeconds
        self.maxBufferedBytes = maxBufferedBytes
    }
}
