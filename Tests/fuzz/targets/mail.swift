import HTTPClient

/// Whatever stands in it, a mail is well formed, has the headers it was given and no others, and says what it was told.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzMail(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    guard let sender = MailAddress("countersign@example.com") else { return 0 }
    let to = MailAddress(input.text(0)) ?? sender
    expect(to.description.utf8.allSatisfy { $0 > 32 && $0 < 127 }, "an address: \(to)")
    var mail = MIMEMessage(
        from: Mailbox(sender, name: input.text(1)), to: Mailbox(to), subject: input.text(2),
        date: 1_795_444_200, messageID: "<a@example.com>", text: input.text(3),
        html: input.fields.count > 4 ? input.text(4) : nil)
    mail.headers = [("X-Countersign-Proposal", input.text(5))]
    mail.autoSubmitted = nil
    guard let bytes = try? mail.bytes() else { return 0 }
    expect(SMTPMessage(sender: sender, recipient: to, data: bytes) != nil, "not well formed")
    let head = headers(bytes)
    var wanted = ["Date", "From", "To", "Subject", "Message-ID", "X-Countersign-Proposal", "MIME-Version"]
    wanted += mail.html == nil ? ["Content-Type", "Content-Transfer-Encoding"] : ["Content-Type"]
    expect(head.map(\.name) == wanted, "headers \(head)")
    if mail.html == nil {
        let body = Array(bytes.dropFirst(end(of: bytes)))
        expect(decoded(body) == lines(mail.text), "the body says something else")
        expect(body.split(separator: 10).allSatisfy { $0.count <= 77 }, "a long line")
    }
    return 0
}

/// Where the empty line after the head ends.
private func end(of bytes: [UInt8]) -> Int {
    var place = 0
    while place + 4 <= bytes.count {
        if bytes[place..<place + 4].elementsEqual([13, 10, 13, 10]) { return place + 4 }
        place += 1
    }
    return bytes.count
}

/// The head as any reader takes it apart: a line that begins with a space goes on with the one before.
private func headers(_ bytes: [UInt8]) -> [(name: String, value: String)] {
    var found: [(name: String, value: String)] = []
    for line in bytes.prefix(max(0, end(of: bytes) - 4)).split(separator: 10) {
        let line = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
        if line.utf8.first == 32, !found.isEmpty {
            found[found.count - 1].value += line
        } else {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            found.append((String(parts[0]), parts.count > 1 ? String(parts[1]) : ""))
        }
    }
    return found
}

/// The text in lines, whatever ended them.
private func lines(_ text: String) -> [UInt8] {
    var result: [UInt8] = []
    var previous: UInt8 = 0
    for byte in text.utf8 {
        if byte == 13 || byte == 10 && previous != 13 { result.append(10) }
        if byte != 13 && byte != 10 { result.append(byte) }
        previous = byte
    }
    if result.last != 10 { result.append(10) }
    return result
}

/// Quoted-printable undone, in lines.
private func decoded(_ body: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var place = 0
    while place < body.count {
        if body[place] == UInt8(ascii: "="), place + 2 < body.count {
            if body[place + 1] != 13 {
                let digits = String(decoding: body[place + 1...place + 2], as: UTF8.self)
                result.append(UInt8(digits, radix: 16) ?? 0)
            }
            place += 3
        } else {
            if body[place] != 13 { result.append(body[place]) }
            place += 1
        }
    }
    return result
}
