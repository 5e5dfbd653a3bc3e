import CCrypto

/// A hash function of OpenSSL's libcrypto, which uses the processor's own instructions where it has them
/// (docs/decisions/hashes-by-openssl.md).
///
/// It is fetched by its name once: fetching takes longer than hashing a request does, and must not be tried while the
/// process ends, when libcrypto has let go of its names already and other threads may still hash.
final class DigestAlgorithm: @unchecked Sendable {
    // Unchecked because of the pointer: libcrypto's methods may be used by many threads at once, and never change.
    private let method: OpaquePointer
    let byteCount: Int

    /// SHA-256 of FIPS 180-4.
    static let sha256 = DigestAlgorithm("SHA256")

    private init(_ name: String) {
        guard let method = EVP_MD_fetch(nil, name, nil) else {
            preconditionFailure("libcrypto has no \(name)")
        }
        self.method = method
        byteCount = Int(EVP_MD_get_size(method))
    }

    deinit { EVP_MD_free(method) }

    /// The digest of the bytes.
    func hash(_ message: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: byteCount) { digest, count in
            let isDone = EVP_Digest(message, message.count, digest.baseAddress, nil, method, nil)
            precondition(isDone == 1, "no memory left to hash \(message.count) bytes")
            count = byteCount
        }
    }
}
