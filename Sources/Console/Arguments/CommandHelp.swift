/// The words of `--help`.
extension CommandTable {
    /// What the whole program, a family of commands, or one command can do.
    func help(for words: [String]) throws(UsageError) -> String {
        if words.isEmpty { return overview }
        if let shape = shapes.first(where: { $0.path == words }) { return help(of: shape) }
        let family = shapes.filter { $0.path.starts(with: words) }
        guard !family.isEmpty else {
            throw UsageError("There is no command \(words.joined(separator: " ")).", command: "")
        }
        return "countersign \(words.joined(separator: " ")) …\n\n"
            + rows(family.map { ($0.name, $0.summary) })
            + "\nEach tells more with --help.\n"
    }

    private var overview: String {
        var text =
            "countersign: no trade without a human's signature\n\nusage: countersign COMMAND [OPTIONS]\n"
        for group in groups {
            text += "\n\(group.title)\n" + rows(group.commands.map { ($0.name, $0.summary) })
        }
        return text + """

            Each command tells more with --help. Settings come from the environment or a file (--config FILE); countersign
            config check --help lists them all. What speaks to the server needs COUNTERSIGN_API_KEY, a key or a personal token.
            Secrets come by standard input or from files, never as arguments.

            Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 refused (rejected, blocked, halted), 4 expired.

            """
    }

    func help(of shape: CommandShape) -> String {
        var usage = "usage: countersign \(shape.name)"
        for operand in shape.operands {
            usage += operand.isRequired ? " \(operand.name)" : " [\(operand.name)]"
        }
        for option in shape.options where option.isRequired {
            usage += " --\(option.name) \(option.value ?? "")"
        }
        var text = "\(shape.summary)\n\n\(usage) [OPTIONS]\n\n"
        if !shape.operands.isEmpty {
            text += rows(shape.operands.map { ($0.name, $0.help) }) + "\n"
        }
        text += rows(
            shape.allOptions.map { option in
                ("--\(option.name)\(option.value.map { " \($0)" } ?? "")", option.help)
            })
        let group = groups.first { $0.commands.contains { $0.path == shape.path } }
        for words in [shape.notes, group?.surroundings ?? ""] where !words.isEmpty {
            text += "\n\(words)\n"
        }
        return text
    }

    private func rows(_ rows: [(String, String)]) -> String {
        let width = min(28, rows.map(\.0.count).max() ?? 0)
        return rows.map { name, words in
            let gap = String(repeating: " ", count: max(0, width - name.count))
            return name.count > width
                ? "  \(name)\n  \(String(repeating: " ", count: width))  \(words)\n"
                : "  \(name)\(gap)  \(words)\n"
        }.joined()
    }
}
