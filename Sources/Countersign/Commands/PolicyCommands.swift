import Console
import Domain
import Gate
import JSON
import Store

/// `policy …`: the limits.
enum PolicyCommands {
    static let all = [show, apply, presets]

    private static let show = Command(
        CommandShape(
            "policy show", "Prints the policy that counts.",
            options: [.init("version", "NUMBER", "an earlier version")], printsData: true,
            notes: "What is printed can be changed and applied: countersign policy show --json > policy.json")
    ) { call in
        let version = try call.invocation.integer("version", in: 1...Int(Int32.max))
        let record = try await call.onDatabase { gate in
            let policies = Policies(gate)
            if let version { return try await policies.find(version: version) }
            return try await policies.newest()
        }
        Output.show(record.document, asJSON: call.wantsJSON) {
            "Version \(record.version), applied by \(record.appliedBy) at \(record.appliedAt.rfc3339)\n"
                + PolicyText.lines(record.document).joined(separator: "\n")
        }
        return .done
    }

    private static let apply = Command(
        CommandShape(
            "policy apply", "Makes a document the policy that counts.",
            operands: [.init("FILE", "the document as JSON; - reads standard input")], printsData: true,
            notes: """
                What the document leaves out comes from its preset; null turns a limit off; an unknown key is an error.
                Every version is kept. It counts at once, and no second person is asked: that is for those who change limits on
                the page or by the API.
                """)
    ) { call in
        let document = try Call.document(at: try call.invocation.required("FILE"), command: "policy apply")
        let (result, warnings) = try await call.onDatabase { gate in
            let policies = Policies(gate)
            return (try await policies.apply(document, by: Call.actor), try await policies.warnings())
        }
        let told: JSONValue = .array(warnings.map(JSONValue.string))
        switch result {
        case .unchanged(let record):
            let json: JSONValue = ["version": .integer(record.version), "changes": [], "warnings": told]
            Output.show(json, asJSON: call.wantsJSON) {
                (["Version \(record.version) says the same; nothing changed."] + warnings)
                    .joined(separator: "\n")
            }
        case .applied(let record, let changes):
            let differences = changes.map { change -> JSONValue in
                ["pointer": .string(change.pointer), "from": change.from, "to": change.to]
            }
            let json: JSONValue = [
                "version": .integer(record.version), "changes": .array(differences), "warnings": told,
            ]
            Output.show(json, asJSON: call.wantsJSON) {
                (["Version \(record.version) counts from now on."]
                    + changes.map { "  \($0.pointer): \($0.from.serialized()) → \($0.to.serialized())" }
                    + warnings)
                    .joined(separator: "\n")
            }
        }
        return .done
    }

    private static let presets = Command(
        CommandShape("policy presets", "Lists the presets that a document can start from.", printsData: true)
    ) { call in
        let presets = Policy.presets
        let json = presets.map { preset -> JSONValue in
            [
                "name": .string(preset.name), "summary": .string(preset.summary),
                "document": preset.policy.json,
            ]
        }
        Output.show(.array(json), asJSON: call.wantsJSON) {
            PolicyText.presets(presets)
        }
        return .done
    }
}

/// A document as lines of `key: value`.
enum PolicyText {
    /// What each preset is for, and below it their values side by side.
    static func presets(_ presets: [PolicyPreset]) -> String {
        let columns = presets.map { preset in
            Dictionary(pairs(preset.policy.json), uniquingKeysWith: { first, _ in first })
        }
        var keys: [String] = []
        for (key, _) in presets.flatMap({ pairs($0.policy.json) }) where !keys.contains(key) {
            keys.append(key)
        }
        let values = keys.filter { $0 != "preset" }.map { key in (key, columns.map { $0[key] ?? "off" }) }
        let rows = values.filter { !$0.1.contains(where: isWide) }.map { [$0.0] + $0.1 }
        let wide = values.filter { $0.1.contains(where: isWide) }.map { key, values in
            lines(of: key, values, presets.map(\.name))
        }
        return ([table(presets, rows)] + wide).joined(separator: "\n\n")
    }

    private static func table(_ presets: [PolicyPreset], _ rows: [[String]]) -> String {
        Output.table(["NAME", "WHAT IT IS FOR"], presets.map { [$0.name, $0.summary] }) + "\n\n"
            + Output.table(["VALUE"] + presets.map(\.name), rows)
    }

    /// Whether a value would widen its column beyond what a terminal shows.
    private static func isWide(_ value: String) -> Bool { value.count > 24 }

    /// A wide value below the table, once for all presets that share it.
    private static func lines(of key: String, _ values: [String], _ names: [String]) -> String {
        guard Set(values).count > 1 else {
            return "\(key), the same in all:\n\(values.first.map(folded) ?? "")"
        }
        return ([key] + zip(names, values).map { "  \($0):\n\(folded($1))" }).joined(separator: "\n")
    }

    /// JSON in lines that fit a terminal, broken after commas.
    private static func folded(_ json: String) -> String {
        var lines = ["    "]
        for part in json.split(separator: ",", omittingEmptySubsequences: false) {
            if lines.count > 1 || lines[0].count > 4 { lines[lines.count - 1] += "," }
            if lines[lines.count - 1].count + part.count > 96 { lines.append("    ") }
            lines[lines.count - 1] += part
        }
        return lines.joined(separator: "\n")
    }

    private static func pairs(_ value: JSONValue, path: String = "") -> [(String, String)] {
        guard let object = value.objectValue, !object.isEmpty else {
            return [(path, value.stringValue ?? (value.isNull ? "off" : value.serialized()))]
        }
        return object.members.flatMap { key, value in
            pairs(value, path: path.isEmpty ? key : "\(path).\(key)")
        }
    }

    static func lines(_ value: JSONValue, path: String = "") -> [String] {
        pairs(value, path: path).map { "\($0): \($1)" }
    }
}
