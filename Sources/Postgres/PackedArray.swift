/// PostgreSQL's binary form of an array of one dimension, as its functions `array_recv` and `text_recv` read it.
enum PackedArray {
    /// The identity of an element's type in every PostgreSQL.
    enum Element: UInt32 {
        case bytea = 17
        case text = 25
    }

    /// Writes the array; each element that is not nil is written by `write`, as long as `byteCount` says.
    static func append<Value>(
        _ values: [Value?], of element: Element, to bytes: inout [UInt8],
        byteCount: (Value) -> Int, _ write: (Value, inout [UInt8]) -> Void
    ) {
        bytes.reserve(values.reduce(20) { $0 + 4 + ($1.map(byteCount) ?? 0) })
        append(UInt32(values.isEmpty ? 0 : 1), to: &bytes)
        append(UInt32(values.contains { $0 == nil } ? 1 : 0), to: &bytes)
        append(element.rawValue, to: &bytes)
        guard !values.isEmpty else { return }
        append(UInt32(values.count), to: &bytes)
        append(UInt32(1), to: &bytes)
        for value in values {
            guard let value else {
                append(UInt32.max, to: &bytes)
                continue
            }
            append(UInt32(byteCount(value)), to: &bytes)
            write(value, &bytes)
        }
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

extension [UInt8] {
    /// Makes room for so many more bytes, and for as many as there are, so that not every array makes a copy of those before.
    fileprivate mutating func reserve(_ more: Int) {
        if capacity - count < more { reserveCapacity(Swift.max(2 * count, count + more)) }
    }
}
