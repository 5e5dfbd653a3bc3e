/// A request while it arrives: what is known of it, and whether it is already refused.
///
/// A refused request's body is read and thrown away before the answer is given: closing a socket with unread bytes in
/// it would destroy the answer on its way to the client.
struct IncomingRequest {
    /// What to do once the headers are known.
    enum Admission {
        case readBody
        /// Answer without reading the body, then close.
        case refuseNow
    }

    /// A refused body longer than this is not read to its end.
    static let maxDiscardedBytes = 67_108_864

    let startedMicroseconds: Int64
    var target: String?
    var method = HTTPMethod.get
    var headers = HTTPHeaders()
    var id = ""
    var body: [UInt8] = []
    var discardedBytes = 0
    /// The status to answer with instead of calling the handler.
    private(set) var refusal: Int?
    private var isTargetTooLong = false

    init(target: String?, isTargetTooLong: Bool, startedMicroseconds: Int64) {
        self.target = target
        self.isTargetTooLong = isTargetTooLong
        self.startedMicroseconds = startedMicroseconds
    }

    mutating func refuse(_ status: Int) {
        if refusal == nil { refusal = status }
        body = []
    }

    /// Judges the headers, and says whether to read on.
    mutating func admit(_ limits: HTTPServerConfiguration) -> Admission {
        if isTargetTooLong { refuse(414) }
        let bytes = headers.fields.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
        if headers.fields.count > limits.maxHeaderCount || bytes > limits.maxHeaderBytes { refuse(431) }
        switch framing() {
        case .failure(let status):
            refuse(status.code)
            return .refuseNow
        case .success(let length):
            if length > limits.maxBodyBytes { refuse(413) }
            if refusal == nil {
                body.reserveCapacity(min(length, 65_536))
                return .readBody
            }
            // A client that waits to be asked for its body has sent nothing yet.
            return length > Self.maxDiscardedBytes || headers.first("Expect") != nil ? .refuseNow : .readBody
        }
    }

    /// Takes a piece of the body in, or throws it away; false means that it is too much even for that.
    mutating func take(_ bytes: UnsafeRawBufferPointer, _ limits: HTTPServerConfiguration) -> Bool {
        if refusal == nil && body.count + bytes.count > limits.maxBodyBytes { refuse(413) }
        if refusal == nil {
            body.append(contentsOf: bytes)
            return true
        }
        discardedBytes += bytes.count
        return discardedBytes <= Self.maxDiscardedBytes
    }

    private struct Status: Error { let code: Int }

    /// How long the body says it is (0 where chunked); whatever two servers could read differently is refused.
    private func framing() -> Result<Int, Status> {
        var length: String?
        var isChunked = false
        for field in headers.fields {
            if equalIgnoringCase(field.name, "Content-Length") {
                guard length == nil, field.value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    return .failure(Status(code: 400))
                }
                length = field.value
            } else if equalIgnoringCase(field.name, "Transfer-Encoding") {
                guard !isChunked else { return .failure(Status(code: 400)) }
                guard equalIgnoringCase(field.value, "chunked") else {
                    return .failure(Status(code: 501))
                }
                isChunked = true
            }
        }
        guard let length else { return .success(0) }
        guard !isChunked, let number = Int(length) else { return .failure(Status(code: 400)) }
        return .success(number)
    }
}
