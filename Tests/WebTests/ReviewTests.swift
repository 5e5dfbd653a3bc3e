import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Support
import Testing

@Suite struct ReviewTests {
    static let week = "2024-W48"

    /// A week that is over and whose report was made.
    static func report(_ desk: Desk) async throws {
        try await desk.attack(ReportTests.books)
        let report = try await desk.get("/reports/weekly/\(week)", as: "reader").json
        try await desk.superuser.withSession { session in
            try session.execute(
                "INSERT INTO reports (kind, period, document) VALUES ('weekly', $1, $2)",
                [.text(week), .text(report.serialized())])
        }
    }

    private static func answers(
        _ numbers: ClosedRange<Int> = 7...10, version: Int = 0, _ text: String = "Yes."
    )
        -> JSONValue
    {
        [
            "answers": .array(
                numbers.map {
                    ["number": .integer($0), "answer": .string(text), "version": .integer(version)]
                })
        ]
    }

    private static func signing(_ decision: String, _ hash: String, pin: String = Desk.pin) -> JSONValue {
        ["decision": .string(decision), "review_hash": .string(hash), "pin": .string(pin)]
    }

    private static func hash(_ desk: Desk) async throws -> String {
        try await desk.get("/reviews/\(week)", as: "reader").json["review_hash"]?.stringValue ?? ""
    }

    /// A week that only waits for its signature; its hash.
    private static func answered(_ desk: Desk) async throws -> String {
        try await report(desk)
        let answer = try await desk.post("/reviews/\(week)/answers", as: "alice", answers())
        #expect(answer.status == 200 && answer.json["unanswered"] == [])
        return try await hash(desk)
    }

