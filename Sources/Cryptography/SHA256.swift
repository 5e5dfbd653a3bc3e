/// SHA-256 of FIPS 180-4.
package enum SHA256 {
    /// The length of a digest.
    package static let byteCount = 32

    /// The digest of the bytes.
    package static func hash(_ message: [UInt8]) -> [UInt8] {
        DigestAlgorithm.sha256.hash(message)
    }

    /// The digest of the text's UTF-8.
    package static func hash(_ text: String) -> [UInt8] {
        hash(Array(text.utf8))
    }

    /// The digest of the text's UTF-8 in hexadecimal.
    package static func hexadecimal(_ text: String) -> String {
        Hex.encode(hash(text))
    }
}
