/// A piece of a template file.
enum TemplatePart: Hashable {
    case text(String)
    case variable(String)
    case addressPart(String)
    case lines(String)
    case section(String)
    case absence(String)
    case end(String)
    case include(String)
    case layout(String)
    case comment
}

/// A piece of a template file and the line it stands on, counted from 1.
struct PlacedPart: Hashable {
    let part: TemplatePart
    let line: Int
}

/// Cuts one template file into its pieces and refuses what the language of this kit does not have.
///
/// A line that holds nothing but tags other than variables leaves no line behind.
struct TemplateScanner {
    let file: String

    func parts(of source: String) throws(TemplateError) -> [PlacedPart] {
        var parts: [PlacedPart] = []
        let lines = source.replacing("\r\n", with: "\n").split(
            separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let number = index + 1
            let pieces = try pieces(of: line, number)
            if pieces.contains(where: isTag), pieces.allSatisfy(isTagOrBlank) {
                parts += pieces.filter(isTag).map { PlacedPart(part: $0, line: number) }
            } else {
                parts += pieces.map { PlacedPart(part: $0, line: number) }
                if number < lines.count {
                    parts.append(PlacedPart(part: .text("\n"), line: number))
                }
            }
        }
        try checkSections(parts)
        return parts.filter { $0.part != .comment }
    }

    private func pieces(of line: Substring, _ number: Int) throws(TemplateError) -> [TemplatePart] {
        var pieces: [TemplatePart] = []
        var rest = line
        while let open = rest.firstRange(of: "{{") {
            if open.lowerBound > rest.startIndex {
                pieces.append(.text(String(rest[..<open.lowerBound])))
            }
            guard let close = rest[open.upperBound...].firstRange(of: "}}") else {
                throw malformed(number, "the tag opened by {{ is not closed by }} on its line")
            }
            pieces.append(try tag(rest[open.upperBound..<close.lowerBound], number))
            rest = rest[close.upperBound...]
        }
        if !rest.isEmpty {
            pieces.append(.text(String(rest)))
        }
        return pieces
    }

    private func tag(_ content: Substring, _ number: Int) throws(TemplateError) -> TemplatePart {
        let rest = content.dropFirst()
        switch content.first {
        case "!": return .comment
        case "#": return .section(try name(rest, number))
        case "^": return .absence(try name(rest, number))
        case "/": return .end(try name(rest, number))
        case ">": return .include(try path(rest, number))
        case "<": return .layout(try path(rest, number))
        case "%", "=":
            throw malformed(number, "{{\(content)}}: escaping and tag marks are not for templates to set")
        default:
            if content.hasSuffix(":u") {
                return .addressPart(try name(content.dropLast(2), number))
            }
            if content.hasSuffix(":p") { return .lines(try name(content.dropLast(2), number)) }
            guard !content.contains(":") else {
                throw malformed(
                    number,
                    "{{\(content)}}: no modifier but :u and :p; the place a value stands in escapes it")
            }
            return .variable(try name(content, number))
        }
    }

    private func name(_ text: Substring, _ number: Int) throws(TemplateError) -> String {
        let isWord = !text.isEmpty && text.utf8.allSatisfy(isWordByte)
        guard isWord, !text.hasPrefix("BI_"), !text.hasSuffix(absenceSuffix) else {
            throw malformed(
                number,
                "“\(text)” is not a name: letters, digits and _, not BI_… and not …\(absenceSuffix)")
        }
        return String(text)
    }

    private func path(_ text: Substring, _ number: Int) throws(TemplateError) -> String {
        let steps = text.split(separator: "/", omittingEmptySubsequences: false)
        guard steps.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isPathByte) }) else {
            throw malformed(number, "“\(text)” is not the name of a template: no blanks, no dots, no ending")
        }
        return String(text)
    }

    private func checkSections(_ parts: [PlacedPart]) throws(TemplateError) {
        var open: [(name: String, line: Int)] = []
        for placed in parts {
            switch placed.part {
            case .section(let name), .absence(let name):
                open.append((name, placed.line))
            case .end(let name):
                guard let innermost = open.popLast() else {
                    throw malformed(placed.line, "{{/\(name)}} closes a section that was not opened")
                }
                guard innermost.name == name else {
                    throw malformed(
                        placed.line,
                        "{{/\(name)}} stands in the section \(innermost.name) of line \(innermost.line)"
                    )
                }
            case .text, .variable, .addressPart, .lines, .include, .layout, .comment:
                continue
            }
        }
        if let forgotten = open.last {
            throw malformed(forgotten.line, "the section \(forgotten.name) is never closed")
        }
    }

    private func malformed(_ line: Int, _ problem: String) -> TemplateError {
        TemplateError(.malformed, file: file, line: line, problem)
    }
}

/// The section `NAME__NONE` is libctemplate's name for `{{^NAME}}`; the values know it (templates.cc).
let absenceSuffix = "__NONE"

private func isTag(_ part: TemplatePart) -> Bool {
    switch part {
    case .text, .variable, .addressPart, .lines: false
    case .section, .absence, .end, .include, .layout, .comment: true
    }
}

private func isTagOrBlank(_ part: TemplatePart) -> Bool {
    guard case .text(let text) = part else { return isTag(part) }
    return text.allSatisfy { $0 == " " || $0 == "\t" }
}

private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"): true
    default: false
    }
}

private func isPathByte(_ byte: UInt8) -> Bool {
    isWordByte(byte) || byte == UInt8(ascii: "-")
}
