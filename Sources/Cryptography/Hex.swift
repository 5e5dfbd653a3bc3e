import CSodium

/// Hexadecimal text: written in lower case, read in either, never with separators.
package enum Hex {
    /// Two lower-case digits a byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        // sodium_bin2hex ends the text with a NUL, which needs room too.
        String(unsafeUninitializedCapacity: bytes.count * 2 + 1) { text in
            text.withMemoryRebound(to: CChar.self) { text in
                guard let start = text.baseAddress else { return 0 }
                sodium_bin2hex(start, text.count, bytes, bytes.count)
                return bytes.count * 2
            }
        }
    }

    /// The bytes, or nil for an odd number of digits or anything that is not a digit.
    package static func decode(_ text: String) -> [UInt8]? {
        let digits = text.utf8.map { CChar(truncatingIfNeeded: $0) }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes = [UInt8](repeating: 0, count: digits.count / 2)
        var length = 0
        let status = sodium_hex2bin(&bytes, bytes.count, digits, digits.count, nil, &length, nil)
        return status == 0 && length == bytes.count ? bytes : nil
    }
}
