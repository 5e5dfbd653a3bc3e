import JSON

/// Whatever the bytes are, the reader ends in words; and what it took, it takes again when it is written.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzJSON(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    guard let value = try? JSONParser.parse(input.bytes) else { return 0 }
    for text in [value.serialized(), value.canonical(), value.pretty()] {
        expect((try? JSONParser.parse(text)) == value, "written as \(text)")
    }
    let canonical = value.canonical()
    expect((try? JSONParser.parse(canonical))?.canonical() == canonical, "two canonical texts: \(canonical)")
    return 0
}
