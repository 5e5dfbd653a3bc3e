import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Synchronization
import Web

/// A browser without scripts: it keeps cookies, follows redirections and fills in forms.
final class Browser: Sendable {
    private let desk: Desk
    private let jar = Mutex<[Kept]>([])
    let address: String

    private struct Kept: Sendable {
        let name: String
        let value: String
        let path: String
    }

    init(_ desk: Desk, address: String = "192.0.2.7") {
        self.desk = desk
        self.address = address
    }

    /// Every cookie as the server asked to keep it, for tests that look at them.
    let setCookies = Mutex<[String]>([])

    func cookie(_ name: String) -> String? { jar.withLock { $0.last { $0.name == name }?.value } }

    /// Sends one request, without following a redirection.
    func send(
        _ method: HTTPMethod, _ target: String, headers: HTTPHeaders = [:], form: [(String, String)]? = nil
    ) async throws -> Answer {
        var headers = headers
        headers.add("Accept", "text/html")
        let path = String(target.prefix { $0 != "?" && $0 != "#" })
        let cookies = jar.withLock { jar in jar.filter { Self.fits($0.path, path) } }
        if !cookies.isEmpty {
            headers.add("Cookie", cookies.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
        }
        var body: [UInt8] = []
        if let form {
            headers.add("Content-Type", "application/x-www-form-urlencoded")
            body = Array(form.map { "\(Self.encoded($0))=\(Self.encoded($1))" }.joined(separator: "&").utf8)
        }
        let bare = String(target.prefix { $0 != "#" })
        let request = try HTTPRequest(method, bare, headers: headers, body: body, remoteAddress: address)
        let answer = Answer(response: await desk.application.respond(to: request))
        keep(answer)
        return answer
    }

    /// Opens a page as a person would, redirections followed.
    func open(_ target: String) async throws -> Page {
        try await follow(try await send(.get, target), from: target)
    }

    /// Sends a form and follows where it leads.
    func submit(
        _ form: Form, _ values: [String: String] = [:], button: (String, String)? = nil,
        headers: HTTPHeaders = ["Sec-Fetch-Site": "same-origin", "Origin": "null"]
    ) async throws -> Page {
        var fields = form.fields.filter { values[$0.0] == nil }
        fields += values.map { ($0.key, $0.value) }
        if let button { fields.append(button) }
        let answer = try await send(.post, form.action, headers: headers, form: fields)
        return try await follow(answer, from: form.action)
    }

    /// Logs in as somebody.
    func logIn(_ name: String, pin: String = Desk.pin, next: String = "/") async throws -> Page {
        let page = try await open("/login?next=\(next)")
        guard let form = page.forms.first else { throw Unexpected(page.answer) }
        return try await submit(form, ["name": name, "pin": pin])
    }

    private func follow(_ answer: Answer, from target: String) async throws -> Page {
        var (answer, target) = (answer, target)
        for _ in 0..<5 {
            guard let location = answer.header("Location"), (300..<400).contains(answer.status) else { break }
            target = location
            answer = try await send(.get, location)
        }
        return Page(answer: answer, address: target)
    }

    private func keep(_ answer: Answer) {
        for line in answer.response.headers.all("Set-Cookie") {
            setCookies.withLock { $0.append(line) }
            let parts = line.split(separator: ";").map { $0.drop { $0 == " " } }
            guard let pair = parts.first, let equals = pair.firstIndex(of: "=") else { continue }
            let name = String(pair[..<equals])
            let path = parts.first { $0.hasPrefix("Path=") }.map { String($0.dropFirst(5)) } ?? "/"
            jar.withLock { jar in
                jar.removeAll { $0.name == name && $0.path == path }
                guard !parts.contains("Max-Age=0") else { return }
                jar.append(Kept(name: name, value: String(pair[equals...].dropFirst()), path: path))
            }
        }
    }

    private static func fits(_ cookiePath: String, _ path: String) -> Bool {
        cookiePath == "/" || path == cookiePath || path.hasPrefix(cookiePath + "/")
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + Hex.encode([byte])
        }.joined()
    }
}

/// A page that a browser ended up on.
struct Page: Sendable {
    let answer: Answer
    let address: String

    var status: Int { answer.status }
    var html: String { answer.text }

    /// The text that people read, without tags, blanks made one.
    var text: String {
        var words = ""
        var isTag = false
        for character in html {
            if character == "<" { isTag = true }
            if !isTag { words.append(character) }
            if character == ">" {
                isTag = false
                words.append(" ")
            }
        }
        return words.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    var forms: [Form] {
        html.split(separator: "<form").dropFirst().map { Form(String($0.prefix(upTo: Self.end(of: $0)))) }
    }

    /// The form that sends to an address.
    func form(to action: String) -> Form? { forms.first { $0.action == action } }

    private static func end(of form: Substring) -> Substring.Index {
        var place = form.startIndex
        while place < form.endIndex, !form[place...].hasPrefix("</form") { place = form.index(after: place) }
        return place
    }
}

/// A form as it stands in a page.
struct Form: Sendable {
    let action: String
    /// What it would send, buttons left out.
    let fields: [(String, String)]
    let buttons: [(String, String)]

    init(_ html: String) {
        action = Self.attribute("action", html[...]) ?? ""
        var fields: [(String, String)] = []
        var buttons: [(String, String)] = []
        for tag in html.split(separator: "<") {
            guard let name = Self.attribute("name", tag) else { continue }
            let value = Self.attribute("value", tag) ?? ""
            if tag.hasPrefix("button") { buttons.append((name, value)) }
            if tag.hasPrefix("input"), !tag.contains("checkbox") { fields.append((name, value)) }
            if tag.hasPrefix("textarea") || tag.hasPrefix("select") { fields.append((name, "")) }
        }
        self.fields = fields
        self.buttons = buttons
    }

    func value(_ name: String) -> String? { fields.first { $0.0 == name }?.1 }

    private static func attribute(_ name: String, _ tag: Substring) -> String? {
        guard let start = tag.firstRange(of: " \(name)=\"") else { return nil }
        return String(tag[start.upperBound...].prefix { $0 != "\"" })
    }
}

extension Desk {
    /// A personal link, as a message to that person carries it.
    func link(
        to name: String, for proposal: JSONValue, secondsLeft: Int = 1800, purpose: UInt8 = 1
    ) async throws -> String {
        let now = try await gate.pool.withSession { try DatabaseClock.now(in: $0) }
        guard let person = people[name], let id = Identifier(proposal.id) else { return "" }
        let link = ReviewLink(
            proposalID: id, userID: person.id, expiresAt: now.adding(seconds: secondsLeft))
        var token = link.token { HMACSHA256.authenticate($0, key: gate.secrets.linkKey) }
        if purpose != 1 {
            var payload = Array(token.prefix(41))
            payload[0] = purpose
            token = payload + HMACSHA256.authenticate(payload, key: gate.secrets.linkKey)
        }
        return "/r/" + Base64URL.encode(token)
    }

    func state(of proposal: JSONValue) async throws -> String {
        try await get("/proposals/\(proposal.id)", as: "reader").json["state"]?.stringValue ?? ""
    }
}
