import CCurl

/// A URL taken apart by libcurl's own parser, so that what is checked is what is used.
struct TargetURL {
    /// The whole URL in normal form; may hold secrets.
    let text: String
    let scheme: String
    /// Without brackets.
    let host: String
    let port: Int?
    let user: String?
    let password: String?

    /// The part that may be shown: scheme, host, and port if it was given.
    var origin: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port.map { "\(scheme)://\(name):\($0)" } ?? "\(scheme)://\(name)"
    }

    /// Nil unless the URL is absolute, has a host and one of the schemes.
    init?(_ text: String, schemes: Set<String>) {
        _ = Library.ready
        guard text.utf8.count <= 8_192, !text.utf8.contains(0), let handle = curl_url() else { return nil }
        defer { curl_url_cleanup(handle) }
        let flags = UInt32(CURLU_NON_SUPPORT_SCHEME)
        guard curl_url_set(handle, CURLUPART_URL, text, flags) == CURLUE_OK,
            let scheme = Self.part(CURLUPART_SCHEME, of: handle)?.lowercased(), schemes.contains(scheme),
            let host = Self.part(CURLUPART_HOST, of: handle), !host.isEmpty,
            let whole = Self.part(CURLUPART_URL, of: handle)
        else { return nil }
        self.text = whole
        self.scheme = scheme
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = Self.part(CURLUPART_PORT, of: handle).flatMap { Int($0) }
        let decoded = UInt32(CURLU_URLDECODE)
        user = Self.part(CURLUPART_USER, of: handle, decoded)
        password = Self.part(CURLUPART_PASSWORD, of: handle, decoded)
        // A part that is there and cannot be decoded hides a control character.
        let hasUser = Self.part(CURLUPART_USER, of: handle) != nil
        let hasPassword = Self.part(CURLUPART_PASSWORD, of: handle) != nil
        guard hasUser == (user != nil), hasPassword == (password != nil) else { return nil }
    }

    private static func part(_ part: CURLUPart, of handle: OpaquePointer, _ flags: UInt32 = 0) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(handle, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}
