/// PostgreSQL's binary form of an array of one dimension, as its functions `array_recv` and `text_recv` read it.
enum PackedArray {
    /// The identity of an element's type in every PostgreSQL.
    enum Element: UInt32 {
        case bytea = 17
        case text = 25
    }

    /// Writes the array; each element that is not nil is written by `write`.
    static func append<Value>(
        _ values: [Value?], of element: Element, to bytes: inout [UInt8],
        _ write: (Value, inout [UInt8]) -> Void
    ) {
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
            let place = bytes.count
            append(UInt32(0), to: &bytes)
            write(value, &bytes)
            let length = UInt32(bytes.count - place - 4)
            for byte in 0..<4 { bytes[place + byte] = UInt8(truncatingIfNeeded: length >> (24 - 8 * byte)) }
        }
    }

    private static func append(_ number: UInt32, to bytes: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: number >> shift)) }
    }
}
