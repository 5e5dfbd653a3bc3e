/// What a command that speaks to the server needs.
package struct ClientSettings: Sendable {
    static let usualServerURL = "http://127.0.0.1:8080"

    package let serverURL: String
    package let apiKey: String

    package init(_ reader: inout SettingsReader) {
        serverURL = reader.url(.serverURL, originOnly: true) ?? Self.usualServerURL
        apiKey =
            reader.required(
                .apiKey,
                "this command speaks to the server. Give it a personal token (countersign user token NAME --name"
                    + " laptop) or a key (countersign key create)") ?? ""
    }
}

/// What is wrong with the configuration, all of it: exit code 2.
package struct ConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
    package let problems: [String]

    package init(_ problems: [String]) { self.problems = problems }

    package var description: String {
        let head =
            problems.count == 1
            ? "The configuration is wrong:" : "The configuration is wrong in \(problems.count) ways:"
        return ([head] + problems.map { "- \($0)" }).joined(separator: "\n")
    }
}
