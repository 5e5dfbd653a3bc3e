package import Cryptography
import FoundationEssentials
package import JSON

/// The server's public key: given, or remembered from the first contact, and never changed unasked.
package enum PinnedKey {
    /// Why there is no key to trust.
    package struct Untrusted: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Reads a key as the configuration gives it: Base64, or `whpk_…`.
    package static func parse(_ text: String) throws(Untrusted) -> PublicKey {
        let encoded = text.hasPrefix("whpk_") ? String(text.dropFirst(5)) : text
        guard let bytes = Base64.decode(encoded), let key = try? PublicKey(bytes) else {
            throw Untrusted(description: "COUNTERSIGN_SERVER_PUBLIC_KEY is not a public key in Base64.")
        }
        return key
    }

    /// The key of the server that lists `listed`: the one pinned in the directory, or pinned there now.
    package static func establish(
        configured: PublicKey?, directory: String, listed: JSONValue
    ) throws(Untrusted) -> PublicKey {
        guard let first = listed["items"]?[0], first["alg"] == "ed25519",
            let bytes = first["public_key"]?.stringValue.flatMap(Base64.decode),
            let key = try? PublicKey(bytes)
        else { throw Untrusted(description: "The server lists no signing key.") }
        if let configured {
            guard configured == key else { throw changed(from: "the one that is configured") }
            return configured
        }
        let path = directory + "/server-key"
        if FileManager.default.fileExists(atPath: path) {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Untrusted(description: "The pinned key in \(path) cannot be read.")
            }
            let text = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace).first
            guard let pinned = try? parse(String(text ?? "")) else {
                throw Untrusted(description: "The pinned key in \(path) is damaged. Look at who changed it.")
            }
            guard pinned == key else { throw changed(from: "the one pinned in \(path)") }
            return pinned
        }
        do {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data((key.description + "\n").utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Untrusted(description: "The server's key cannot be pinned in \(path): \(error)")
        }
        return key
    }

    private static func changed(from what: String) -> Untrusted {
        Untrusted(
            description:
                "The server signs with another key than \(what). Either its secret key was changed on "
                + "purpose (then remove the old one here), or this is not your server. Nothing is traded.")
    }
}
