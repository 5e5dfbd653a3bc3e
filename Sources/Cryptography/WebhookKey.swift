/// A key of Standard Webhooks in its text form: `whsec_` shared, `whsk_` private, `whpk_` public.
package enum WebhookKey: Sendable {
    case shared(SecretBytes)
    case signing(SigningKey)
    case verifying(PublicKey)

    /// The specification asks for 24 to 64 bytes; its best-known implementation documents one of 18, so 16 pass.
    private static let sharedByteCounts = 16...64

    /// Reads the text form; the error never repeats it.
    package init(_ text: String) throws(CryptographyError) {
        if let bytes = Self.content(of: text, after: "whsec_") {
            guard Self.sharedByteCounts.contains(bytes.count) else {
                throw CryptographyError(
                    .malformedKey, "a whsec_ secret holds 16 to 64 bytes, not \(bytes.count)")
            }
            self = .shared(SecretBytes(bytes))
        } else if let bytes = Self.content(of: text, after: "whsk_") {
            self = .signing(try Self.signingKey(bytes))
        } else if let bytes = Self.content(of: text, after: "whpk_") {
            self = .verifying(try PublicKey(bytes))
        } else {
            throw CryptographyError(
                .malformedKey, "a webhook key is whsec_, whsk_ or whpk_ followed by padded Base64")
        }
    }

    /// The text form of a public key, to give to receivers.
    package static func text(of key: PublicKey) -> String {
        "whpk_" + Base64.encode(key.bytes)
    }

    /// A new shared secret in text form.
    package static func makeSharedText() -> String {
        "whsec_" + Base64.encode(SecureRandom.bytes(32))
    }

    private static func content(of text: String, after prefix: String) -> [UInt8]? {
        text.hasPrefix(prefix) ? Base64.decode(String(text.dropFirst(prefix.count))) : nil
    }

    /// Seed and public key in one; a public half that does not fit would let signatures betray the secret.
    private static func signingKey(_ bytes: [UInt8]) throws(CryptographyError) -> SigningKey {
        guard bytes.count == SigningKey.seedByteCount + PublicKey.byteCount else {
            throw CryptographyError(.malformedKey, "a whsk_ key holds 64 bytes, not \(bytes.count)")
        }
        let key = try SigningKey(seed: Array(bytes.prefix(SigningKey.seedByteCount)))
        guard key.publicKey.bytes == Array(bytes.suffix(PublicKey.byteCount)) else {
            throw CryptographyError(.malformedKey, "the two halves of the whsk_ key do not belong together")
        }
        return key
    }
}

extension WebhookKey: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
}
