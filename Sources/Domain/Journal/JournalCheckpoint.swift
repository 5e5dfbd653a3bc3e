/// A signed statement of how the chain stood: whoever keeps one can later tell whether anything before it changed.
package struct JournalCheckpoint: Sendable, Hashable {
    /// How many entries the chain had.
    package let position: Int
    /// The hash of the last of them.
    package let hash: [UInt8]
    package let signedAt: Timestamp
    package let keyID: String
    /// The Ed25519 signature of `message`.
    package let signature: [UInt8]

    /// After so many entries there is always a checkpoint; longer stretches without one show that some were deleted.
    package static let maxEntriesBetween = 1000

    /// A checkpoint.
    package init(position: Int, hash: [UInt8], signedAt: Timestamp, keyID: String, signature: [UInt8]) {
        self.position = position
        self.hash = hash
        self.signedAt = signedAt
        self.keyID = keyID
        self.signature = signature
    }

    /// What is signed: a fixed name, position, hash in hexadecimal, time and key as netstrings.
    package static func message(position: Int, hash: [UInt8], signedAt: Timestamp, keyID: String) -> [UInt8] {
        let fields = [
            "countersign-checkpoint-1", String(position), hexadecimal(hash), signedAt.rfc3339, keyID,
        ]
        return Netstring.join(fields)
    }

    /// What its signature is of.
    package var message: [UInt8] {
        Self.message(position: position, hash: hash, signedAt: signedAt, keyID: keyID)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
