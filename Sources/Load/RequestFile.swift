import Glibc

/// The prepared requests, in memory.
struct RequestFile {
    private let bytes: [UInt8]
    private let places: [Range<Int>]

    /// Reads them from a file.
    init(path: String) throws {
        guard let file = fopen(path, "r") else { throw LoadFailure.system(path) }
        defer { fclose(file) }
        fseek(file, 0, SEEK_END)
        let size = ftell(file)
        rewind(file)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = fread(buffer.baseAddress, 1, size, file)
        }
        var places: [Range<Int>] = []
        var at = 0
        while at + 4 <= bytes.count {
            let length = (0..<4).reduce(0) { $0 | Int(bytes[at + $1]) << (8 * $1) }
            guard at + 4 + length <= bytes.count else { throw LoadFailure("\(path) ends within a request") }
            places.append(at + 4..<at + 4 + length)
            at += 4 + length
        }
        self.bytes = bytes
        self.places = places
    }

    /// How many there are.
    var count: Int { places.count }

    /// The bytes of one.
    subscript(index: Int) -> ArraySlice<UInt8> { bytes[places[index]] }
}
