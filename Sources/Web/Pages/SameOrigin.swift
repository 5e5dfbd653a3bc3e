import HTTPServer

extension WebContext {
    /// Refuses forms that another site sent.
    ///
    /// Because of our `Referrer-Policy: no-referrer`, browsers send `Origin: null` with our own forms; then only
    /// `Sec-Fetch-Site` can vouch for them. The nonce is asked for in any case.
    func requireOwnForm(_ request: HTTPRequest) throws {
        let site = request.headers.first("Sec-Fetch-Site")
        guard site.map({ ["same-origin", "none"].contains($0) }) ?? true else { throw Self.foreignForm }
        guard let origin = request.headers.first("Origin") else { return }
        if origin == "null", site == "same-origin" { return }
        guard isOwn(origin, request) else { throw Self.foreignForm }
    }

    private func isOwn(_ origin: String, _ request: HTTPRequest) -> Bool {
        if origin.lowercased() == address.origin { return true }
        // Reached by its address or as localhost. Any other name may be a stranger's that was bent to our address.
        guard let host = request.headers.first("Host")?.lowercased(), isNobodysName(host) else {
            return false
        }
        return origin.lowercased() == "http://\(host)" || origin.lowercased() == "https://\(host)"
    }

    static let foreignForm = Problem(
        slug: "cross-site", title: "This form was not sent from here", status: 403,
        detail:
            "Your browser says that the form came from another site, so nothing was done. Open the page here "
            + "and send it again.")

    static let staleForm = Problem(
        slug: "stale-form", title: "This form is not good any more", status: 403,
        detail:
            "It was open for too long, or it belongs to another login. Nothing was done. Load the page again and "
            + "send it anew.")
}

/// Whether a Host header, port and all, is localhost or an IP address: what no name server can bend.
func isNobodysName(_ host: String) -> Bool {
    if host.hasPrefix("[") {
        let inside = host.dropFirst().prefix { $0 != "]" }
        let isAddress = inside.contains(":") && inside.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
        return isAddress && isPort(host.dropFirst(inside.count + 2))
    }
    let name = host.prefix { $0 != ":" }
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let isAddress = parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    return (name == "localhost" || isAddress) && isPort(host.dropFirst(name.count))
}

/// Whether a text is nothing or a colon and a port.
func isPort(_ text: Substring) -> Bool {
    text.isEmpty || (text.first == ":" && UInt16(text.dropFirst()) != nil)
}
