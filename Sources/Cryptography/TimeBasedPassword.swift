/// One-time passwords of authenticator apps: TOTP of RFC 6238 with SHA-1, six digits, steps of 30 seconds.
package struct TimeBasedPassword: Sendable {
    /// The length of new secrets: 160 bits, as RFC 4226 recommends.
    package static let secretByteCount = 20
    package static let stepSeconds: Int64 = 30

    private let secret: SecretBytes

    /// The passwords that belong to a secret.
    package init(secret: SecretBytes) {
        self.secret = secret
    }

    /// The number of the step that a moment (seconds since 1970) lies in.
    package static func step(at seconds: Int64) -> Int64 {
        seconds >= 0 ? seconds / stepSeconds : 0
    }

    /// The six digits of a step.
    package func code(step: Int64) -> String {
        let counter = (0..<8).map { UInt8(truncatingIfNeeded: step >> (56 - $0 * 8)) }
        let digest = HMACSHA1.authenticate(counter, key: secret)
        let offset = Int(digest[digest.count - 1] & 15)
        let number = digest[offset..<(offset + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) } & 0x7fff_ffff
        let digits = String(number % 1_000_000)
        return String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// The step whose code this is, looking one step back and ahead for clocks that differ; nil for none.
    ///
    /// Store the step and pass it next time as `after`: a code that has been used, and any older one, is refused.
    package func matchingStep(of code: String, at seconds: Int64, after used: Int64? = nil) -> Int64? {
        let now = Self.step(at: seconds)
        var found: Int64?
        for step in [now + 1, now - 1, now] where step >= 0 && step > (used ?? -1) {
            if constantTimeEquals(self.code(step: step), code) { found = step }
        }
        return found
    }

    /// The address that authenticator apps read from a QR code.
    package func address(issuer: String, account: String) -> String {
        let label = Self.escaped(issuer) + ":" + Self.escaped(account)
        return
            "otpauth://totp/\(label)?secret=\(Base32.encode(secret.expose()))&issuer=\(Self.escaped(issuer))"
            + "&algorithm=SHA1&digits=6&period=\(Self.stepSeconds)"
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                String(UnicodeScalar(byte))
            default: "%" + Hex.encode([byte]).uppercased()
            }
        }.joined()
    }
}
