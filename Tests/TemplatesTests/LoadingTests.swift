import FoundationEssentials
import Templates
import Testing

/// Files, includes, layouts, and what is wrong with them.
struct LoadingTests {
    private func problem(_ sources: [String: String]) -> TemplateError? {
        do throws(TemplateError) {
            _ = try TemplateSet(sources: sources)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a page goes into its layout`() throws {
        let set = try TemplateSet(sources: [
            "_layout.html": "<title>{{TITLE}}</title>\n<main>\n{{>BODY}}\n</main>\n{{>_footer}}",
            "_footer.html": "<footer>{{MODE}}</footer>\n",
            "page.html": "{{<_layout}}\n<h1>{{TITLE}}</h1>\n",
        ])
        #expect(
            try set.render("page.html", ["TITLE": "T", "MODE": "paper"])
                == "<title>T</title>\n<main>\n<h1>T</h1>\n</main>\n<footer>paper</footer>\n")
        #expect(set.names == ["page.html"])
    }

    @Test func `layouts nest and texts have their own`() throws {
        let set = try TemplateSet(sources: [
            "mail/_outer.txt": "o({{>BODY}})", "mail/_inner.txt": "{{<mail/_outer}}i({{>BODY}})",
            "mail/note.txt": "{{<mail/_inner}}{{X}}",
        ])
        #expect(try set.render("mail/note.txt", ["X": "<"]) == "o(i(<))")
    }

    @Test func `an unknown name is an error that says it`() throws {
        let set = try TemplateSet(sources: ["page.html": "", "_part.html": ""])
        for name in ["nothing.html", "page", "_part.html", ""] {
            #expect(throws: TemplateError.self) { try set.render(name, [:]) }
        }
        #expect(try set.render("page.html", [:]).isEmpty)
    }

    @Test func `errors name the file, the line and the problem`() {
        let error = problem(["page.html": "<p>\n{{#ROWS}}\n</p>"])
        #expect(error?.code == .malformed)
        #expect(error?.description == "page.html:2: the section ROWS is never closed")
    }

    @Test(arguments: [
        "{{/A}}", "{{#A}}{{#B}}{{/A}}{{/B}}", "{{A", "{{A\n}}", "{{}}", "{{#}}", "{{A B}}", "{{ A }}",
        "{{A-B}}",
        "{{{A}}}", "{{>}}", "{{>../a}}", "{{>/a}}", "{{>a.html}}", "{{>BODY}}", "x{{<_layout}}",
        "{{#A__NONE}}",
    ])
    func `what does not parse fails at load`(source: String) {
        let error = problem(["page.html": source, "_layout.html": "{{>BODY}}"])
        #expect(error?.code == .malformed)
        #expect(error?.file == "page.html")
        #expect(error?.line != nil)
    }

    @Test(arguments: ["<a href={{X}}>", "<a =x=\"{{X}}\">", "<b {{X}}=1>"])
    func `what libctemplate cannot escape fails at load with its words`(source: String) {
        let error = problem(["page.html": source])
        #expect(error?.code == .malformed)
        #expect(error?.problem.contains("Auto-Escape") == true)
    }

    @Test func `a missing include fails at load`() {
        let error = problem(["page.html": "\n{{>_card}}", "_card.txt": ""])
        #expect(error?.code == .missingInclude)
        #expect(error?.description == "page.html:2: there is no template _card.html")
        #expect(problem(["page.html": "{{<_layout}}"])?.code == .missingInclude)
    }

    @Test func `a circle of includes fails at load`() {
        let error = problem(["page.html": "{{>_a}}", "_a.html": "{{>_b}}", "_b.html": "{{>_a}}"])
        #expect(error?.code == .includeCycle)
        #expect(error?.problem.contains("_a.html → _b.html → _a.html") == true)
        let layouts = ["_a.html": "{{<_b}}{{>BODY}}", "_b.html": "{{<_a}}{{>BODY}}", "page.html": "{{<_a}}"]
        #expect(problem(layouts)?.code == .includeCycle)
    }

    @Test(arguments: ["no body", "{{>BODY}}{{>BODY}}"])
    func `a layout has room for one page`(layout: String) {
        let error = problem(["page.html": "{{<_layout}}", "_layout.html": layout])
        #expect(error?.file == "_layout.html")
        #expect(error?.code == .malformed)
    }

    @Test func `a directory is loaded with what is below it`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(
            path: "templates-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: directory.appending(path: "mail"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        try Data("<p>{{X}}</p>".utf8).write(to: directory.appending(path: "page.html"))
        try Data("{{X}}".utf8).write(to: directory.appending(path: "mail/note.txt"))
        try Data("{{".utf8).write(to: directory.appending(path: "notes.md"))
        let set = try TemplateSet(directory: directory.path)
        #expect(set.names == ["page.html", "mail/note.txt"])
        #expect(try set.render("mail/note.txt", ["X": "<"]) == "<")

        try Data([0x70, 0xFF]).write(to: directory.appending(path: "broken.html"))
        #expect { try TemplateSet(directory: directory.path) } throws: { error in
            (error as? TemplateError)?.file == "broken.html"
        }
    }

    @Test func `a directory that is not there is an error that names it`() {
        #expect { try TemplateSet(directory: "/no/such/place") } throws: { error in
            (error as? TemplateError)?.description
                == "/no/such/place: this directory of templates cannot be read"
        }
    }
}
