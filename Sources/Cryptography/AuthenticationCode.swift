import CCrypto

/// HMAC of RFC 2104 with a hash function of libcrypto, with keys of any length.
final class AuthenticationCode: @unchecked Sendable {
    // Unchecked because of the pointer: the context is only copied from, which libcrypto allows many threads at once.
    /// A context that knows its hash function; each code is computed in a copy, so that nothing is fetched by name again.
    private let context: OpaquePointer
    let byteCount: Int

    /// HMAC-SHA-256.
    static let sha256 = AuthenticationCode("SHA256")
    /// HMAC-SHA-1.
    static let sha1 = AuthenticationCode("SHA1")

    private init(_ digest: String) {
        guard let method = EVP_MAC_fetch(nil, "HMAC", nil), let context = EVP_MAC_CTX_new(method) else {
            preconditionFailure("libcrypto has no HMAC")
        }
        EVP_MAC_free(method)
        // The parameters hold no more than pointers to the two names. Only a context that has had a key can be copied; each
        // copy is given its own.
        var name = Array(digest.utf8CString)
        let isReady = OSSL_MAC_PARAM_DIGEST.withCString { parameter in
            name.withUnsafeMutableBufferPointer { name in
                EVP_MAC_init(
                    context, [0], 1,
                    [
                        OSSL_PARAM_construct_utf8_string(parameter, name.baseAddress, 0),
                        OSSL_PARAM_construct_end(),
                    ]) == 1
            }
        }
        precondition(isReady, "libcrypto has no HMAC with \(digest)")
        self.context = context
        byteCount = EVP_MAC_CTX_get_mac_size(context)
    }

    deinit { EVP_MAC_CTX_free(context) }

    /// The code of the message under a key in guarded memory.
    func compute(_ message: [UInt8], key: SecretBytes) -> [UInt8] {
        key.withUnsafeBytes { compute(message, key: $0, keyCount: key.count) }
    }

    /// The code of the message; libcrypto wipes its copy of the key and all that it made of it.
    func compute(_ message: [UInt8], key: UnsafePointer<UInt8>, keyCount: Int) -> [UInt8] {
        guard let own = EVP_MAC_CTX_dup(context) else {
            preconditionFailure("no memory left to authenticate \(message.count) bytes")
        }
        defer { EVP_MAC_CTX_free(own) }
        return [UInt8](unsafeUninitializedCapacity: byteCount) { code, count in
            let isDone =
                EVP_MAC_init(own, key, keyCount, nil) == 1
                && EVP_MAC_update(own, message, message.count) == 1
                && EVP_MAC_final(own, code.baseAddress, &count, code.count) == 1
            precondition(isDone && count == byteCount, "no memory left to authenticate a message")
        }
    }
}
