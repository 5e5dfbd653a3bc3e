/// What libFuzzer drew: bytes, or fields of text parted by the byte 0xFF, which UTF-8 never holds.
struct Input {
    let bytes: [UInt8]
    let fields: [[UInt8]]

    init(_ start: UnsafePointer<UInt8>?, _ count: Int) {
        bytes = Array(UnsafeBufferPointer(start: start, count: count))
        fields = bytes.split(separator: 0xFF, omittingEmptySubsequences: false).map { Array($0) }
    }

    /// A field, empty where there are fewer.
    func bytes(_ index: Int) -> [UInt8] { index < fields.count ? fields[index] : [] }

    /// A field as text; broken UTF-8 is mended, as a program would have done before.
    func text(_ index: Int) -> String { String(decoding: bytes(index), as: UTF8.self) }
}

/// Ends the run where something is not as it must be: libFuzzer keeps the input.
func expect(_ condition: Bool, _ what: @autoclosure () -> String) {
    if !condition { fatalError(what()) }
}
