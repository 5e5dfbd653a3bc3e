import Domain
import HTTPServer
import JSON
import Testing
import Web

/// What holds for every route there is, new ones included: nothing here names a page.
@Suite struct EveryRouteTests {
    private static let nowhere = "00000000-0000-0000-0000-000000000000"

    private static func path(_ pattern: String, _ id: String = nowhere) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") ? id : String($0) }.joined(separator: "/")
    }

    @Test func `every answer of every route carries the headers that keep it safe`() async throws {
        try await Desk.with { desk in
            let browser = Browser(desk)
            _ = try await browser.logIn("adam")
            for (method, pattern) in desk.application.router.routes where !pattern.contains("/events") {
                for visitor in [browser, Browser(desk)] {
                    let answer = try await visitor.send(method, Self.path(pattern))
                    let policy = answer.header("Content-Security-Policy") ?? ""
                    let place: Comment = "\(method) \(pattern)"
                    #expect(policy.hasPrefix("default-src 'none';"), place)
                    #expect(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), place)
                    #expect(
                        policy.contains("form-action 'self'") && policy.contains("base-uri 'none'"), place)
                    #expect(answer.header("Referrer-Policy") == "no-referrer", place)
                    #expect(answer.header("X-Content-Type-Options") == "nosniff", place)
                    #expect(answer.header("X-Frame-Options") == "DENY", place)
                    #expect(answer.header("Strict-Transport-Security") != nil, place)
                    if !pattern.hasPrefix("/static") {
                        #expect(answer.header("Cache-Control") == "no-store", place)
                    }
                    #expect(!answer.text.contains(" style=") && !answer.text.contains("<script>"), place)
                    #expect(answer.text.firstMatch(of: /<[^>]* on[a-z]+=/) == nil, place)
                    _ = try await browser.logIn("adam")
                }
            }
        }
    }

    @Test func `every form is refused from another site and without its nonce`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            let before = try await Self.counts(desk)
            let link = try await desk.link(to: "alice", for: proposal)
            for (method, pattern) in desk.application.router.routes
            where method == .post && !pattern.hasPrefix("/api/") && !pattern.hasPrefix("/hooks/") {
                let path = pattern == "/r/{token}" ? link : Self.path(pattern, proposal.id)
                let browser = Browser(desk)
                _ = try await browser.logIn("adam")
                let fields = [
                    ("verdict", "approve"), ("action", "add"), ("pin", Desk.pin), ("reason", "x"),
                    ("order_hash", proposal["order_hash"]?.stringValue ?? ""), ("scope", "account"),
                ]
                for headers in [
                    ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"],
                    ["Origin": "https://evil.example"], ["Origin": "null"],
                ] as [HTTPHeaders] {
                    let answer = try await browser.send(.post, path, headers: headers, form: fields)
                    #expect(answer.status == 403, "\(pattern)")
                }
                for nonce in [
                    "", "AAAA", String(repeating: "A", count: 54), String(repeating: "A", count: 5000),
                ] {
                    let answer = try await browser.send(
                        .post, path, headers: ["Sec-Fetch-Site": "same-origin"],
                        form: fields + [("nonce", nonce)])
                    #expect([403, 404].contains(answer.status), "\(pattern)")
                }
            }
            #expect(try await Self.counts(desk) == before)
            #expect(try await desk.state(of: proposal) == "pending")
        }
    }

    @Test func `a stranger is shown nothing and changes nothing on any page`() async throws {
        try await Desk.with { desk in
            let proposal = try await desk.propose()
            for (method, pattern) in desk.application.router.routes
            where !pattern.hasPrefix("/api/") && !pattern.hasPrefix("/static") && pattern != "/openapi.json" {
                let answer = try await Browser(desk).send(
                    method, Self.path(pattern, proposal.id),
                    form: method == .get ? nil : [("verdict", "approve")])
                for word in ["NVDA", "118.20", "Supplier", "alice", "adam", "dee-bot"] {
                    #expect(!answer.text.contains(word), "\(method) \(pattern) tells \(word)")
                }
            }
            #expect(try await desk.state(of: proposal) == "pending")
        }
    }

    private static func counts(_ desk: Desk) async throws -> [Int] {
        var counts: [Int] = []
        for table in ["users", "api_keys", "channels", "policies", "policy_drafts", "halts", "decisions"] {
            counts.append(try await desk.count("SELECT count(*) FROM \(table)"))
        }
        return counts
    }
}
