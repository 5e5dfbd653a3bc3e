/// Blocks that are not the public internet: the special-purpose registries of IANA, and clouds' own servers.
enum SpecialAddresses {
    static let loopback = blocks(["127.0.0.0/8", "::1/128"])

    /// What the address is instead of a public one, or nil.
    static func kind(of address: IPAddress) -> String? {
        if let found = named.first(where: { $0.block.contains(address) }) { return found.kind }
        let isVersion6 = address.bytes.count == 16
        return isVersion6 && !globalUnicast.contains { $0.contains(address) } ? "not a public address" : nil
    }

    /// All of IPv6 that is given out for the internet.
    private static let globalUnicast = blocks(["2000::/3"])

    private static let named: [(block: CIDR, kind: String)] = [
        ("0.0.0.0/8", "unspecified"), ("10.0.0.0/8", "private"), ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"), ("168.63.129.16/32", "a cloud's metadata server"),
        ("169.254.0.0/16", "link-local"), ("172.16.0.0/12", "private"), ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "for documentation"), ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"), ("198.18.0.0/15", "for benchmarks"),
        ("198.51.100.0/24", "for documentation"), ("203.0.113.0/24", "for documentation"),
        ("224.0.0.0/4", "multicast"), ("255.255.255.255/32", "broadcast"), ("240.0.0.0/4", "reserved"),
        ("::/128", "unspecified"), ("::1/128", "loopback"), ("::ffff:0:0/96", "IPv4 written as IPv6"),
        ("::/96", "IPv4 written as IPv6"), ("64:ff9b::/96", "translated to IPv4"),
        ("64:ff9b:1::/48", "translated to IPv4"), ("100::/64", "discarded"),
        ("2001::/32", "a Teredo tunnel"), ("2001::/23", "reserved"), ("2001:db8::/32", "for documentation"),
        ("2002::/16", "a 6to4 tunnel"), ("3fff::/20", "for documentation"), ("5f00::/16", "segment routing"),
        ("fc00::/7", "private"), ("fe80::/10", "link-local"), ("fec0::/10", "private"),
        ("ff00::/8", "multicast"),
    ].compactMap { text, kind in (try? CIDR(text)).map { ($0, kind) } }

    private static func blocks(_ texts: [String]) -> [CIDR] {
        texts.compactMap { try? CIDR($0) }
    }
}
