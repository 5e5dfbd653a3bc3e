import Domain
import Testing

struct BackoffTests {
    @Test func `messages wait twice as long each time, up to a quarter of an hour, and are given up`() {
        let delays = (1...20).map { Backoff.message.delaySeconds(afterAttempts: $0, random: 0.5) }
        #expect(delays.prefix(4) == [2, 4, 8, 16])
        #expect(delays[9] == 900 && delays[18] == 900)
        #expect(delays[19] == nil)
    }

    @Test func `jitter stays within its share`() {
        let backoff = Backoff(delaysSeconds: [10], jitter: 0.2, maxAttempts: nil)
        #expect(backoff.delaySeconds(afterAttempts: 1, random: 0) == 8)
        #expect(backoff.delaySeconds(afterAttempts: 7, random: 0.5) == 10)
        #expect(backoff.delaySeconds(afterAttempts: 7, random: 0.999_999).map { $0 < 12 } == true)
    }

    @Test func `the worker is tried after 1, 2, 5, 10, 20, 20 seconds without end`() {
        let delays = (1...6).map { Backoff.workerWebhook.delaySeconds(afterAttempts: $0, random: 0.9) }
        #expect(delays == [1, 2, 5, 10, 20, 20])
        #expect(Backoff.workerWebhook.delaySeconds(afterAttempts: 10_000, random: 0) == 20)
    }
}

struct RetryAfterTests {
    private let now = Timestamp(rfc3339: "1994-11-06T08:49:07Z") ?? Timestamp(seconds: 0)

    @Test(arguments: [
        ("30", 30.0), ("0", 0), ("0.5", 0.5), ("64.57", 64.57), (" 7 ", 7), ("99999999", 3600),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 30), ("Sun, 06 Nov 1994 08:00:00 GMT", 0),
        ("Sun, 06 Nov 2094 08:49:37 GMT", 3600),
    ]) func `reads seconds, fractions and dates`(text: String, expected: Double) {
        #expect(RetryAfter.seconds(text, now: now) == expected)
    }

    @Test(arguments: [
        "", "soon", "-1", "1e3", "nan", "inf", "0x10", "1.2.3", ".", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sunday, 06-Nov-94 08:49:37 GMT", "Sun, 32 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:00:00 GMT",
    ]) func `ignores what is neither`(text: String) {
        #expect(RetryAfter.seconds(text, now: now) == nil)
    }
}
