import Templates
import Testing

/// Values, sections and absences.
struct RenderingTests {
    private func render(_ source: String, _ values: TemplateValues) throws -> String {
        try TemplateSet(sources: ["page.html": source]).render("page.html", values)
    }

    @Test func `what is missing is empty`() throws {
        #expect(try render("[{{X}}][{{#Y}}y{{/Y}}]", [:]) == "[][]")
        #expect(try render("[{{X}}]", ["X": .sections([[:]])]) == "[]")
    }

    @Test func `a section is shown once per element`() throws {
        let values: TemplateValues = ["ROWS": .sections([["N": "1"], ["N": "2"], [:]]), "N": "outer"]
        #expect(try render("{{#ROWS}}<{{N}}>{{/ROWS}}", values) == "<1><2><outer>")
        #expect(
            try render("{{#ROWS}}{{N}}{{#ROWS_separator}}, {{/ROWS_separator}}{{/ROWS}}", values)
                == "1, 2, outer")
    }

    @Test func `sections nest`() throws {
        let values: TemplateValues = [
            "A": .sections([
                ["NAME": "x", "B": .sections([["V": "1"], ["V": "2"]])], ["NAME": "y", "B": .sections([])],
            ])
        ]
        #expect(try render("{{#A}}{{NAME}}:{{#B}}{{NAME}}{{V}} {{/B}};{{/A}}", values) == "x:x1 x2 ;y:;")
    }

    @Test func `an inner empty list hides what an outer list shows`() throws {
        let values: TemplateValues = [
            "ERRORS": .sections([["E": "outer"]]), "ROWS": .sections([["ERRORS": .sections([])], [:]]),
        ]
        #expect(try render("{{#ROWS}}[{{#ERRORS}}{{E}}{{/ERRORS}}]{{/ROWS}}", values) == "[][outer]")
    }

    @Test func `a text that is not empty shows its section`() throws {
        let source = "{{#NOTE}}<p>{{NOTE}}</p>{{/NOTE}}{{^NOTE}}none{{/NOTE}}"
        #expect(try render(source, ["NOTE": "hello"]) == "<p>hello</p>")
        #expect(try render(source, ["NOTE": ""]) == "none")
        #expect(try render(source, [:]) == "none")
    }

    @Test func `an absence is shown when its section is not`() throws {
        let source = "{{#ROWS}}{{N}}{{/ROWS}}{{^ROWS}}empty{{/ROWS}}"
        #expect(try render(source, ["ROWS": .sections([])]) == "empty")
        #expect(try render(source, ["ROWS": .sections([["N": "1"]])]) == "1")
        #expect(try render("{{#A}}a{{/A}}{{^A}}b{{/A}}", ["A": .shown(true)]) == "a")
        #expect(try render("{{#A}}a{{/A}}{{^A}}b{{/A}}", ["A": .shown(false)]) == "b")
    }

    @Test func `values merge, the later ones hold`() throws {
        var values = TemplateValues().merging(["A": "1", "B": "1"]).merging(["B": "2"])
        values["C"] = "3"
        #expect(try render("{{A}}{{B}}{{C}}", values) == "123")
    }

    @Test func `unicode passes unharmed`() throws {
        let text = "Grüße, 東京 🚀 e\u{301} \u{202E}"
        #expect(try render("<p>ñ {{X}}</p>", ["X": .text(text)]) == "<p>ñ \(text)</p>")
    }

    @Test func `a NUL neither ends a value nor a page`() throws {
        #expect(try render("{{X}}!", ["X": "a\0b"]) == "a\0b!")
    }

    @Test func `lines of tags alone leave no line`() throws {
        let source = """
            <ul>
              {{! the rows }}
              {{#ROWS}}
              <li>{{N}}
              {{/ROWS}}
            </ul>

            end
            """
        let page = try render(source, ["ROWS": .sections([["N": "1"], ["N": "2"]])])
        #expect(page == "<ul>\n  <li>1\n  <li>2\n</ul>\n\nend")
    }

    @Test func `a huge value and a huge list are rendered whole`() throws {
        let text = String(repeating: "x<", count: 2_000_000)
        #expect(try render("{{X}}", ["X": .text(text)]).utf8.count == 10_000_000)
        let rows = (0..<50_000).map { TemplateValues(dictionaryLiteral: ("N", .text("\($0)"))) }
        let page = try render("{{#ROWS}}{{N}},{{/ROWS}}", ["ROWS": .sections(rows)])
        #expect(page.hasSuffix("49998,49999,"))
    }

    @Test func `bytes and text are the same page`() throws {
        let set = try TemplateSet(sources: ["page.html": "ü{{X}}"])
        #expect(try set.renderBytes("page.html", ["X": "ß"]) == Array("üß".utf8))
    }

    @Test func `many threads render the same page`() async throws {
        let set = try TemplateSet(sources: [
            "page.html": "<p title=\"{{T}}\">{{#ROWS}}{{N}}{{>_x}}{{/ROWS}}</p>", "_x.html": "<b>{{T}}",
        ])
        let values: TemplateValues = ["T": "a&b", "ROWS": .sections([["N": "1"], ["N": "2"]])]
        let pages = await withTaskGroup(of: String.self) { group in
            for _ in 0..<1000 {
                group.addTask { (try? set.render("page.html", values)) ?? "failed" }
            }
            return await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(pages == ["<p title=\"a&amp;b\">1<b>a&amp;b2<b>a&amp;b</p>"])
    }
}
