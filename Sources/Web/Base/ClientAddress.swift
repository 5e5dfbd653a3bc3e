import HTTPClient
import HTTPServer

/// Which proxies are believed when they say whom they speak for.
struct TrustedProxies: Sendable {
    private static let maxSteps = 32
    let blocks: [CIDR]

    /// The address that a request comes from.
    ///
    /// `X-Forwarded-For` is read from right to left, each word believed only while whoever added it is trusted. What
    /// stands further left is the client's own invention. A word that is no address ends the reading.
    func client(of request: HTTPRequest) -> String {
        guard !blocks.isEmpty, isTrusted(request.remoteAddress) else { return request.remoteAddress }
        let words = request.headers.all("X-Forwarded-For").flatMap { $0.split(separator: ",") }
        var client = request.remoteAddress
        for word in words.suffix(Self.maxSteps).reversed() {
            guard let address = Self.address(word) else { break }
            client = address.description
            if !isTrusted(client) { break }
        }
        return client
    }

    private func isTrusted(_ text: String) -> Bool {
        guard let address = Self.plain(text) else { return false }
        return blocks.contains { $0.contains(address) }
    }

    /// An address as proxies write it: bare, with a port, or in brackets.
    private static func address(_ word: Substring) -> IPAddress? {
        var text = word.drop { $0 == " " || $0 == "\t" }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        if text.hasPrefix("[") { return plain(String(text.dropFirst().prefix { $0 != "]" })) }
        if text.contains("."), let colon = text.lastIndex(of: ":"), text.firstIndex(of: ":") == colon {
            return plain(String(text[..<colon]))
        }
        return plain(String(text))
    }

    /// The address; of an IPv4 address in IPv6 clothes the IPv4 address.
    private static func plain(_ text: String) -> IPAddress? {
        guard let address = IPAddress(text) else { return nil }
        let bytes = address.bytes
        let isMapped =
            bytes.count == 16 && bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10...11] == [0xFF, 0xFF]
        return isMapped ? IPAddress(bytes: Array(bytes.suffix(4))) : address
    }
}

/// Whether a request comes straight from this machine, not by way of a proxy on it.
func isFromThisMachine(_ request: HTTPRequest) -> Bool {
    let hops = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"]
    guard hops.allSatisfy({ request.headers.first($0) == nil }) else { return false }
    let address = request.remoteAddress
    return address == "::1" || address.hasPrefix("127.") || address.hasPrefix("::ffff:127.")
}
