import Glibc

/// What has arrived on a connection, until it is a whole HTTP message with a Content-Length.
struct HTTPMessageBuffer {
    private(set) var bytes: [UInt8] = []
    /// Where the body begins and ends, once the header has arrived.
    private var body: Range<Int>?

    /// Reads what has arrived; false where the other side has closed.
    mutating func read(from descriptor: Int32, into scratch: UnsafeMutableRawBufferPointer) -> Bool {
        while true {
            let count = recv(descriptor, scratch.baseAddress, scratch.count, 0)
            if count > 0 { bytes.append(contentsOf: scratch[0..<count]) }
            if count == 0 { return false }
            if count < 0 { return errno == EAGAIN || errno == EINTR }
            if count < scratch.count { return true }
        }
    }

    /// Whether a whole message has arrived.
    mutating func isWhole() -> Bool {
        if body == nil, let end = find("\r\n\r\n", from: 0) {
            let length = field("content-length").flatMap { Int($0) } ?? 0
            body = end + 4..<end + 4 + length
        }
        return body.map { bytes.count >= $0.upperBound } ?? false
    }

    /// Takes the message away; what came after it stays.
    mutating func drop() {
        guard let body else { return }
        if body.upperBound >= bytes.count {
            bytes.removeAll(keepingCapacity: true)
        } else {
            bytes.removeFirst(body.upperBound)
        }
        self.body = nil
    }

    /// How long the whole message is.
    var length: Int { body?.upperBound ?? 0 }

    /// The status of an answer.
    var status: Int {
        guard bytes.count > 12 else { return 0 }
        return bytes[9..<12].reduce(0) { $0 * 10 + Int($1) - 48 }
    }

    /// A header field's value, by its name in small letters.
    func field(_ name: String) -> String? {
        let wanted = Array(name.utf8)
        var start = 0
        while let end = find("\r\n", from: start), end > start {
            let line = bytes[start..<end]
            if line.count > wanted.count, line[start + wanted.count] == UInt8(ascii: ":"),
                zip(line, wanted).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
            {
                let value = line[(start + wanted.count + 1)...].drop { $0 == UInt8(ascii: " ") }
                return String(decoding: value, as: UTF8.self)
            }
            start = end + 2
        }
        return nil
    }

    /// The text member of that name in a JSON body, as it stands there.
    func member(_ name: String) -> String? {
        guard let at = find("\"\(name)\":\"", from: body?.lowerBound ?? 0) else { return nil }
        let start = at + name.utf8.count + 4
        let value = bytes[start...].prefix { $0 != UInt8(ascii: "\"") }
        return String(decoding: value, as: UTF8.self)
    }

    private func find(_ text: StaticString, from start: Int) -> Int? {
        bytes.withUnsafeBytes { hay in
            Self.find(UnsafeRawPointer(text.utf8Start), text.utf8CodeUnitCount, in: hay, from: start)
        }
    }

    private func find(_ text: String, from start: Int) -> Int? {
        var text = text
        return text.withUTF8 { needle in
            bytes.withUnsafeBytes { hay in
                needle.baseAddress.flatMap { Self.find($0, needle.count, in: hay, from: start) }
            }
        }
    }

    private static func find(
        _ needle: UnsafeRawPointer, _ count: Int, in hay: UnsafeRawBufferPointer, from start: Int
    ) -> Int? {
        guard let base = hay.baseAddress else { return nil }
        let first = Int32(needle.load(as: UInt8.self))
        var at = start
        while at + count <= hay.count, let hit = memchr(base + at, first, hay.count - count - at + 1) {
            if memcmp(hit, needle, count) == 0 { return UnsafeRawPointer(hit) - base }
            at = UnsafeRawPointer(hit) - base + 1
        }
        return nil
    }
}
