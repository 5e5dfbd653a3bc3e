/// Where mail is handed in, and how.
package struct SMTPServer: Sendable, Hashable {
    /// Whether the connection must be encrypted.
    package enum Encryption: Sendable, Hashable {
        /// By TLS from the start (`smtps`) or by STARTTLS (`smtp`); a server that offers neither gets nothing.
        case required
        /// Not at all; then only this machine and addresses allowed by name are reached.
        case none
    }

    /// Why a text names no server, in words for the person who wrote it.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// `smtp` or `smtps`.
    package let scheme: String
    package let host: String
    package let port: Int
    package let encryption: Encryption
    package var user: String?
    package var password: String?
    /// The name given in EHLO.
    package var clientName: String

    /// Reads `smtp://host:587` or `smtps://user:password@host`.
    ///
    /// Encryption is required unless said otherwise; for `smtp` to the machine itself, where there is nobody to
    /// listen in, it is not.
    package init(
        url: String, encryption: Encryption? = nil, user: String? = nil, password: String? = nil,
        clientName: String = "localhost"
    ) throws(Malformed) {
        guard let target = TargetURL(url, schemes: ["smtp", "smtps"]) else {
            throw Malformed(description: "a mail server is written smtp://host:587 or smtps://host:465")
        }
        guard MailAddress("x@\(clientName)") != nil else {
            throw Malformed(description: "the name for EHLO must be a host name")
        }
        let user = user ?? target.user
        let password = password ?? target.password
        guard [user, password].allSatisfy({ $0.map(HeaderRules.isValue) ?? true }) else {
            throw Malformed(description: "the mail server's user and password hold a control character")
        }
        scheme = target.scheme
        host = target.host
        port = target.port ?? (target.scheme == "smtps" ? 465 : 587)
        self.encryption = encryption ?? (Self.isThisMachine(target) ? .none : .required)
        self.user = user
        self.password = password
        self.clientName = clientName
    }

    /// What may be shown of it.
    package var origin: String {
        "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private static func isThisMachine(_ target: TargetURL) -> Bool {
        guard target.scheme == "smtp" else { return false }
        if target.host.lowercased() == "localhost" { return true }
        return IPAddress(target.host).map { SpecialAddresses.kind(of: $0) == "loopback" } ?? false
    }
}

extension SMTPServer: CustomStringConvertible, CustomReflectable {
    package var description: String { origin }
    package var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }
}
