import Support
import Synchronization

/// A mail server on the loopback that answers each command by its first word and keeps what it is handed.
final class MailServer: Sendable {
    private let server: RawServer

    var port: Int { server.port }
    /// The mails that it has taken.
    var taken: [String] { server.seen.all }

    init(replies: [String: String] = [:]) throws {
        server = try RawServer { connection, server in
            connection.write("220 test\r\n")
            while let line = connection.readLine() {
                let word = String(line.prefix { $0 != " " && $0 != ":" }).uppercased()
                let usual = word == "DATA" ? "354 go on" : word == "QUIT" ? "221 bye" : "250 ok"
                connection.write((replies[word] ?? usual) + "\r\n")
                guard word == "DATA", replies[word] == nil else { continue }
                var mail: [String] = []
                while let line = connection.readLine(), line != "." { mail.append(line) }
                server.seen.note(mail.joined(separator: "\n"))
                connection.write("250 taken\r\n")
            }
        }
    }
}
