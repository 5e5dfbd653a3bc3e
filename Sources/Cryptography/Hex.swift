import CSodium

/// Hexadecimal text: written in lower case, read in either, never with separators.
package enum Hex {
    /// Two lower-case digits a byte.
    package static func encode(_ bytes: [UInt8]) -> String {
        var text = [CChar](repeating: 0, count: bytes.count * 2 + 1)
        sodium_bin2hex(&text, text.count, bytes, bytes.count)
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
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
