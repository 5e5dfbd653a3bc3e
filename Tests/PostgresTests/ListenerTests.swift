import Postgres
import Support
import Testing

struct ListenerTests {
    private func notify(_ pool: PostgresPool, _ channel: String, _ payload: String) async throws {
        try await pool.withSession {
            try $0.query("SELECT pg_notify($1, $2)", [.text(channel), .text(payload)])
        }
    }

    @Test(.timeLimit(.minutes(10))) func `notifications arrive in order, with odd names and payloads`()
        async throws
    {
        try await withEmptyTestDatabase { pool in
            let channels = ["orders", "Odd \"name\"; --"]
            let listener = PostgresListener(configuration: pool.configuration, channels: channels)
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            for (channel, payload) in [
                (channels[0], "1"), (channels[1], "ü 🂡 '"), ("unheard", "x"), (channels[0], ""),
            ] {
                try await notify(pool, channel, payload)
            }
            for (channel, payload) in [(channels[0], "1"), (channels[1], "ü 🂡 '"), (channels[0], "")] {
                let expected = PostgresNotification(channel: channel, payload: payload)
                #expect(await events.next() == .notification(expected))
            }
            listener.stop()
            #expect(await events.next() == nil)
        }
    }

    @Test(.timeLimit(.minutes(10))) func `a terminated listener comes back and says so`() async throws {
        try await withEmptyTestDatabase { pool in
            var configuration = pool.configuration
            configuration.applicationName = "the listener"
            let listener = PostgresListener(configuration: configuration, channels: ["c"])
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            for round in 1...2 {
                try await pool.withSession { session in
                    try session.query(
                        """
                        SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                        WHERE datname = current_database() AND application_name = 'the listener'
                        """)
                }
                #expect(await events.next() == .reconnected)
                try await notify(pool, "c", "\(round)")
                let expected = PostgresNotification(channel: "c", payload: "\(round)")
                #expect(await events.next() == .notification(expected))
            }
            listener.stop()
        }
    }

    @Test(.timeLimit(.minutes(10))) func `the heartbeat loses no notification`() async throws {
        try await withEmptyTestDatabase { pool in
            let listener = PostgresListener(
                configuration: pool.configuration, channels: ["c"], heartbeatSeconds: 0.001)
            var events = listener.events().makeAsyncIterator()
            #expect(await events.next() == .listening)
            for number in 1...200 {
                try await notify(pool, "c", "\(number)")
                let expected = PostgresNotification(channel: "c", payload: "\(number)")
                #expect(await events.next() == .notification(expected))
            }
        }
    }

    @Test(.timeLimit(.minutes(10))) func `everybody hears the channels asked for, over one connection`()
        async throws
    {
        try await withEmptyTestDatabase { pool in
            var configuration = pool.configuration
            configuration.applicationName = "the listener"
            let listener = PostgresListener(configuration: configuration, channels: ["a", "b"])
            var all = listener.events().makeAsyncIterator()
            var onlyB = listener.events(on: ["b"]).makeAsyncIterator()
            #expect(await all.next() == .listening)
            #expect(await onlyB.next() == .listening)
            // Whoever comes later is told to look, too.
            var late = listener.events(on: ["a"]).makeAsyncIterator()
            #expect(await late.next() == .listening)
            // Whoever leaves takes nothing from the others.
            let leaving = listener.events()
            await Task { for await _ in leaving { break } }.value
            for channel in ["a", "b"] { try await notify(pool, channel, channel) }
            let heard = ["a", "b"].map {
                PostgresListenerEvent.notification(PostgresNotification(channel: $0, payload: $0))
            }
            #expect(await all.next() == heard[0])
            #expect(await all.next() == heard[1])
            #expect(await onlyB.next() == heard[1])
            #expect(await late.next() == heard[0])
            let connections = try await pool.withSession { session in
                try session.query(
                    "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'the listener'"
                        + " AND datname = current_database()"
                ).only().int("n")
            }
            #expect(connections == 1)
            listener.stop()
            #expect(await all.next() == nil)
            #expect(await onlyB.next() == nil)
            var tooLate = listener.events().makeAsyncIterator()
            while let event = await tooLate.next() { #expect(event == .listening) }
        }
    }

    @Test(.timeLimit(.minutes(10))) func `letting go of the listener closes its connection`() async throws {
        try await withEmptyTestDatabase { pool in
            var configuration = pool.configuration
            configuration.applicationName = "the listener"
            var listener: PostgresListener? = PostgresListener(configuration: configuration, channels: ["c"])
            var events = listener?.events().makeAsyncIterator()
            #expect(await events?.next() == .listening)
            listener = nil
            #expect(await events?.next() == nil)
            var count = 1
            while count > 0 {
                count = try await pool.withSession { session in
                    try session.query(
                        "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name = 'the listener'"
                            + " AND datname = current_database()"
                    ).only().int("n")
                }
            }
        }
    }
}
