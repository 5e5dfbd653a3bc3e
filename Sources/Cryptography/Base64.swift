import CSodium

/// Base64 of RFC 4648 section 4, with padding; reading is strict: no spaces, no missing padding, no stray bits.
package enum Base64 {
    /// The padded text.
    package static func encode(_ bytes: [UInt8]) -> String {
        Base64Variant.encode(bytes, Base64Variant.padded)
    }

    /// The bytes, or nil unless the text is exactly what `encode` would have written for them.
    package static func decode(_ text: String) -> [UInt8]? {
        Base64Variant.decode(text, Base64Variant.padded)
    }
}

/// Base64 of RFC 4648 section 5 for URLs and file names, without padding; reading is strict.
package enum Base64URL {
    /// The text without padding.
    package static func encode(_ bytes: [UInt8]) -> String {
        Base64Variant.encode(bytes, Base64Variant.urlSafe)
    }

    /// The bytes, or nil unless the text is exactly what `encode` would have written for them.
    package static func decode(_ text: String) -> [UInt8]? {
        Base64Variant.decode(text, Base64Variant.urlSafe)
    }
}

/// What both alphabets share; libsodium's coding runs in constant time for a given length.
private enum Base64Variant {
    static let padded = Int32(sodium_base64_VARIANT_ORIGINAL)
    static let urlSafe = Int32(sodium_base64_VARIANT_URLSAFE_NO_PADDING)

    static func encode(_ bytes: [UInt8], _ variant: Int32) -> String {
        var text = [CChar](repeating: 0, count: sodium_base64_encoded_len(bytes.count, variant))
        sodium_bin2base64(&text, text.count, bytes, bytes.count, variant)
        return String(decoding: text.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func decode(_ text: String, _ variant: Int32) -> [UInt8]? {
        // libsodium takes some bytes above ASCII for letters where characters are signed.
        guard text.utf8.allSatisfy({ $0 < 0x80 }) else { return nil }
        let characters = text.utf8.map { CChar(truncatingIfNeeded: $0) }
        var bytes = [UInt8](repeating: 0, count: characters.count / 4 * 3 + 3)
        var length = 0
        let status = sodium_base642bin(
            &bytes, bytes.count, characters, characters.count, nil, &length, nil, variant)
        return status == 0 ? Array(bytes.prefix(length)) : nil
    }
}
