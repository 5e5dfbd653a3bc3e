import HTTPServer

/// Under which names the server answers.
///
/// A stranger can point a name of theirs at our address and let a browser believe that their scripts and our pages are one
/// site. Such a request carries the stranger's name in `Host`, and is refused before anything looks at it. Bending takes a
/// name: localhost and bare addresses are nobody's, and pass, so that whoever tries a new server by its address gets in.
struct HostRule: Sendable {
    private static let alwaysAnswered: Set<String> = ["/healthz", "/readyz"]

    /// The host of the public address, without port.
    let publicHost: String
    /// Where the server listens; nil where that is not known, as in tests at the router.
    let listenHost: String?

    init(_ address: PublicAddress, listenHost: String?) {
        let authority = address.origin[
            (address.origin.firstRange(of: "://")?.upperBound ?? address.origin.startIndex)...]
        publicHost = Self.name(String(authority)) ?? ""
        self.listenHost = listenHost.map { $0.contains(":") ? "[\($0.lowercased())]" : $0.lowercased() }
    }

    /// Whether the request means this server.
    func allows(_ request: HTTPRequest) -> Bool {
        if Self.alwaysAnswered.contains(request.path) { return true }
        let hosts = request.headers.all("Host")
        // Requests without one come from programs: browsers always send it.
        guard let text = hosts.first else { return true }
        guard hosts.count == 1, let host = Self.name(text.lowercased()) else { return false }
        return host == publicHost || host == listenHost || isNobodysName(text.lowercased())
            || Self.showsKey(request)
    }

    /// Whether a program asks, which shows a key of its own and no cookie that a browser added.
    ///
    /// A worker may reach the server by a name that only their network knows, such as that of a container.
    private static func showsKey(_ request: HTTPRequest) -> Bool {
        request.path.hasPrefix("/api/") && request.headers.first("Authorization") != nil
            && request.headers.first("Cookie") == nil && request.headers.first("Sec-Fetch-Site") == nil
    }

    /// A host without its port; nil where the port is none.
    private static func name(_ text: String) -> String? {
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let name = text[...end]
            return isPort(text[text.index(after: end)...]) ? String(name) : nil
        }
        var name = text.prefix { $0 != ":" }
        guard isPort(text.dropFirst(name.count)) else { return nil }
        if name.last == "." { name.removeLast() }
        return name.isEmpty ? nil : String(name)
    }
}
