import Glibc

/// The parameters of one statement as libpq wants them, in one block: NUL-terminated texts, and packed arrays with their
/// lengths.
struct ParameterBuffer: Sendable {
    private var bytes: [UInt8] = []
    /// Where each text starts in `bytes`; nil for NULL.
    private var starts: [Int?] = []
    /// How long each value is that is sent in binary form, and which are; a text ends with its NUL.
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    /// The protocol counts parameters in 16 bits.
    static let maxCount = 65_535

    init(_ values: [PostgresValue]) throws(PostgresError) {
        guard values.count <= Self.maxCount else {
            throw PostgresError(
                .parameter,
                "\(values.count) parameters are more than the \(Self.maxCount) PostgreSQL takes; send arrays instead."
            )
        }
        starts.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            guard value != .null else {
                starts.append(nil)
                lengths.append(0)
                formats.append(0)
                continue
            }
            let start = bytes.count
            starts.append(start)
            formats.append(value.isPacked ? 1 : 0)
            guard append(value) else {
                throw PostgresError(
                    .parameter,
                    "Parameter $\(index + 1) has a NUL character, which PostgreSQL cannot store in text.")
            }
            lengths.append(Int32(clamping: bytes.count - start))
            bytes.append(0)
        }
    }

    /// Lends values, lengths and formats for the time of the call.
    func withPointers<R>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>?, [Int32], [Int32]) -> R
    ) -> R {
        bytes.withUnsafeBytes { block in
            let base = block.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = starts.map { start in start.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer {
                body(Int32($0.count), $0.baseAddress, lengths, formats)
            }
        }
    }

    /// Writes the text form; false where it holds a NUL.
    private mutating func append(_ value: PostgresValue) -> Bool {
        switch value {
        case .null: return true
        case .text(let text):
            guard !text.hasNUL else { return false }
            bytes.append(contentsOf: text.utf8)
        case .int(let int): bytes.append(contentsOf: String(int).utf8)
        case .bool(let bool): bytes.append(contentsOf: (bool ? "true" : "false").utf8)
        case .bytes(let raw): ByteaText.append(raw, to: &bytes)
        case .timestamp(let microseconds):
            bytes.append(contentsOf: InstantText.text(microseconds: microseconds).utf8)
        case .textArray(let texts):
            return ArrayLiteral.append(texts, to: &bytes) { text, bytes in
                ArrayLiteral.appendQuoted(text, to: &bytes)
            }
        case .intArray(let ints):
            return ArrayLiteral.append(ints, to: &bytes) { int, bytes in
                bytes.append(contentsOf: String(int).utf8)
                return true
            }
        case .boolArray(let bools):
            return ArrayLiteral.append(bools, to: &bytes) { bool, bytes in
                bytes.append(contentsOf: (bool ? "true" : "false").utf8)
                return true
            }
        case .bytesArray(let raws):
            PackedArray.append(raws, of: .bytea, to: &bytes) { raw, bytes in bytes.append(contentsOf: raw) }
        case .packedTextArray(let texts):
            guard !texts.contains(where: { $0?.hasNUL ?? false }) else { return false }
            PackedArray.append(texts, of: .text, to: &bytes) { text, bytes in
                bytes.append(contentsOf: text.utf8)
            }
        }
        return true
    }
}

extension String {
    /// Whether it holds a NUL, which no text of PostgreSQL may.
    var hasNUL: Bool {
        utf8.withContiguousStorageIfAvailable { bytes in
            bytes.baseAddress.map { memchr($0, 0, bytes.count) != nil } ?? false
        } ?? utf8.contains(0)
    }
}

extension PostgresValue {
    /// Whether it is sent in binary form.
    fileprivate var isPacked: Bool {
        switch self {
        case .bytesArray, .packedTextArray: true
        case .null, .text, .int, .bool, .bytes, .timestamp, .textArray, .intArray, .boolArray: false
        }
    }
}
