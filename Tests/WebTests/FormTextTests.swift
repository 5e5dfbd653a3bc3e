import Domain
import HTTPServer
import JSON
import Testing

/// What people type is kept for good and shown in terminals too: no control characters, as in the API.
@Suite struct FormTextTests {
    @Test(arguments: [0x1B, 0x07, 0x9B, 0x7F] as [UInt8])
    func `control characters in a comment come back at the field`(control: UInt8) async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            let answer = try await browser.submit(
                form, ["comment": "fine\(Character(Unicode.Scalar(control)))[2J"],
                button: ("verdict", "approve"))
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer.html.contains(#"id="comment-fault""#))
            #expect(try await desk.state(of: proposal) == "pending")
            let again = try #require(answer.form(to: "/proposals/\(proposal.id)"))
            _ = try await browser.submit(
                again, ["comment": "two\r\nlines,\ta tab"], button: ("verdict", "reject"))
            #expect(try await desk.state(of: proposal) == "rejected")
        }
    }

    @Test func `control characters in a halt come back at the field`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            let page = try await browser.logIn("olivia", next: "/halts")
            let form = try #require(page.form(to: "/halts"))
            let answer = try await browser.submit(
                form, ["scope": "bot", "target": "dee\u{1B}bot", "reason": "ne\u{8}ws"],
                button: ("action", "stop"))
            #expect(answer.status == 422)
            #expect(
                answer.html.contains(#"id="target-fault""#) && answer.html.contains(#"id="reason-fault""#))
            #expect(try await desk.count("SELECT count(*) FROM halts") == 0)
        }
    }

    @Test func `control characters in the reason of a taking back take nothing back`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            _ = try await desk.decide(proposal, "approve", as: "alice")
            let browser = Browser(desk)
            let page = try await browser.logIn("bob", next: "/proposals/\(proposal.id)")
            let form = try #require(page.form(to: "/proposals/\(proposal.id)/revoke"))
            let answer = try await browser.submit(form, ["reason": "\u{1B}[31mnews"])
            #expect(answer.status == 422)
            #expect(answer.text.contains("control characters"))
            #expect(try await desk.state(of: proposal) == "released")
        }
    }
}
