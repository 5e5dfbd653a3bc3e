import Cryptography
import Glibc

/// Where tries come from, as the counters of tries name it.
struct AttemptOrigin: Sendable, Hashable {
    /// The place: an address; of IPv6 the network of 64 bits that one subscriber has.
    let place: String
    /// Whether a personal link was shown: its holder is no stranger.
    let isByLink: Bool

    init(address: String, isByLink: Bool = false) {
        place = Self.place(address)
        self.isByLink = isByLink
    }

    /// The counters of one person here: at the place, and by link, wherever that was opened.
    func pairs(with subject: String) -> [String] {
        isByLink ? ["\(subject)@\(place)", "\(subject)@link"] : ["\(subject)@\(place)"]
    }

    /// The place for people.
    var words: String {
        let address = String(place.drop { $0 != ":" }.dropFirst())
        return isByLink ? "a personal link opened at \(address)" : address
    }

    private static func place(_ text: String) -> String {
        var bytes = in6_addr()
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return "address:\(text.prefix(64))" }
        let network = withUnsafeBytes(of: &bytes) { Array($0) }
        let isMappedIPv4 = network.prefix(10).allSatisfy { $0 == 0 } && network[10...11] == [0xFF, 0xFF]
        if isMappedIPv4 { return "address:" + network.suffix(4).map { String($0) }.joined(separator: ".") }
        return "address:\(Hex.encode(Array(network.prefix(8))))/64"
    }

    /// A name that nobody has.
    ///
    /// It is not kept as typed: people type PINs into the wrong field.
    static func unknownName(_ name: String, key: SecretBytes) -> String {
        let code = HMACSHA256.authenticate(Array("unknown-name\0\(name.lowercased())".utf8), key: key)
        return "name:" + Hex.encode(Array(code.prefix(16)))
    }
}
