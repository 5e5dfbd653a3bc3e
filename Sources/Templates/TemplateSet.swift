// The pages and mails of a program: every `*.html` and `*.txt` below a directory, parsed at start and
// rendered from any thread. The language, in full:
//
//   {{NAME}}      a text. In .html files libctemplate escapes it for the place it stands in: text, attribute,
//                 address (a scheme other than http and https becomes #), script, style. In .txt: as it is.
//   {{NAME:p}}    a text whose line breaks stay, for <pre> and <textarea>; escaped like any other
//   {{NAME:u}}    a text as part of an address, percent-encoded: href="/history?symbol={{SYMBOL:u}}"
//   {{#NAME}} … {{/NAME}}   once per element of a list; or once if NAME is a text that is not empty
//   {{^NAME}} … {{/NAME}}   if {{#NAME}} would show nothing
//   {{#NAME_separator}} … {{/NAME_separator}}   inside {{#NAME}}: between two elements
//   {{>_card}}    the file _card.html (_card.txt in a .txt file) in this place, with the values of this
//                 place; paths start at the directory: {{>mail/_signature}}
//   {{<_layout}}  on the first line of a page: the page goes where _layout.html says {{>BODY}}; layouts may
//                 have layouts
//   {{! … }}      a comment, on one line
//
// Files whose name begins with `_` are only included, never rendered by themselves. Sections open and close
// in the same file; a line with nothing but such tags leaves no line behind. There is no way to insert
// unescaped text into HTML.

import CTemplates
import FoundationEssentials

/// The templates of a directory, ready to be rendered by any number of threads at once.
///
/// Unchecked, because the set is written by `init` alone: frozen, it is read under libctemplate's own locks.
package final class TemplateSet: @unchecked Sendable {
    /// What can be rendered, such as `proposal.html` and `mail/decision.txt`.
    package let names: Set<String>

    private let set: OpaquePointer

    /// Loads every `*.html` and `*.txt` below a directory, or says which file is wrong and why.
    package convenience init(directory: String) throws(TemplateError) {
        try self.init(sources: Self.readSources(below: directory))
    }

    /// Loads templates from their sources by name, such as `["page.html": "<p>{{TEXT}}</p>"]`.
    package init(sources: [String: String]) throws(TemplateError) {
        let composer = try TemplateComposer(sources: sources)
        guard let set = templates_set_create() else {
            throw TemplateError(.outOfMemory, file: "", "not enough memory for templates")
        }
        self.set = set
        names = Set(composer.pages)
        for page in composer.pages {
            try Self.add(page, composer.text(of: page), to: set)
        }
        templates_set_freeze(set)
    }

    deinit {
        templates_set_destroy(set)
    }

    /// One template filled with values.
    package func render(_ name: String, _ values: TemplateValues) throws(TemplateError) -> String {
        var text = try rendered(name, values)
        defer { templates_text_destroy(&text) }
        return String(decoding: UnsafeRawBufferPointer(start: text.bytes, count: text.count), as: UTF8.self)
    }

    /// One template filled with values, as UTF-8.
    package func renderBytes(_ name: String, _ values: TemplateValues) throws(TemplateError) -> [UInt8] {
        var text = try rendered(name, values)
        defer { templates_text_destroy(&text) }
        return Array(UnsafeRawBufferPointer(start: text.bytes, count: text.count))
    }

    private func rendered(_ name: String, _ values: TemplateValues) throws(TemplateError) -> templates_text {
        guard names.contains(name) else {
            throw TemplateError(.unknownTemplate, file: name, "there is no template of this name")
        }
        let filled = try FilledValues.copied(from: values)
        var text = templates_text()
        guard withBytes(of: name, { templates_set_render(set, $0, $1, filled.values, &text) }) else {
            throw TemplateError(.outOfMemory, file: name, "not enough memory to render it")
        }
        return text
    }

    private static func add(_ name: String, _ source: String, to set: OpaquePointer) throws(TemplateError) {
        var problem = templates_text()
        let isAdded = withBytes(of: name) { name, nameCount in
            withBytes(of: source) { templates_set_add(set, name, nameCount, $0, $1, &problem) }
        }
        defer { templates_text_destroy(&problem) }
        guard !isAdded else { return }
        let words = String(
            decoding: UnsafeRawBufferPointer(start: problem.bytes, count: problem.count), as: UTF8.self)
        throw TemplateError(.malformed, file: name, "libctemplate refuses it: \(words)")
    }

    private static func readSources(below directory: String) throws(TemplateError) -> [String: String] {
        guard let paths = try? FileManager.default.subpathsOfDirectory(atPath: directory) else {
            throw TemplateError(.unreadable, file: directory, "this directory of templates cannot be read")
        }
        var sources: [String: String] = [:]
        for path in paths where path.hasSuffix(".html") || path.hasSuffix(".txt") {
            guard let data = FileManager.default.contents(atPath: directory + "/" + path),
                let source = String(validating: data, as: UTF8.self)
            else { throw TemplateError(.unreadable, file: path, "it cannot be read, or is not UTF-8") }
            sources[path] = source
        }
        return sources
    }
}
