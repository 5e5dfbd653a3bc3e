extension MailText {
    private static let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    /// Three bytes become four signs; so many bytes make a line of 76.
    private static let bytesInLine = 57

    /// Bytes in Base64, in lines as RFC 2045 wants them, each ended by CR LF.
    static func base64(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 4 / 3 + bytes.count / 24 + 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let first = Int(group[start])
            let second = group.count > 1 ? Int(group[start + 1]) : 0
            let third = group.count > 2 ? Int(group[start + 2]) : 0
            text.append(signs[first >> 2])
            text.append(signs[(first & 3) << 4 | second >> 4])
            text.append(group.count > 1 ? signs[(second & 15) << 2 | third >> 6] : UInt8(ascii: "="))
            text.append(group.count > 2 ? signs[third & 63] : UInt8(ascii: "="))
            let isLast = start + 3 >= bytes.count
            if isLast || (start + 3) % bytesInLine == 0 { text += [13, 10] }
        }
        return text
    }
}
