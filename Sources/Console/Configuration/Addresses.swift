/// Where to listen: `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`.
package struct ListenAddress: Sendable, Hashable, CustomStringConvertible {
    package let host: String
    package let port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]),
            (0...65_535).contains(port)
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        guard !host.isEmpty, !host.contains(where: { $0.isWhitespace || $0 == "/" }) else { return nil }
        self.init(host: String(host), port: port)
    }

    /// Whether only this machine can connect.
    package var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// Whether every address of the machine is meant, none of which a link can name.
    package var isEverywhere: Bool { host == "0.0.0.0" || host == "::" }

    package var url: String { "http://\(self)" }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// The parts of an `http` or `https` address that matter for configuration.
struct WebAddress {
    let scheme: String
    let host: String
    let origin: String
    let isOrigin: Bool

    init?(_ text: String) {
        guard let mark = text.firstRange(of: "://") else { return nil }
        scheme = text[..<mark.lowerBound].lowercased()
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        guard scheme == "http" || scheme == "https", !authority.isEmpty, !authority.contains("@"),
            text.unicodeScalars.allSatisfy({ $0.isASCII && $0.value > 0x20 })
        else { return nil }
        let withPort =
            authority.contains(":") && !authority.hasSuffix("]") ? String(authority) : "\(authority):80"
        // No name is longer (RFC 1035), and links in messages have to fit a button's.
        guard let address = ListenAddress(withPort), address.host.utf8.count <= 253 else { return nil }
        host = address.host
        origin = "\(scheme)://\(authority)"
        let path = rest.dropFirst(authority.count)
        isOrigin = path.isEmpty || path == "/"
    }

    var isLoopback: Bool { ListenAddress(host: host, port: 0).isLoopback }
}
