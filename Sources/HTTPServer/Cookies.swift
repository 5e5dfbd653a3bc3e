/// What can be wrong with cookies that come in or go out.
package enum CookieError: Error, Sendable, Hashable {
    case tooMany(limit: Int)
    case tooLong(limitBytes: Int)
    case malformedPair
    case invalidName
    case invalidValue
    case invalidAttribute
    case prefixBroken
}

/// A cookie that a browser sent.
package struct Cookie: Sendable, Hashable {
    package let name: String
    package let value: String
}

extension HTTPRequest {
    private static let maxCookies = 64
    private static let maxCookieBytes = 8192

    /// The value of the first cookie of this name; nothing where the cookies cannot be read.
    ///
    /// First, because browsers send the cookie of the most specific path first.
    package func cookie(_ name: String) -> String? {
        (try? cookies())?.first { $0.name == name }?.value
    }

    /// Every cookie of the request, in order, values as sent but for surrounding quotation marks.
    package func cookies() throws(CookieError) -> [Cookie] {
        var cookies: [Cookie] = []
        for field in headers.fields where equalIgnoringCase(field.name, "Cookie") {
            guard field.value.utf8.count <= Self.maxCookieBytes else {
                throw .tooLong(limitBytes: Self.maxCookieBytes)
            }
            for piece in field.value.split(separator: ";") {
                let pair = trimmed(piece)
                if pair.isEmpty { continue }
                guard cookies.count < Self.maxCookies else { throw .tooMany(limit: Self.maxCookies) }
                guard let equals = pair.firstIndex(of: "=") else { throw .malformedPair }
                let name = pair[..<equals]
                let value = unquoted(pair[equals...].dropFirst())
                guard isCookieName(name) else { throw .invalidName }
                guard value.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F || $0 == 0x20 }) else {
                    throw .invalidValue
                }
                cookies.append(Cookie(name: String(name), value: String(value)))
            }
        }
        return cookies
    }
}

/// A cookie for the browser to keep; one that exists is well formed.
package struct SetCookie: Sendable, Hashable {
    /// When the browser sends the cookie along with requests that other sites start.
    package enum SameSite: String, Sendable {
        case strict = "Strict"
        case lax = "Lax"
        case none = "None"
    }

    /// The `Set-Cookie` header's value.
    package let headerValue: String

    /// A cookie of these parts; `maxAgeSeconds` of nil lasts for the browser's session, 0 deletes it.
    ///
    /// `__Host-` and `__Secure-` names are held to what browsers demand of them.
    package init(
        _ name: String, _ value: String, path: String = "/", domain: String? = nil, maxAgeSeconds: Int? = nil,
        isSecure: Bool = true, isHTTPOnly: Bool = true, sameSite: SameSite = .lax
    ) throws(CookieError) {
        guard isCookieName(name[...]) else { throw .invalidName }
        guard value.utf8.allSatisfy(isCookieByte), name.utf8.count + value.utf8.count <= 4096 else {
            throw .invalidValue
        }
        guard isAttribute(path), path.hasPrefix("/"), domain.map(isAttribute) ?? true else {
            throw .invalidAttribute
        }
        guard sameSite != .none || isSecure else { throw .invalidAttribute }
        guard isSecure || !(name.hasPrefix("__Host-") || name.hasPrefix("__Secure-")),
            !name.hasPrefix("__Host-") || (path == "/" && domain == nil)
        else { throw .prefixBroken }
        var text = "\(name)=\(value); Path=\(path)"
        if let domain { text += "; Domain=\(domain)" }
        if let maxAgeSeconds { text += "; Max-Age=\(maxAgeSeconds)" }
        if isSecure { text += "; Secure" }
        if isHTTPOnly { text += "; HttpOnly" }
        headerValue = text + "; SameSite=\(sameSite.rawValue)"
    }
}

private func isCookieName(_ name: Substring) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy(isTokenByte)
}

/// The bytes RFC 6265 lets servers put in values: no space, quotation mark, comma, semicolon or backslash.
private func isCookieByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x21, 0x23...0x2B, 0x2D...0x3A, 0x3C...0x5B, 0x5D...0x7E: true
    default: false
    }
}

private func isAttribute(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ";") }
}

private func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.first == " " || text.first == "\t" { text.removeFirst() }
    while text.last == " " || text.last == "\t" { text.removeLast() }
    return text
}

private func unquoted(_ text: Substring) -> Substring {
    guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text }
    return text.dropFirst().dropLast()
}
