package import Cryptography
package import Domain

/// The public keys whose checkpoints are believed.
package struct TrustedKeys: Sendable {
    private let keys: [String: PublicKey]

    /// These keys.
    package init(_ keys: [PublicKey]) {
        self.keys = Dictionary(keys.map { (Self.keyID(of: $0), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The name of a key: the first 16 hexadecimal digits of its SHA-256.
    package static func keyID(of key: PublicKey) -> String {
        String(Hex.encode(SHA256.hash(key.bytes)).prefix(16))
    }

    /// The names of the keys, sorted.
    package var keyIDs: [String] { keys.keys.sorted() }

    /// Whose signature a checkpoint bears.
    package func judge(_ checkpoint: JournalCheckpoint) -> CheckpointVerdict {
        guard let key = keys[checkpoint.keyID] else { return .untrusted }
        return key.verify(checkpoint.signature, of: checkpoint.message) ? .signed : .forged
    }
}
