import Foundation
import Glibc
import Synchronization

/// A mail server on the loopback that answers each command by its first word and keeps what it is handed.
final class MailServer: Sendable {
    let port: Int
    private let listener: Int32
    private let mails = Mutex<[String]>([])

    /// The mails that it has taken.
    var taken: [String] { mails.withLock { $0 } }

    init(replies: [String: String] = [:]) throws {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        try withUnsafeMutablePointer(to: &address) { pointer in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard bind(listener, address, length) == 0, listen(listener, 16) == 0,
                    getsockname(listener, address, &length) == 0
                else { throw CocoaError(.fileReadUnknown) }
            }
        }
        self.listener = listener
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                self?.talk(descriptor, replies)
                close(descriptor)
            }
            close(listener)
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func talk(_ descriptor: Int32, _ replies: [String: String]) {
        let stream = fdopen(dup(descriptor), "r")
        defer { fclose(stream) }
        func say(_ line: String) {
            _ = send(descriptor, line + "\r\n", line.utf8.count + 2, Int32(MSG_NOSIGNAL))
        }
        func hear() -> String? {
            var line: UnsafeMutablePointer<CChar>?
            var size = 0
            defer { free(line) }
            guard getline(&line, &size, stream) > 0, let line else { return nil }
            return String(cString: line).trimmingCharacters(in: .newlines)
        }
        say("220 test")
        while let line = hear() {
            let word = String(line.prefix { $0 != " " && $0 != ":" }).uppercased()
            say(replies[word] ?? (word == "DATA" ? "354 go on" : word == "QUIT" ? "221 bye" : "250 ok"))
            guard word == "DATA", replies[word] == nil else { continue }
            var mail: [String] = []
            while let line = hear(), line != "." { mail.append(line) }
            mails.withLock { $0.append(mail.joined(separator: "\n")) }
            say("250 taken")
        }
    }
}
