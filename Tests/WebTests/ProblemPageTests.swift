import FoundationEssentials
import Gate
import HTTPServer
import JSON
import Support
import Testing

/// The type of every problem document is an address that explains it.
@Suite struct ProblemPageTests {
    @Test func `every slug used in the program has its page`() async throws {
        var slugs = Set(RefusalCode.allCases.map(\.rawValue))
        let folder = "\(Repository.root)/Sources"
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder) where path.hasSuffix(".swift")
        {
            let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
            slugs.formUnion(text.matches(of: /slug: "([a-z-]+)"/).map { String($0.1) })
        }
        #expect(slugs.isSuperset(of: ["stale-form", "unavailable", "wrong-pin"]))
        try await Desk.with { desk in
            for slug in slugs.sorted() {
                let page = try await desk.send(.get, "/problems/\(slug)")
                #expect(page.status == 200, "\(slug)")
                #expect(page.text.contains("/problems/\(slug)"), "\(slug)")
            }
            #expect(try await desk.send(.get, "/problems/none-such").status == 404)
            #expect(try await desk.send(.get, "/problems/%3Cscript%3E").status == 404)
        }
    }

    private func text(_ desk: Desk, _ slug: String) async throws -> String {
        try await desk.send(.get, "/problems/\(slug)").text
    }

    @Test func `what a bot reads of a request that is not valid is so`() async throws {
        try await Desk.with { desk in
            let page = try await text(desk, "validation")
            #expect(
                page.contains("its Idempotency-Key is still free")
                    && page.contains("no proposal, decision, stop"))
            let key: HTTPHeaders = ["Idempotency-Key": "mended"]
            let wrong = try await desk.post(
                "/proposals", as: "dee-bot", Desk.trade(["qty": "-1"]), headers: key)
            #expect(wrong.problem == "validation")
            let mended = try await desk.post("/proposals", as: "dee-bot", Desk.trade(), headers: key)
            #expect(mended.status == 201, "the key was free")
            #expect(page.contains("it is stored, and answered with the state blocked"))
            let large = try await desk.post("/proposals", as: "dee-bot", Desk.trade(["qty": "90000"]))
            #expect(large.status == 201 && large.json["state"] == "blocked")
        }
    }

    @Test func `what an expired proposal asks of a bot works`() async throws {
        try await Desk.with { desk in
            #expect(try await text(desk, "expired").contains("with a new Idempotency-Key"))
            let key: HTTPHeaders = ["Idempotency-Key": "late"]
            let first = try await desk.post("/proposals", as: "dee-bot", Desk.trade(), headers: key)
            try await desk.attack(
                unguarded(
                    "UPDATE proposal_states SET expires_at = clock_timestamp() - interval '1 second'"))
            let late = try await desk.post("/proposals/\(first.json.id)/withdraw", as: "dee-bot", [:])
            #expect(late.problem == "expired")
            let again = try await desk.post("/proposals", as: "dee-bot", Desk.trade(), headers: key)
            #expect(
                again.status == 200 && again.json.id == first.json.id, "the old key answers with the old one")
        }
    }

    @Test func `what may have happened is not called undone`() async throws {
        try await Desk.with { desk in
            for slug in ["internal", "unavailable"] {
                let page = try await text(desk, slug)
                #expect(page.contains("look first") && page.contains("same Idempotency-Key"), "\(slug)")
            }
            #expect(
                try await text(desk, "lapsed").contains("A worker that had claimed it does not send it now"))
            #expect(try await text(desk, "locked").contains("The answer says how long to wait"))
        }
    }
}
