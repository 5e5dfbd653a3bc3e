/// The address of a service, read strictly: plain characters, a host, no credentials, no fragment.
///
/// Who connects parses again; this is for telling a person early what is wrong.
struct ChannelAddress: Hashable {
    let scheme: String
    let host: String
    /// What follows the host, from its `/` on; empty where nothing does.
    let path: String

    init?(_ text: String, schemes: Set<String>) {
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(where: { "\\#<>\"".utf8.contains($0) }),
            let separator = text.firstRange(of: "://")
        else { return nil }
        scheme = text[..<separator.lowerBound].lowercased()
        guard schemes.contains(scheme) else { return nil }
        let rest = text[separator.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        path = String(rest[end...])
        guard let host = Self.host(rest[..<end]) else { return nil }
        self.host = host
    }

    /// Whether it is on this very machine, where nobody can listen in.
    var isLoopback: Bool {
        if host == "localhost" || host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The host of `host:port`; nil where there are credentials, or either part is malformed.
    private static func host(_ authority: Substring) -> String? {
        let isBracketed = authority.first == "["
        let nameEnd =
            isBracketed
            ? authority.firstIndex(of: "]").map { authority.index(after: $0) }
            : authority.firstIndex(of: ":") ?? authority.endIndex
        guard let nameEnd else { return nil }
        let name = authority[..<nameEnd].lowercased()
        let allowed = isBracketed ? "0123456789abcdef:.[]" : "0123456789abcdefghijklmnopqrstuvwxyz.-_"
        guard !name.isEmpty, name != "[]", name.allSatisfy({ allowed.contains($0) }) else { return nil }
        let port = authority[nameEnd...]
        if port.isEmpty { return name }
        guard port.first == ":", port.count <= 6, let number = UInt16(port.dropFirst()), number > 0,
            port.dropFirst().allSatisfy(\.isNumber)
        else { return nil }
        return name
    }
}
