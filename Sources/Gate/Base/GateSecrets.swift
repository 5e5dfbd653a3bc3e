package import Cryptography

/// The keys that are derived from the deployment's one secret (`COUNTERSIGN_SECRET_KEY`).
///
/// Every server of a deployment has the same ones, so that a link minted by one opens at another.
package struct GateSecrets: Sendable {
    /// Signs orders and journal checkpoints.
    package let signingKey: SigningKey
    /// Authenticates links in messages.
    package let linkKey: SecretBytes
    /// Authenticates the nonces of forms.
    package let nonceKey: SecretBytes
    /// Seals the secrets of channels at rest.
    package let channelKey: SecretBytes

    /// The keys that follow from a master key of 32 bytes.
    package init(masterKey: SecretBytes) throws(CryptographyError) {
        func key(_ id: UInt64) throws(CryptographyError) -> SecretBytes {
            try KeyDerivation.subkey(of: masterKey, id: id, context: "csignkey")
        }
        signingKey = try SigningKey(seed: key(1))
        linkKey = try key(2)
        nonceKey = try key(3)
        channelKey = try key(4)
    }

    /// The name by which the signing key is known: the first 16 hexadecimal digits of its hash.
    package var signingKeyID: String {
        String(Hex.encode(SHA256.hash(signingKey.publicKey.bytes)).prefix(16))
    }
}
