/// Puts a page together from its own file, its layouts and its includes: one flat text for libctemplate.
///
/// Flat, because libctemplate escapes each included file as if it stood alone; this way it sees every value
/// where it really stands, and a missing file is found when loading.
struct TemplateComposer {
    /// The name by which a layout asks for its page.
    static let body = "BODY"

    private let files: [String: [PlacedPart]]

    init(sources: [String: String]) throws(TemplateError) {
        var files: [String: [PlacedPart]] = [:]
        for (name, source) in sources {
            files[name] = try TemplateScanner(file: name).parts(of: source)
        }
        self.files = files
    }

    /// The templates that can be rendered: all but those whose file name begins with `_`.
    var pages: [String] {
        files.keys.filter { !fileName(of: $0).hasPrefix("_") }.sorted()
    }

    /// The text of one page with nothing left to include.
    func text(of page: String) throws(TemplateError) -> String {
        let text = try expand(page, body: nil, within: [])
        guard page.hasSuffix(".html") else { return text }
        if let attribute = unprotectedAttribute(in: text) {
            throw TemplateError(
                .unsafePlace, file: page,
                "a value stands in the attribute \(attribute), which libctemplate does not know how to escape"
            )
        }
        return "{{%AUTOESCAPE context=\"HTML\"}}" + text
    }

    private func expand(_ file: String, body: String?, within outer: [String]) throws(TemplateError) -> String
    {
        guard !outer.contains(file) else {
            let circle = (outer + [file]).joined(separator: " → ")
            throw TemplateError(.includeCycle, file: file, "it includes itself: \(circle)")
        }
        let parts = files[file] ?? []
        let chain = outer + [file]
        guard let first = parts.first, case .layout(let layout) = first.part else {
            return try join(parts, of: file, body: body, chain)
        }
        let layoutFile = try existing(layout, for: file, line: first.line)
        let asks = files[layoutFile]?.count { $0.part == .include(Self.body) } ?? 0
        guard asks == 1 else {
            throw TemplateError(
                .malformed, file: layoutFile,
                "as the layout of \(file) it must say {{>\(Self.body)}} once, not \(asks) times")
        }
        let own = try join(parts.dropFirst(), of: file, body: body, chain)
        return try expand(layoutFile, body: own, within: chain)
    }

    private func join(
        _ parts: some Sequence<PlacedPart>, of file: String, body: String?, _ chain: [String]
    ) throws(TemplateError) -> String {
        var text = ""
        var open: [String] = []
        for placed in parts {
            switch placed.part {
            case .text(let plain): text += plain
            case .variable(let name): text += "{{\(name)}}"
            case .addressPart(let name): text += "{{\(name):u}}"
            case .lines(let name): text += "{{\(name):p}}"
            case .section(let name):
                open.append(name)
                text += "{{#\(name)}}"
            case .absence(let name):
                open.append(name + absenceSuffix)
                text += "{{#\(name)\(absenceSuffix)}}"
            case .end: text += "{{/\(open.removeLast())}}"
            case .include(Self.body):
                guard let body else {
                    throw TemplateError(
                        .malformed, file: file, line: placed.line, "{{>\(Self.body)}} stands in layouts only")
                }
                text += body
            case .include(let name):
                text += try expand(existing(name, for: file, line: placed.line), body: nil, within: chain)
            case .layout:
                throw TemplateError(
                    .malformed, file: file, line: placed.line, "the layout is named before anything else")
            case .comment: continue
            }
        }
        return text
    }

    private func existing(_ name: String, for file: String, line: Int) throws(TemplateError) -> String {
        let ending = file.hasSuffix(".html") ? ".html" : ".txt"
        guard files[name + ending] != nil else {
            throw TemplateError(
                .missingInclude, file: file, line: line, "there is no template \(name)\(ending)")
        }
        return name + ending
    }
}

private func fileName(of path: String) -> Substring {
    path.split(separator: "/").last ?? ""
}

/// The first attribute holding a value that takes an address or a page but is plain text to libctemplate.
private func unprotectedAttribute(in html: String) -> Substring? {
    let attribute =
        #/
        (?i) [\s"']
        (?<name> formaction | poster | srcset | imagesrcset | srcdoc | ping | manifest | xlink:href | xml:base
            | http-equiv)
        \s* = \s* (?: "[^"]*{{ | '[^']*{{ | [^\s"'>]*{{ )
        /#
    return html.firstMatch(of: attribute)?.name
}
