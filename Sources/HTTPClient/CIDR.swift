/// A block of addresses: `10.0.0.0/8`, `fd00::/8`, or one address.
package struct CIDR: Sendable, Hashable, CustomStringConvertible {
    /// Why a text is no block, in words for the person who wrote it.
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    package let network: IPAddress
    package let prefixLength: Int

    /// Reads one block; an address without a length is a block of one.
    package init(_ text: String) throws(Malformed) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, let address = parts.first.flatMap({ IPAddress(String($0)) }) else {
            throw Malformed(
                description: "\"\(text)\" is not an address block; write it like 10.0.0.0/8 or fd00::/8")
        }
        let bits = address.bytes.count * 8
        let length = parts.count == 2 ? Self.number(parts[1]) : bits
        guard let length, length <= bits else {
            throw Malformed(description: "\"\(text)\": the number after the slash must be 0 to \(bits)")
        }
        let network = Self.network(of: address, length)
        guard network == address else {
            throw Malformed(
                description: "\"\(text)\" names an address inside a block; the block is \(network)/\(length)")
        }
        self.network = network
        prefixLength = length
    }

    /// Reads a list separated by commas, as in `127.0.0.0/8, ::1/128`; an empty text is an empty list.
    package static func list(_ text: String) throws(Malformed) -> [CIDR] {
        var blocks: [CIDR] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let word = part.drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed()
            if word.isEmpty && text.allSatisfy(\.isWhitespace) { return [] }
            blocks.append(try CIDR(String(word)))
        }
        return blocks
    }

    /// Whether the address lies in the block; an IPv4 address never lies in an IPv6 block.
    package func contains(_ address: IPAddress) -> Bool {
        address.bytes.count == network.bytes.count && Self.network(of: address, prefixLength) == network
    }

    package var description: String { "\(network)/\(prefixLength)" }

    private static func number(_ text: Substring) -> Int? {
        guard let number = Int(text), number >= 0, String(number) == text else { return nil }
        return number
    }

    private static func network(of address: IPAddress, _ length: Int) -> IPAddress {
        let bytes = address.bytes.enumerated().map { index, byte in
            let kept = min(max(length - index * 8, 0), 8)
            return byte & UInt8(truncatingIfNeeded: 0xff00 >> kept)
        }
        return IPAddress(bytes: bytes) ?? address
    }
}
