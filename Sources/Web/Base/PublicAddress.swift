/// Where browsers reach the server.
package struct PublicAddress: Sendable, Hashable {
    /// Scheme, host and port: `https://desk.example.com`.
    package let origin: String
    package let isSecure: Bool

    /// The address in a URL of scheme http or https, without path; nil where it is none.
    package init?(_ url: String) {
        let lowered = url.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return nil }
        var authority = lowered.dropFirst(scheme.count)
        if authority.last == "/" { authority = authority.dropLast() }
        let isPlain = authority.utf8.allSatisfy { byte in
            byte > 0x20 && byte < 0x7F && !"/?#@\\\"<>".utf8.contains(byte)
        }
        guard !authority.isEmpty, isPlain else { return nil }
        isSecure = scheme == "https://"
        let defaultPort = isSecure ? ":443" : ":80"
        if authority.hasSuffix(defaultPort) { authority = authority.dropLast(defaultPort.count) }
        origin = scheme + authority
    }

    /// The whole address of a path.
    package func url(_ path: String) -> String { origin + path }
}
