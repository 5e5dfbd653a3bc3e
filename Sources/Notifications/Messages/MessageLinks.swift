package import Cryptography
package import Domain

/// Mints every link that leaves in a message; nothing else does.
package struct MessageLinks: Sendable {
    /// How long after its deadline a proposal's personal link opens, as the receipt.
    package static let receiptSeconds = 86_400

    private let publicURL: String
    private let key: SecretBytes

    /// Links to the server at a public address, authenticated with the deployment's link key.
    package init(publicURL: String, key: SecretBytes) {
        self.publicURL = publicURL.hasSuffix("/") ? String(publicURL.dropLast()) : publicURL
        self.key = key
    }

    /// The address of a proposal: for a person their own, for nobody's channel one that asks who it is.
    package func review(_ proposalID: Identifier, deadline: Timestamp, for userID: Identifier?) -> String {
        guard let userID else { return "\(publicURL)/proposals/\(proposalID)" }
        let link = ReviewLink(
            proposalID: proposalID, userID: userID,
            expiresAt: deadline.adding(seconds: Self.receiptSeconds))
        let token = link.token { HMACSHA256.authenticate($0, key: key) }
        return "\(publicURL)/r/\(Base64URL.encode(token))"
    }

    /// How long a personal link to an alert opens it.
    package static let alertSeconds = 7 * 86_400

    /// The address of an alert: for a person their own, which takes their PIN, for nobody's channel one that asks who it
    /// is.
    package func alert(_ alertID: Identifier, at now: Timestamp, for userID: Identifier?) -> String {
        guard let userID else { return "\(publicURL)/alerts/\(alertID)" }
        let link = ReviewLink(
            alertID: alertID, userID: userID, expiresAt: now.adding(seconds: Self.alertSeconds))
        let token = link.token { HMACSHA256.authenticate($0, key: key) }
        return "\(publicURL)/r/\(Base64URL.encode(token))"
    }

    /// The address of a page that is no proposal's: `/halts`.
    package func page(_ path: String) -> String { publicURL + path }

    /// The host in the public address, for the identities of mails.
    var host: String {
        let rest = publicURL.split(separator: "/", omittingEmptySubsequences: true).dropFirst().first ?? ""
        let name = rest.split(separator: ":").first.map(String.init) ?? ""
        return name.isEmpty || rest.hasPrefix("[") ? "countersign.invalid" : name
    }
}
