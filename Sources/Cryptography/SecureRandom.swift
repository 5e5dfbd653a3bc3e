import CSodium

/// Unpredictable bytes and numbers from the operating system.
package enum SecureRandom {
    /// `count` fresh bytes.
    package static func bytes(_ count: Int) -> [UInt8] {
        _ = Sodium.ready
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            if let base = buffer.baseAddress, count > 0 { randombytes_buf(base, count) }
            initialized = count
        }
    }

    /// A number from zero up to, not including, the bound; every one equally likely.
    package static func below(_ bound: UInt32) -> UInt32 {
        precondition(bound > 0, "there is no number below zero")
        _ = Sodium.ready
        return randombytes_uniform(bound)
    }

    /// An unguessable name for links, sessions and keys: Base64URL of `byteCount` fresh bytes.
    package static func token(byteCount: Int = 32) -> String {
        Base64URL.encode(bytes(byteCount))
    }
}
