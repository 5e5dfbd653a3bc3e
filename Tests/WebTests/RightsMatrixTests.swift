import Domain
import HTTPServer
import JSON
import Testing
import Web

/// Every route there is, by everybody there is (requirement: a route that nobody wrote down may not be served).
@Suite struct RightsMatrixTests {
    private static let nowhere = "00000000-0000-0000-0000-000000000000"
    /// Somebody of each scope and role, by the names of `Desk`.
    private static let callers = [
        "propose": "dee-bot", "work": "w1", "read": "reader", "alert": "siren", "operate": "stopper",
        "viewer": "vera", "approver": "alice", "operator": "olivia", "admin": "adam", "auditor": "audrey",
    ]

    private static func path(_ pattern: String) -> String {
        pattern.split(separator: "/", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("{") ? nowhere : String($0) }.joined(separator: "/")
    }

    @Test func `every route has a row and every row a route`() async throws {
        try await Desk.with { desk in
            let differences = RightsMatrix.written.differences(to: desk.application.router.routes)
            #expect(differences.isEmpty, "\(differences.joined(separator: "\n"))")
        }
    }

    @Test func `a route without a row and a row without a route are found`() async throws {
        try await Desk.with { desk in
            let routes = desk.application.router.routes
            let more = routes + [(method: HTTPMethod.post, pattern: "/api/v1/backdoor")]
            #expect(RightsMatrix.written.differences(to: more).contains("no row for POST /api/v1/backdoor"))
            #expect(RightsMatrix.written.differences(to: more).count == 1)
            let fewer = RightsMatrix(rows: RightsMatrix.written.rows.filter { $0.pattern != "/halts" })
            #expect(fewer.differences(to: routes) == ["no row for GET /halts", "no row for POST /halts"])
            let older = routes.filter { $0.pattern != "/metrics" }
            #expect(RightsMatrix.written.differences(to: older) == ["no route for GET /metrics"])
        }
    }

    @Test func `every scope and role is written down in the matrix by its own name`() {
        let known = Set(RightsMatrix.scopes + RightsMatrix.roles)
        #expect(known == Set(Self.callers.keys))
        for row in RightsMatrix.written.rows {
            #expect(row.callers.isSubset(of: known), "\(row)")
        }
    }

    @Test func `whoever may by the matrix comes through, and nobody else`() async throws {
        try await Desk.with { desk in
            for row in RightsMatrix.written.rows where row.kind == .api {
                let body = row.method == .get ? [] : Array("{}".utf8)
                for (label, name) in Self.callers {
                    let answer = try await desk.send(row.method, Self.path(row.pattern), as: name, body: body)
                    let place: Comment = "\(row.method) \(row.pattern) by \(label): \(answer.status)"
                    if row.callers.contains(label) {
                        #expect(![401, 403, 405].contains(answer.status) && answer.status < 500, place)
                    } else {
                        #expect(answer.status == 403 && answer.problem == "not-allowed", place)
                    }
                }
                for key in [nil, "csk_wrong"] {
                    let answer = try await desk.send(row.method, Self.path(row.pattern), as: key, body: body)
                    #expect(answer.status == 401, "\(row.method) \(row.pattern) by nobody: \(answer.status)")
                }
            }
        }
    }

    @Test func `pages and streams are for those whom they concern, after a login`() async throws {
        try await Desk.with { desk in
            for row in RightsMatrix.written.rows where row.kind == .page || row.kind == .stream {
                let stranger = try await Browser(desk).send(.get, Self.path(row.pattern))
                let isTurnedAway =
                    stranger.status == 303 && stranger.header("Location")?.hasPrefix("/login") == true
                #expect(row.kind == .stream ? stranger.status == 401 : isTurnedAway, "\(row.pattern)")
            }
            for role in RightsMatrix.roles {
                let browser = Browser(desk)
                _ = try await browser.logIn(Self.callers[role] ?? "")
                for row in RightsMatrix.written.rows where row.kind == .page {
                    let answer = try await browser.send(.get, Self.path(row.pattern))
                    let place: Comment = "\(row.pattern) by \(role): \(answer.status)"
                    #expect((answer.status == 403) != row.callers.contains(role), place)
                    #expect(answer.status < 500, place)
                }
            }
        }
    }

    @Test func `forms without their nonce are refused to everybody, whatever they may`() async throws {
        try await Desk.with { desk in
            for role in RightsMatrix.roles {
                let browser = Browser(desk)
                _ = try await browser.logIn(Self.callers[role] ?? "")
                for row in RightsMatrix.written.rows where row.kind == .form {
                    let answer = try await browser.send(
                        .post, Self.path(row.pattern), headers: ["Sec-Fetch-Site": "same-origin"],
                        form: [("action", "add"), ("verdict", "approve")])
                    #expect(answer.status == 403, "\(row.pattern) by \(role): \(answer.status)")
                }
            }
            for row in RightsMatrix.written.rows where row.kind == .form && row.pattern != "/logout" {
                let stranger = try await Browser(desk).send(
                    .post, Self.path(row.pattern), headers: ["Sec-Fetch-Site": "same-origin"], form: [])
                #expect(stranger.status == 303, "\(row.pattern) by nobody: \(stranger.status)")
            }
        }
    }
}
