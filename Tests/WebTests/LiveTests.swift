// Streams of events tell everything, in whatever order it is committed.

import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Testing

@testable import Web

@Suite(.timeLimit(.minutes(10))) struct LiveTests {
    private typealias Events = AsyncStream<ServerSentEvent>.Iterator

    /// An entry written by somebody who has not committed it yet.
    @discardableResult
    private func write(_ subject: String, by session: PostgresSession) throws -> Int {
        try session.query(
            """
            INSERT INTO journal (kind, actor, subject, data) VALUES ('proposal.expired', 'system', $1, '{}')
            RETURNING id
            """, [.text(subject)]
        ).only().int("id")
    }

    private func newest(_ desk: Desk) async throws -> Int {
        try await desk.count("SELECT coalesce(max(id), 0) FROM journal")
    }

    private func follow(_ desk: Desk, after id: Int) async throws -> Events {
        let answer = try await desk.send(
            .get, "/api/v1/events", as: "reader", headers: ["Last-Event-ID": String(id)])
        guard case .events(let stream) = answer.response.body else { throw Unexpected(answer) }
        return stream.events.makeAsyncIterator()
    }

    private func ids(_ count: Int, of events: inout Events) async throws -> (told: [Int], last: Int) {
        var told: [Int] = []
        var last = 0
        for _ in 0..<count {
            let event = try #require(await events.next())
            let data = try JSONParser.parse(event.data)
            told.append(try #require(data["id"]?.intValue))
            last = try #require(Int(event.id ?? ""))
        }
        return (told, last)
    }

    @Test func `what is committed behind a thousand later entries is told too, and everything once`()
        async throws
    {
        try await Desk.with { desk in
            desk.application.start()
            let base = try await newest(desk)
            let first = try PostgresSession.standalone(desk.superuser.configuration)
            let second = try PostgresSession.standalone(desk.superuser.configuration)
            for session in [first, second] { try session.script("BEGIN") }
            var written: (first: [Int], second: [Int]) = ([], [])
            for number in 0..<600 {
                written.first.append(try write("proposal:\(number)", by: first))
                written.second.append(try write("proposal:\(number)", by: second))
            }
            try second.script("COMMIT")
            var events = try await follow(desk, after: base)
            let early = try await ids(600, of: &events)
            #expect(early.told == written.second)
            #expect(early.last == base, "whoever comes back with it must be told what is still to come")
            try first.script("COMMIT")
            let late = try await ids(600, of: &events)
            #expect(late.told == written.first)
            #expect(late.last == written.second.last)
            _ = try await desk.propose()
            let next = try #require(await events.next())
            #expect(next.event == "proposal.created")

            var again = try await follow(desk, after: early.last)
            #expect(Set(try await ids(1200, of: &again).told) == Set(written.first + written.second))
            await desk.application.stop()
        }
    }

    @Test func `from now on is from now on, also for what is committed late`() async throws {
        try await Desk.with { desk in
            desk.application.start()
            _ = try await desk.propose()
            let slow = try PostgresSession.standalone(desk.superuser.configuration)
            try slow.script("BEGIN")
            let late = try write("proposal:late", by: slow)
            _ = try await desk.propose(["symbol": "MSFT"])
            let answer = try await desk.send(.get, "/api/v1/events", as: "reader")
            guard case .events(let stream) = answer.response.body else { throw Unexpected(answer) }
            var events = stream.events.makeAsyncIterator()
            try slow.script("COMMIT")
            #expect(try await ids(1, of: &events).told == [late])
            await desk.application.stop()
        }
    }

    @Test func `an open page hears of what is committed behind later entries`() async throws {
        try await Desk.with { desk in
            desk.application.start()
            let proposal = try await desk.propose()
            let browser = Browser(desk)
            _ = try await browser.logIn("vera")
            let (slow, early) = (
                try PostgresSession.standalone(desk.superuser.configuration),
                try PostgresSession.standalone(desk.superuser.configuration)
            )
            for session in [slow, early] {
                try session.script("BEGIN")
                try write("proposal:\(proposal.id)", by: session)
            }
            let others = "SELECT 'key.used', 'system', 'key:x', '{}' FROM generate_series(1, 700)"
            try await desk.attack("INSERT INTO journal (kind, actor, subject, data) \(others)")
            let start = try await newest(desk)
            // Committed between the page and its stream.
            try early.script("COMMIT")
            let answer = try await browser.send(.get, "/proposals/\(proposal.id)/live?after=\(start)")
            guard case .events(let stream) = answer.response.body else { throw Unexpected(answer) }
            var events = stream.events.makeAsyncIterator()
            #expect(await events.next()?.event == "open")
            #expect(await events.next()?.event == "changed")
            try slow.script("COMMIT")
            let changed = try #require(await events.next())
            #expect(changed.event == "changed" && changed.id == String(start))
            await desk.application.stop()
        }
    }

    @Test func `a page that is far behind is told once, and then only of what comes`() async throws {
        try await Desk.with { desk in
            desk.application.start()
            let proposal = try await desk.propose()
            let many = "SELECT 'proposal.expired', 'system', 'proposal:x', '{}' FROM generate_series(1, 2500)"
            try await desk.attack("INSERT INTO journal (kind, actor, subject, data) \(many)")
            let id = try #require(Identifier(proposal.id))
            let pages = PageStream(pool: desk.gate.pool, changes: ChangeSignal(), subject: .proposal(id))
            var events = pages.events(after: 0).makeAsyncIterator()
            #expect(await events.next()?.event == "open")
            let changed = try #require(await events.next())
            let end = try await newest(desk)
            #expect(changed.event == "changed" && changed.id == String(end))
            await desk.application.stop()
        }
    }

    @Test func `a client that reads late is told all of it`() async throws {
        try await Desk.with { desk in
            let base = try await newest(desk)
            let many = "SELECT 'proposal.expired', 'system', 'proposal:x', '{}' FROM generate_series(1, 2300)"
            try await desk.attack("INSERT INTO journal (kind, actor, subject, data) \(many)")
            let feed = EventStream(pool: desk.gate.pool, changes: ChangeSignal())
            var events = try await feed.events(after: base).makeAsyncIterator()
            try await Task.sleep(for: .milliseconds(300))
            let told = try await ids(2300, of: &events).told
            #expect(told == Array(base + 1...base + 2300))
        }
    }
}

struct JournalPlaceTests {
    private let now = ContinuousClock.now

    @Test func `what was passed over is asked for until it comes`() {
        var place = JournalPlace(after: 10)
        #expect(place.unread == [11...Int.max] && place.settled == 10)
        for id in [12, 15, 20] { place.note(id, now: now) }
        #expect(place.unread == [11...11, 13...14, 16...19, 21...Int.max])
        #expect(place.newest == 20 && place.settled == 10)
        place.note(17, now: now)
        #expect(place.unread == [11...11, 13...14, 16...16, 18...19, 21...Int.max])
        for id in [11, 13, 14, 16, 19, 19, 12] { place.note(id, now: now) }
        #expect(place.unread == [18...18, 21...Int.max] && place.settled == 17)
        place.note(18, now: now)
        #expect(place.unread == [21...Int.max] && place.settled == 20)
    }

    @Test func `what was rolled back is given up after a minute, and not before`() {
        var place = JournalPlace(behind: [3, 5], now: now)
        #expect(place.unread == [4...4, 6...Int.max])
        place.note(8, now: now + .seconds(30))
        place.forget(now: now + .seconds(60))
        #expect(place.unread == [4...4, 6...7, 9...Int.max])
        place.forget(now: now + .seconds(61))
        #expect(place.unread == [6...7, 9...Int.max] && place.settled == 5)
        place.note(6, now: now + .seconds(80))
        place.forget(now: now + .seconds(91))
        #expect(place.unread == [9...Int.max] && place.settled == 8)
        #expect(JournalPlace(behind: [], now: now).unread == [1...Int.max])
    }
}
