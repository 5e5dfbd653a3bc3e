/// Why a text is no JSON that we take, and where.
package struct JSONError: Error, Equatable, CustomStringConvertible {
    /// The byte at which it went wrong, counted from 0.
    package let offset: Int
    /// What is wrong, in words.
    package let message: String

    /// An error at a byte.
    package init(offset: Int, message: String) {
        self.offset = offset
        self.message = message
    }

    package var description: String { "\(message) at byte \(offset)" }
}
