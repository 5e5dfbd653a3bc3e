import Templates
import Testing

/// Values a stranger may have written, in each place of a page.
struct EscapingTests {
    private func render(_ source: String, _ values: TemplateValues) throws -> String {
        try TemplateSet(sources: ["page.html": source]).render("page.html", values)
    }

    @Test func `text cannot become markup`() throws {
        let page = try render("<p>{{X}}</p>", ["X": "<script>alert('1')</script> & \"more\""])
        #expect(
            page == "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;more&quot;</p>")
    }

    @Test func `a value cannot leave its attribute`() throws {
        let attack: TemplateValues = ["X": "\"'> onclick=alert(1) x='"]
        #expect(
            try render("<a title=\"{{X}}\">", attack)
                == "<a title=\"&quot;&#39;&gt; onclick=alert(1) x=&#39;\">")
        #expect(
            try render("<a title='{{X}}'>", attack) == "<a title='&quot;&#39;&gt; onclick=alert(1) x=&#39;'>")
        #expect(try render("<a title={{X}}>", attack) == "<a title=____onclick=alert_1__x=_>")
        #expect(
            try render("<a onclick=\"f('{{X}}')\">", ["X": "');g('"]) == "<a onclick=\"f('\\x27);g(\\x27')\">"
        )
    }

    @Test(arguments: [
        "javascript:alert(1)", " JavaScript:alert(1)", "java\nscript:alert(1)", "data:text/html,x",
        "vbscript:x",
    ])
    func `an address cannot run a script`(address: String) throws {
        let page = try render("<a href=\"{{X}}\">x</a>", ["X": .text(address)])
        #expect(page == "<a href=\"#\">x</a>")
    }

    @Test(arguments: ["https://example.com/a?b=1", "/proposals/7?a:b"])
    func `an honest address stays`(address: String) throws {
        #expect(
            try render("<a href=\"{{X}}\">x</a>", ["X": .text(address)]) == "<a href=\"\(address)\">x</a>")
    }

    @Test func `part of an address is encoded for addresses`() throws {
        let page = try render("<a href=\"/search?q={{X:u}}\">x</a>", ["X": "a&b=c\" dü"])
        #expect(page == "<a href=\"/search?q=a%26b%3Dc%22+d%C3%BC\">x</a>")
    }

    @Test func `lines stay lines where that is asked for, and nothing else gets out`() throws {
        let text: TemplateValues = ["X": "a\n  b\r\n</textarea></pre><b>\"'"]
        let escaped = "a\n  b\r\n&lt;/textarea&gt;&lt;/pre&gt;&lt;b&gt;&quot;&#39;"
        #expect(try render("<pre>{{X:p}}</pre>", text) == "<pre>\(escaped)</pre>")
        #expect(try render("<textarea>{{X:p}}</textarea>", text) == "<textarea>\(escaped)</textarea>")
        #expect(try render("<pre>{{X}}</pre>", text).contains("a   b"), "else they become blanks")
        for elsewhere in ["<a title={{X:p}}>", "<a href=\"{{X:p}}\">", "<script>var x = '{{X:p}}';</script>"]
        {
            #expect(throws: (any Error).self) { try render(elsewhere, text) }
        }
    }

    @Test func `a script's string cannot be left`() throws {
        let page = try render("<script>var x = '{{X}}';</script>", ["X": "'</script><b>\\"])
        #expect(page == "<script>var x = '\\x27\\x3c/script\\x3e\\x3cb\\x3e\\\\';</script>")
    }

    @Test func `a script's number cannot be code`() throws {
        #expect(
            try render("<script>var x = {{X}};</script>", ["X": "alert(1)"])
                == "<script>var x = null;</script>")
        #expect(
            try render("<script>var x = {{X}};</script>", ["X": "12.5"]) == "<script>var x = 12.5;</script>")
    }

    @Test func `a style's value cannot be more than a value`() throws {
        let page = try render("<p style=\"width: {{X}}\">", ["X": "1px; background: url(javascript:x)"])
        #expect(page == "<p style=\"width: 1px background urljavascriptx\">")
        #expect(try render("<p style=\"width: {{X}}\">", ["X": "42%"]) == "<p style=\"width: 42%\">")
    }

    @Test func `a value is escaped where it stands though it comes by an include`() throws {
        let set = try TemplateSet(sources: [
            "_value.html": "{{X}}", "page.html": "<a href=\"{{>_value}}\">{{>_value}}</a>",
        ])
        #expect(try set.render("page.html", ["X": "javascript:a<b"]) == "<a href=\"#\">javascript:a&lt;b</a>")
    }

    @Test func `a plain text stays as it is`() throws {
        let set = try TemplateSet(sources: ["mail.txt": "{{X}}"])
        #expect(try set.render("mail.txt", ["X": "a < b & \"c\""]) == "a < b & \"c\"")
    }

    @Test(arguments: ["formaction", "srcset", "srcdoc", "poster", "xlink:href"])
    func `attributes nobody escapes rightly refuse values`(attribute: String) {
        #expect(throws: TemplateError.self) {
            try TemplateSet(sources: ["page.html": "<b \(attribute)=\"/a/{{X}}\">"])
        }
        #expect(throws: Never.self) {
            try TemplateSet(sources: ["page.html": "<b \(attribute)=\"/a\">{{X}}"])
        }
    }

    @Test(arguments: [
        "{{X:none}}", "{{X:h}}", "{{%AUTOESCAPE context=\"JSON\"}}{{X}}", "{{=<% %>=}}<%X%>", "{{BI_SPACE}}",
    ])
    func `a template cannot switch escaping off`(source: String) {
        #expect(throws: TemplateError.self) { try TemplateSet(sources: ["page.html": source]) }
    }
}
