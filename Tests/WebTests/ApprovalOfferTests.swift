import Domain
import HTTPServer
import JSON
import Testing

/// A page that does not know what an approval would do now offers to reject and nothing else.
@Suite struct ApprovalOfferTests {
    @Test func `figures older than the policy lets them count offer no approval`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            _ = try await browser.logIn("alice")
            try await desk.reportAccount(secondsAgo: 240)
            let page = try await browser.open("/proposals/\(proposal.id)")
            #expect(page.buttons(of: proposal) == ["reject", "reject_pause"])
            #expect(page.text.contains("figures are 4 min"), "\(page.text)")
            #expect(page.text.contains("possible again when the worker reports"))
            try await desk.reportAccount(secondsAgo: 0)
            let fresh = try await browser.open("/proposals/\(proposal.id)")
            #expect(fresh.buttons(of: proposal).contains("approve"))
        }
    }

    @Test func `a policy without that limit lets old figures count`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.reportAccount(secondsAgo: 240)
            try await desk.attack(
                """
                INSERT INTO policies (version, document, applied_by)
                VALUES (2, '{"preset":"guarded-5k","limits":{"max_snapshot_age_seconds":null}}', 'system')
                """)
            let page = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(page.buttons(of: proposal).contains("approve"), "\(page.text)")
        }
    }

    @Test func `an account that nobody reports offers no approval, and rejecting goes on`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack("DELETE FROM account_state")
            let browser = Browser(desk)
            let page = try await browser.logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(page.buttons(of: proposal) == ["reject", "reject_pause"])
            #expect(page.text.contains("No worker has reported the account."))
            let form = try #require(page.form(to: "/proposals/\(proposal.id)"))
            _ = try await browser.submit(form, button: ("verdict", "reject"))
            #expect(try await desk.state(of: proposal) == "rejected")
        }
    }

    @Test func `a missing quote is said and left to the checks at release`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            try await desk.attack("DELETE FROM quotes")
            let page = try await Browser(desk).logIn("alice", next: "/proposals/\(proposal.id)")
            #expect(page.buttons(of: proposal).contains("approve"))
            #expect(page.text.contains("asked for the worker brings it within seconds"))
        }
    }
}

extension Page {
    fileprivate func buttons(of proposal: JSONValue) -> [String] {
        form(to: "/proposals/\(proposal.id)")?.buttons.map(\.1) ?? []
    }
}

extension Desk {
    fileprivate func reportAccount(secondsAgo: Int) async throws {
        try await attack(
            "UPDATE account_state SET received_at = clock_timestamp() - make_interval(secs => \(secondsAgo))")
    }
}