    @Test func `six questions are answered from the books, four by people, and every revision is kept`()
        async throws
    {
        try await Desk.with { desk in
            try await Self.report(desk)
            let open = try await desk.get("/reviews/\(Self.week)", as: "reader").json
            #expect(open["state"] == "open" && open["unanswered"] == [7, 8, 9, 10])
            let questions = open["questions"]?.arrayValue ?? []
            #expect(questions.count == 10 && questions[0]["answer"]?.stringValue?.hasPrefix("50.00%") == true)
            let path = "/reviews/\(Self.week)/answers"
            #expect(try await desk.post(path, as: "alice", Self.answers(8...8, "Smaller.")).status == 200)
            let revised = try await desk.post(path, as: "bob", Self.answers(8...8, version: 1, "Larger."))
            let question = revised.json["questions"]?[7]
            #expect(question?["answer"] == "Larger." && question?["by"] == "bob" && question?["version"] == 2)
            #expect(
                question?["revisions"]?[0]?["answer"] == "Smaller."
                    && question?["revisions"]?[0]?["by"] == "alice")
            #expect(
                try await desk.count(
                    "SELECT count(*) FROM journal WHERE kind IN ('review.answered', 'review.revised')") == 2)
            // What is said already is no revision.
            #expect(
                try await desk.post(path, as: "bob", Self.answers(8...8, version: 2, "Larger.")).status == 200
            )
            #expect(try await desk.count("SELECT count(*) FROM review_answers") == 2)
        }
    }

    @Test func `of two who answer at once the slower is told and keeps the words`() async throws {
        try await Desk.with { desk in
            try await Self.report(desk)
            let (alice, bob) = (Browser(desk), Browser(desk))
            let first = try await alice.logIn("alice", next: "/reviews/\(Self.week)")
            let second = try await bob.logIn("bob", next: "/reviews/\(Self.week)")
            let (aliceForm, bobForm) = (
                try #require(first.form(to: "/reviews/\(Self.week)")),
                try #require(second.form(to: "/reviews/\(Self.week)"))
            )
            let saved = try await alice.submit(
                aliceForm, ["answer_7": "Worse than on paper.", "action": "answer"])
            #expect(saved.status == 200 && saved.text.contains("Answered by alice"))
            let refused = try await bob.submit(
                bobForm, ["answer_7": "As on paper.", "answer_9": "They are.", "action": "answer"])
            #expect(refused.status == 409 && refused.html.contains("As on paper.</textarea>"))
            #expect(refused.text.contains("alice answered question 7") && refused.html.contains("They are."))
            #expect(refused.text.contains("Worse than on paper."))
            #expect(try await desk.count("SELECT count(*) FROM review_answers") == 1)
            let again = try #require(refused.form(to: "/reviews/\(Self.week)"))
            let kept = try await bob.submit(
                again, ["answer_7": "As on paper.", "answer_9": "They are.", "action": "answer"])
            #expect(kept.status == 200)
            #expect(kept.text.contains("Worse than on paper.") && kept.text.contains("As on paper."))
            // Another question at the same time is no conflict.
            let other = try await alice.submit(
                aliceForm, ["answer_8": "No.", "answer_7": "", "action": "answer"])
            #expect(other.status == 200)
        }
    }

    @Test func `a signature takes all answers, the hash that was read, a PIN and an operator`() async throws {
        try await Desk.with { desk in
            try await Self.report(desk)
            let path = "/reviews/\(Self.week)/sign"
            let early = try await desk.post(
                path, as: "olivia", Self.signing("continue", try await Self.hash(desk)))
            #expect(early.status == 409 && early.json["unanswered"] == [7, 8, 9, 10])
            _ = try await desk.post("/reviews/\(Self.week)/answers", as: "alice", Self.answers())
            let hash = try await Self.hash(desk)
            for (name, status) in [
                ("vera", 403), ("audrey", 403), ("alice", 403), ("stopper", 403), ("reader", 403),
            ] {
                #expect(
                    try await desk.post(path, as: name, Self.signing("stop", hash)).status == status,
                    "\(name)")
            }
            let viewer = try await desk.post(
                "/reviews/\(Self.week)/answers", as: "vera", Self.answers(version: 1, "x"))
            #expect(viewer.status == 403)
            let wrong = try await desk.post(path, as: "olivia", Self.signing("stop", hash, pin: "000000"))
            #expect(wrong.problem == "wrong-pin" && wrong.json["attempts_left"] == 4)
            _ = try await desk.post(
                "/reviews/\(Self.week)/answers", as: "bob", Self.answers(7...7, version: 1, "No."))
            let stale = try await desk.post(path, as: "olivia", Self.signing("continue", hash))
            #expect(stale.status == 409 && stale.problem == "conflict")
            #expect(try await desk.count("SELECT count(*) FROM review_signatures") == 0)
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE cause = 'review'") == 0)
            let signed = try await desk.post(
                path, as: "olivia", Self.signing("continue", try await Self.hash(desk)))
            #expect(signed.status == 200 && signed.json["state"] == "closed")
            #expect(signed.json["signature"]?["review_hash"] == signed.json["review_hash"])
            #expect(try await desk.count("SELECT count(*) FROM journal WHERE kind = 'review.signed'") == 1)
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE cause = 'review'") == 0)
        }
    }

    @Test func `a closed week takes no second signature and no further answer`() async throws {
        try await Desk.with { desk in
            let hash = try await Self.answered(desk)
            #expect(
                try await desk.post("/reviews/\(Self.week)/sign", as: "olivia", Self.signing("adjust", hash))
                    .status
                    == 200)
            let twice = try await desk.post(
                "/reviews/\(Self.week)/sign", as: "adam", Self.signing("stop", hash))
            #expect(twice.problem == "already-decided" && twice.json["signature"]?["by"] == "olivia")
            let late = try await desk.post(
                "/reviews/\(Self.week)/answers", as: "alice", Self.answers(version: 1, "Later."))
            #expect(late.status == 409 && late.problem == "already-decided")
            #expect(try await desk.count("SELECT count(*) FROM halts WHERE cleared_at IS NULL") == 0)
            let page = try await Browser(desk).logIn("adam", next: "/reviews/\(Self.week)")
            #expect(page.text.contains("Adjust, decided by olivia") && page.html.contains("/settings/policy"))
            #expect(page.form(to: "/reviews/\(Self.week)") == nil)
        }
    }

    @Test(arguments: [("pause", "reducing"), ("stop", "halted")])
    func `pause and stop halt trading in the same transaction`(decision: String, state: String) async throws {
        try await Desk.with { desk in
            let pending = try await desk.propose()
            let hash = try await Self.answered(desk)
            let browser = Browser(desk)
            let page = try await browser.logIn("olivia", next: "/reviews/\(Self.week)")
            let form = try #require(page.forms.first { $0.value("pin") != nil })
            let refused = try await browser.submit(
                form, ["decision": decision, "pin": "999999", "action": "sign"])
            #expect(refused.status == 403 && refused.html.contains("value=\"\(decision)\" required checked"))
            let closed = try await browser.submit(
                form,
                ["decision": decision, "pin": Desk.pin, "comment": "Too many losses.", "action": "sign"])
            #expect(closed.status == 200 && closed.text.contains("decided by olivia"))
            #expect(closed.text.contains("Too many losses."))
            let status = try await desk.get("/trading/status", as: "reader").json
            #expect(status["trading_state"] == .string(state))
            #expect(status["halts"]?[0]?["cause"] == "review")
            #expect(try await desk.state(of: pending) == "cancelled")
            let review = try await desk.get("/reviews/\(Self.week)", as: "reader").json
            #expect(review["signature"]?["halt_id"] == status["halts"]?[0]?["id"])
            #expect(review["review_hash"] == .string(hash))
            #expect(
                try await desk.count("SELECT count(*) FROM commands WHERE kind = 'cancel_entries'")
                    == (decision == "stop" ? 1 : 0))
        }
    }

    @Test func `the database itself refuses what the program would`() async throws {
        try await Desk.with { desk in
            let hash = try await Self.answered(desk)
            func refused(_ code: String, _ sql: String) async throws {
                await #expect(throws: PostgresError.self, "\(code) \(sql)") {
                    do {
                        try await desk.gate.pool.withSession { try $0.script(sql) }
                    } catch let error as PostgresError {
                        #expect(error.sqlState == code, "\(sql)")
                        throw error
                    }
                }
            }
            func signature(
                _ decision: String, by name: String, halt: String = "NULL", week: String = Self.week
            ) -> String {
                """
                INSERT INTO review_signatures (week, decision, review_hash, user_id, method, halt_id)
                SELECT '\(week)', '\(decision)', '\(hash)', id, 'pin', \(halt) FROM users WHERE name = '\(name)'
                """
            }
            func answer(_ version: Int, by name: String) -> String {
                """
                INSERT INTO review_answers (week, question, version, answer, user_id)
                SELECT '\(Self.week)', 7, \(version), 'x', id FROM users WHERE name = '\(name)'
                """
            }
            try await refused("CS052", signature("continue", by: "vera"))
            try await refused("CS052", signature("continue", by: "alice"))
            try await refused("CS051", signature("continue", by: "olivia", week: "2024-W47"))
            try await refused("CS051", signature("stop", by: "olivia", halt: "gen_random_uuid()"))
            try await refused("CS052", answer(2, by: "vera"))
            try await refused("CS053", answer(1, by: "bob"))
            try await refused("CS053", answer(3, by: "bob"))
            #expect(
                try await desk.post(
                    "/reviews/\(Self.week)/sign", as: "olivia", Self.signing("continue", hash)
                ).status
                    == 200)
            try await refused("CS050", signature("stop", by: "adam", halt: "gen_random_uuid()"))
            try await refused("CS050", answer(2, by: "bob"))
            // The application's role has no right to any of these at all.
            for sql in [
                "UPDATE review_signatures SET decision = 'stop'", "DELETE FROM review_signatures",
                "UPDATE review_answers SET answer = 'y'", "DELETE FROM review_answers",
                "TRUNCATE review_answers",
            ] { try await refused("42501", sql) }
            for sql in ["UPDATE review_answers SET answer = 'y'", "DELETE FROM review_signatures"] {
                await #expect(throws: PostgresError.self) { try await desk.attack(sql) }
            }
        }
    }

    @Test func `a week whose report is not made yet is answered but not signed`() async throws {
        try await Desk.with { desk in
            let now = try await desk.get("/reviews/current", as: "reader").json
            let week = try #require(now["week"]?.stringValue)
            #expect(now["state"] == "preliminary")
            // Its numbers change with every reading: a code would be another one each time.
            #expect(now["check_code"] == .null)
            #expect(
                try await desk.post("/reviews/\(week)/answers", as: "alice", Self.answers()).status == 200)
            let hash =
                try await desk.get("/reviews/\(week)", as: "vera").json["review_hash"]?.stringValue ?? ""
            let signed = try await desk.post(
                "/reviews/\(week)/sign", as: "adam", Self.signing("continue", hash))
            #expect(signed.status == 409)
            let words = "The report of \(week) is not made yet; that happens on Sunday at 09:00 in New York."
            #expect(signed.json["detail"]?.stringValue == "\(words) Sign it then.")
            for path in ["2999-W01", "2024-W60", "x", "2024-W1"] {
                #expect(try await desk.get("/reviews/\(path)", as: "vera").status == 404)
            }
            #expect(try await desk.get("/reviews/\(week)", as: "dee-bot").status == 403)
        }
    }

    @Test(
        arguments: [
            (["number": 1, "answer": "x", "version": 0], "/answer_1"),
            (["number": 7, "answer": " ", "version": 0], "/answers/0/answer"),
            (["number": 7, "answer": "x"], "/answers/0/version"),
            (["number": 7, "answer": "x", "version": 0, "by": "bob"], "/answers/0/by"),
        ] as [(JSONValue, String)])
    func `an answer that is none names what is wrong`(answer: JSONValue, pointer: String) async throws {
        try await Desk.with { desk in
            try await Self.report(desk)
            let refused = try await desk.post(
                "/reviews/\(Self.week)/answers", as: "alice", ["answers": [answer]])
            #expect(refused.status == 422 && refused.json["errors"]?[0]?["pointer"] == .string(pointer))
        }
    }
}
