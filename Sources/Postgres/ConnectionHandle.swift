import CPostgres
import Glibc

/// libpq prints notices to standard error unless told otherwise.
private let ignoreNotice: PQnoticeReceiver = { _, _ in }

/// Owns one `PGconn`; the pointer never leaves this type.
struct ConnectionHandle: ~Copyable {
    private let raw: OpaquePointer

    private init(_ raw: OpaquePointer) { self.raw = raw }

    deinit { PQfinish(raw) }

    static func open(_ configuration: PostgresConfiguration) throws(PostgresError) -> ConnectionHandle {
        try configuration.validate()
        let keywords = configuration.keywords
        let raw = CStrings.withPointers(keywords.map(\.0)) { names in
            CStrings.withPointers(keywords.map(\.1)) { values in PQconnectdbParams(names, values, 1) }
        }
        guard let raw else { throw PostgresError(.connection, "There is no memory for a connection.") }
        let connection = ConnectionHandle(raw)
        guard PQstatus(raw) == CONNECTION_OK else {
            throw PostgresError(.connection, connection.failureText)
        }
        PQsetNoticeReceiver(raw, ignoreNotice, nil)
        return connection
    }

    /// Whether a server answers and takes connections, without logging in.
    static func isServerReady(_ configuration: PostgresConfiguration) -> Bool {
        PQping(configuration.connectionString) == PQPING_OK
    }

    enum TransactionStatus { case idle, active, open, failed, unknown }

    var transactionStatus: TransactionStatus {
        switch PQtransactionStatus(raw) {
        case PQTRANS_IDLE: .idle
        case PQTRANS_ACTIVE: .active
        case PQTRANS_INTRANS: .open
        case PQTRANS_INERROR: .failed
        default: .unknown
        }
    }

    var isBroken: Bool { PQstatus(raw) != CONNECTION_OK }
    var serverVersion: Int { Int(PQserverVersion(raw)) }
    var processID: Int { Int(PQbackendPID(raw)) }
    var socket: Int32 { PQsocket(raw) }

    /// libpq's last words on one line.
    var failureText: String {
        let text = String(cString: PQerrorMessage(raw))
        let lines = text.split(separator: "\n").map { $0.trimmingPrefix { $0 == " " || $0 == "\t" } }
        return lines.isEmpty ? "The connection is closed." : lines.joined(separator: " ")
    }

    /// A setting the server reports by itself, such as `server_encoding`.
    func parameter(_ name: String) -> String? { PQparameterStatus(raw, name).map { String(cString: $0) } }

    /// True where an idle connection is not to be trusted any more; costs one system call.
    ///
    /// A server has nothing to say to an idle session except that it is going away.
    var isDeadWhileIdle: Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return isBroken || poll(&descriptor, 1, 0) != 0
    }

    // MARK: statements

    /// Runs one or several statements by the simple protocol; the answer is the last one's.
    func execute(_ sql: String) -> ResultHandle? { PQexec(raw, sql).map(ResultHandle.init) }

    func prepare(_ name: String, _ sql: String) -> ResultHandle? {
        PQprepare(raw, name, sql, 0, nil).map(ResultHandle.init)
    }

    func executePrepared(_ name: String, _ parameters: ParameterBuffer) -> ResultHandle? {
        parameters.withPointers { count, values, lengths, formats in
            PQexecPrepared(raw, name, count, values, lengths, formats, 0).map(ResultHandle.init)
        }
    }

    // MARK: pipeline

    func enterPipeline() -> Bool { PQenterPipelineMode(raw) == 1 }
    func exitPipeline() -> Bool { PQexitPipelineMode(raw) == 1 }
    func sendSync() -> Bool { PQpipelineSync(raw) == 1 }

    /// Asks for the answers so far, and sees to it that all is sent so far.
    func sendFlush() -> Bool { PQsendFlushRequest(raw) == 1 && PQflush(raw) == 0 }

    func sendPrepare(_ name: String, _ sql: String) -> Bool { PQsendPrepare(raw, name, sql, 0, nil) == 1 }

    func sendUnprepared(_ sql: String) -> Bool {
        PQsendQueryParams(raw, sql, 0, nil, nil, nil, nil, 0) == 1
    }

    func sendPrepared(_ name: String, _ parameters: ParameterBuffer) -> Bool {
        parameters.withPointers { count, values, lengths, formats in
            PQsendQueryPrepared(raw, name, count, values, lengths, formats, 0) == 1
        }
    }

    func nextResult() -> ResultHandle? { PQgetResult(raw).map(ResultHandle.init) }

    // MARK: notifications

    /// Takes in what the socket holds; false where the connection is over.
    func consumeInput() -> Bool { PQconsumeInput(raw) == 1 && !isBroken }

    func nextNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(raw) else { return nil }
        defer { PQfreemem(notification) }
        return PostgresNotification(
            channel: String(cString: notification.pointee.relname),
            payload: String(cString: notification.pointee.extra))
    }
}

/// A list of texts as the NULL-terminated array of C strings that C functions want.
enum CStrings {
    static func withPointers<R>(_ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> R) -> R
    {
        withMutablePointers(texts) { pointers in
            pointers.map { UnsafePointer($0) }.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }

    static func withMutablePointers<R>(_ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R) -> R
    {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        return body(copies + [nil])
    }
}
