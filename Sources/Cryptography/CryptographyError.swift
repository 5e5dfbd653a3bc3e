/// What went wrong in a cryptographic operation, without a word about the secrets in it.
package struct CryptographyError: Error, Hashable, CustomStringConvertible {
    /// The reasons a caller may want to tell apart.
    package enum Code: String, Sendable, Hashable {
        /// A key, seed, nonce or context has the wrong length or form.
        case malformedKey
        /// A sealed box was changed, cut, made with another key or for another purpose.
        case notAuthentic
        /// The machine had too little memory for the password hash.
        case outOfMemory
        /// The identifier or timestamp of a message cannot be signed.
        case unsignable
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
