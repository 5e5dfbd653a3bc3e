package import JSON

/// Writes events as lines of JSON: `{"time":…,"level":…,"event":…,"request_id":…` and the event's fields `}`.
///
/// Events are named like `proposal.created`; what varies goes into fields. Secrets are replaced on the way.
package struct Logger: Sendable {
    /// The longest line; the fields of a longer one are left out and counted.
    package static let maxLineBytes = 65_536

    private let sink: LogSink
    private let minimum: LogLevel
    private let redactor: Redactor
    private let now: @Sendable () -> String
    private var requestID: String?
    private var standing: JSONObject = [:]

    /// A logger that writes what is at least as grave as `minimum`; `now` is the time as RFC 3339.
    package init(
        sink: LogSink = .standardError, minimum: LogLevel = .info, redactor: Redactor = Redactor(),
        now: @escaping @Sendable () -> String
    ) {
        self.sink = sink
        self.minimum = minimum
        self.redactor = redactor
        self.now = now
    }

    /// A logger that writes nothing.
    package static let silent = Logger(sink: .discard, minimum: .error, now: { "" })

    /// This logger for one request: its identifier is on every line.
    package func with(requestID: String) -> Logger {
        var logger = self
        logger.requestID = requestID
        return logger
    }

    /// This logger with fields that are on every line.
    package func with(_ fields: JSONObject) -> Logger {
        var logger = self
        logger.standing = standing.merging(fields)
        return logger
    }

    /// What helps while searching a fault.
    package func debug(_ event: String, _ fields: JSONObject = [:]) { log(.debug, event, fields) }

    /// What happened as it should.
    package func info(_ event: String, _ fields: JSONObject = [:]) { log(.info, event, fields) }

    /// What somebody should look at.
    package func warning(_ event: String, _ fields: JSONObject = [:]) { log(.warning, event, fields) }

    /// What failed.
    package func error(_ event: String, _ fields: JSONObject = [:]) { log(.error, event, fields) }

    /// One event at a level chosen by the caller.
    package func log(_ level: LogLevel, _ event: String, _ fields: JSONObject = [:]) {
        guard level >= minimum else { return }
        var members: [(key: String, value: JSONValue)] = []
        members.reserveCapacity(4 + standing.count + fields.count)
        members.append(("time", .string(now())))
        members.append(("level", .string(level.rawValue)))
        members.append(("event", .string(short(event))))
        if let requestID {
            members.append(("request_id", .string(short(requestID))))
        }
        let headCount = members.count
        for (key, value) in (standing.isEmpty ? fields : standing.merging(fields)).members {
            let (key, value) = redactor.redact(member: key, value)
            members.append((Self.reserved.contains(key) ? "field_" + key : key, value))
        }
        var line = JSONValue.object(JSONObject(members)).bytes()
        if line.count >= Self.maxLineBytes {
            let head = Array(members.prefix(headCount))
            line = JSONValue.object(JSONObject(head + [("omitted_bytes", .integer(line.count))])).bytes()
        }
        line.append(UInt8(ascii: "\n"))
        sink.write(line)
    }

    private func short(_ text: String) -> String {
        redactor.redact(text.utf8.count <= 200 ? text : String(text.prefix(200)))
    }

    private static let reserved: Set<String> = ["time", "level", "event", "request_id"]
}
