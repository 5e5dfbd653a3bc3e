/// One mail for one recipient: the envelope and the finished message.
package struct SMTPMessage: Sendable {
    /// Where bounces go.
    package let sender: MailAddress
    package let recipient: MailAddress
    /// A whole message in the form of RFC 5322, lines ended by CR LF.
    package let data: [UInt8]

    /// Nil when the message has a bare CR or LF, a NUL or a line of more than 998 characters.
    ///
    /// A bare line end before a full stop is how one mail is smuggled inside another.
    package init?(sender: MailAddress, recipient: MailAddress, data: [UInt8]) {
        guard Self.isWellFormed(data) else { return nil }
        self.sender = sender
        self.recipient = recipient
        self.data = data
    }

    private static func isWellFormed(_ data: [UInt8]) -> Bool {
        var previous: UInt8 = 0
        var column = 0
        for byte in data {
            guard byte != 0, (previous == 13) == (byte == 10) else { return false }
            column = byte == 10 || byte == 13 ? 0 : column + 1
            guard column <= 998 else { return false }
            previous = byte
        }
        return previous == 10
    }
}
