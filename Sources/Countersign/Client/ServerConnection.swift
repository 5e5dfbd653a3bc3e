import Console
import FoundationEssentials
import Gate
import HTTPClient
import JSON

/// What the server answered instead of doing what was asked: a problem document.
struct ServerProblem: Error, CustomStringConvertible {
    let status: Int
    /// The last part of the problem's type: `already-decided`.
    let slug: String
    let document: JSONValue

    var description: String { text { pointer in pointer } }

    /// What a person reads who typed that command: what came from an option is named as the option.
    func words(for invocation: CommandInvocation) -> String {
        text { pointer in
            let name = String(pointer.dropFirst()).replacing("_", with: "-")
            let option = ProposalFlags.option(at: pointer) ?? name
            return invocation.value(option) != nil ? "--\(option)" : pointer
        }
    }

    private func text(naming place: (String) -> String) -> String {
        let words = document["detail"]?.stringValue ?? document["title"]?.stringValue ?? "It gave no reason."
        let faults = (document["errors"]?.arrayValue ?? []).map { fault in
            "\n- \(place(fault["pointer"]?.stringValue ?? "")): \(fault["detail"]?.stringValue ?? "")"
        }
        return "The server answered \(status): \(words)\(faults.joined())"
    }

    var exitCode: ExitCode { RefusalCode(rawValue: slug).map(FailureText.code) ?? .failed }
}

/// Speaks to the server as scripts do, with a key or a personal token.
struct ServerConnection: Sendable {
    private let settings: ClientSettings
    private let client: HTTPClient

    init(_ settings: ClientSettings) {
        self.settings = settings
        // Whoever types the address means it, wherever it is.
        let everywhere = (try? CIDR.list("0.0.0.0/0, ::/0")) ?? []
        client = HTTPClient(
            configuration: HTTPClientConfiguration(
                userAgent: "countersign/\(Countersign.version)",
                egress: EgressPolicy(allowPrivate: everywhere).allowingLoopback))
    }

    func get(_ path: String, timeoutSeconds: Double = 30) async throws -> JSONValue {
        try await send(HTTPClientRequest(.get, url(path), headers: headers, timeoutSeconds: timeoutSeconds))
    }

    func post(_ path: String, _ body: JSONValue, headers more: [(String, String)] = []) async throws
        -> JSONValue
    {
        try await send(
            HTTPClientRequest(
                .post, url(path), headers: headers + more + [("Content-Type", "application/json")],
                body: body.bytes(), timeoutSeconds: 30))
    }

    private var headers: [(String, String)] {
        [("Authorization", "Bearer \(settings.apiKey)"), ("Accept", "application/json")]
    }

    private func url(_ path: String) -> String { "\(settings.serverURL)/api/v1\(path)" }

    private func send(_ request: HTTPClientRequest) async throws -> JSONValue {
        let response: HTTPClientResponse
        do {
            response = try await client.send(request)
        } catch {
            throw CommandFailure(
                "The server at \(settings.serverURL) gave no answer. \(error.message)", isSilence: true)
        }
        let document = try? JSONParser.parse(response.body)
        guard response.isSuccess else {
            let slug = document?["type"]?.stringValue?.split(separator: "/").last.map(String.init)
            throw ServerProblem(status: response.status, slug: slug ?? "", document: document ?? [:])
        }
        guard let document else {
            throw CommandFailure("\(settings.serverURL) does not answer as a Countersign server does.")
        }
        return document
    }

    /// A part of a path or query, with everything but letters, digits, `-`, `.`, `_` and `~` encoded.
    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || (0x30...0x39).contains(byte))
            if isPlain || "-._~".unicodeScalars.contains(scalar) { return String(Character(scalar)) }
            let digits = String(byte, radix: 16, uppercase: true)
            return "%\(digits.count < 2 ? "0" : "")\(digits)"
        }.joined()
    }
}

extension Call {
    func server() throws -> ServerConnection { ServerConnection(try settings(ClientSettings.init)) }

    /// The path of the proposal that was named.
    func proposalPath() throws -> String {
        "/proposals/\(ServerConnection.encoded(try invocation.required("ID")))"
    }
}
