/// The settings as text, from the environment and a file, with what is wrong about their names.
package struct RawSettings: Sendable {
    /// Reads a whole file as text.
    package typealias FileReader = @Sendable (_ path: String) throws -> String

    private(set) var values: [String: String] = [:]
    /// What is wrong, in words.
    package private(set) var problems: [String] = []

    /// Settings of the environment, which win, and of a file of KEY=VALUE lines.
    package init(environment: [String: String], file path: String?, read: FileReader) {
        var given = environment.filter { Self.isOurs($0.key) }
        if let path {
            for (name, value) in lines(of: path, read) where given[name] == nil { given[name] = value }
        }
        for (name, value) in given.sorted(by: { $0.key < $1.key }) where !value.isEmpty {
            take(name, value, given, read)
        }
    }

    /// Every secret among the settings, for the log to leave out.
    package var secrets: [String] {
        let given = Setting.all.filter(\.isSecret).compactMap { values[$0.name] }
        return given + given.compactMap(Self.password)
    }

    subscript(setting: Setting) -> String? { values[setting.name] }

    private mutating func take(_ name: String, _ value: String, _ given: [String: String], _ read: FileReader)
    {
        if Setting.all.contains(where: { $0.name == name }) {
            values[name] = value
            return
        }
        let base = name.hasSuffix("_FILE") ? String(name.dropLast(5)) : nil
        guard let base, let setting = Setting.all.first(where: { $0.name == base }), setting.isSecret else {
            let known = Setting.all.map(\.name)
            problems.append(
                "There is no setting \(name).\(Suggestion.text(for: name, among: known))")
            return
        }
        guard given[base, default: ""].isEmpty else {
            problems.append("\(base) and \(name) are both given; one of them must go.")
            return
        }
        do {
            var text = try read(value)
            while let last = text.last, last.isNewline { text.removeLast() }
            if text.isEmpty {
                problems.append("\(name): the file \(value) is empty.")
            } else {
                values[base] = text
            }
        } catch {
            problems.append("\(name): the file \(value) cannot be read.")
        }
    }

    private mutating func lines(of path: String, _ read: FileReader) -> [String: String] {
        guard let text = try? read(path) else {
            problems.append("The configuration file \(path) cannot be read.")
            return [:]
        }
        var found: [String: String] = [:]
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = Self.trimmed(line)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            guard let equals = line.firstIndex(of: "="), equals != line.startIndex else {
                problems.append("\(path), line \(index + 1): write KEY=VALUE.")
                continue
            }
            let name = String(Self.trimmed(line[..<equals]))
            if found.updateValue(Self.unquoted(line[line.index(after: equals)...]), forKey: name) != nil {
                problems.append("\(path), line \(index + 1): \(name) is given twice.")
            }
        }
        return found
    }

    /// Names of the environment that are meant for this program.
    ///
    /// Names that begin with `COUNTERSIGN_TEST_` belong to its tests.
    private static func isOurs(_ name: String) -> Bool {
        if name.hasPrefix("COUNTERSIGN_") { return !name.hasPrefix("COUNTERSIGN_TEST_") }
        return Setting.all.contains { $0.name == name || ($0.isSecret && "\($0.name)_FILE" == name) }
    }

    /// The password in `scheme://user:password@host`.
    private static func password(_ url: String) -> String? {
        guard let start = url.firstRange(of: "://")?.upperBound else { return nil }
        let authority = url[start...].prefix { $0 != "/" && $0 != "?" }
        guard let at = authority.lastIndex(of: "@"), let colon = authority[..<at].firstIndex(of: ":") else {
            return nil
        }
        return String(authority[authority.index(after: colon)..<at])
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0.isWhitespace }
        return start.prefix(
            (start.lastIndex { !$0.isWhitespace }).map { start.distance(from: start.startIndex, to: $0) + 1 }
                ?? 0)
    }

    private static func unquoted(_ text: Substring) -> String {
        let text = trimmed(text)
        if text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'" {
            return String(text.dropFirst().dropLast())
        }
        return String(text)
    }
}
