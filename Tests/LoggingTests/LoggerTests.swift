import Glibc
import JSON
import Logging
import Testing

/// Lines, their order and their limits.
struct LoggerTests {
    private let log = RecordedLog()

    private func logger(minimum: LogLevel = .info, secrets: [String] = []) -> Logger {
        Logger(sink: log.sink, minimum: minimum, redactor: Redactor(secrets: secrets)) {
            "2026-11-21T07:25:24Z"
        }
    }

    @Test func `an event is one line of JSON in a fixed order`() {
        logger().with(requestID: "r-1").info("proposal.created", ["proposal_id": "p-1", "qty": 400])
        #expect(
            log.lines == [
                #"{"time":"2026-11-21T07:25:24Z","level":"info","event":"proposal.created","#
                    + #""request_id":"r-1","proposal_id":"p-1","qty":400}"#
            ])
    }

    @Test func `a line break in a value stays inside the line`() throws {
        logger().error("failed", ["detail": "a\nb\r\u{2028}\u{1}\"}"])
        let line = try #require(log.lines.first)
        #expect(log.lines.count == 1 && !line.contains("\n"))
        #expect(try JSONParser.parse(line)["detail"]?.stringValue == "a\nb\r\u{2028}\u{1}\"}")
    }

    @Test(arguments: LogLevel.allCases)
    func `what matters less than asked for is not written`(minimum: LogLevel) {
        let logger = logger(minimum: minimum)
        logger.debug("a")
        logger.info("a")
        logger.warning("a")
        logger.error("a")
        #expect(log.lines.count == LogLevel.allCases.count { $0 >= minimum })
        Logger.silent.error("nothing")
    }

    @Test func `standing fields are on every line and give way to the event's own`() {
        let logger = logger().with(["worker": "w1", "mode": "paper"])
        logger.info("a", ["worker": "w2"])
        #expect(log.lines.first?.contains(#""worker":"w2","mode":"paper""#) == true)
    }

    @Test func `a field cannot pose as the line's own`() throws {
        logger().info("a", ["level": "error", "event": "b", "time": "x", "request_id": "r"])
        let line = try JSONParser.parse(try #require(log.lines.first))
        #expect(line["level"] == "info" && line["field_level"] == "error" && line["event"] == "a")
        #expect(line["request_id"] == nil)
    }

    @Test func `a line too long says what it left out`() throws {
        logger().with(requestID: String(repeating: "r", count: 1000))
            .info("big", ["body": .string(String(repeating: "\u{1}", count: 20_000))])
        let line = try #require(log.lines.first)
        #expect(line.utf8.count < Logger.maxLineBytes)
        #expect(try JSONParser.parse(line)["omitted_bytes"]?.intValue ?? 0 > 100_000)
    }

    @Test func `secrets leave the event, the request's name, keys and numbers too`() {
        let logger = logger(secrets: ["hunter-22", "482915"])
        logger.with(requestID: "hunter-22").info(
            "x hunter-22", ["hunter-22": 1_482_915_7, "a": [["hunter-22"]]])
        #expect(log.lines.first?.contains("hunter-22") == false)
        #expect(log.lines.first?.contains("482915") == false)
        #expect(throws: Never.self) { try JSONParser.parse(log.lines.first ?? "") }
    }

    @Test func `lines of many threads do not mix`() async throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (reading, writing) = (ends[0], ends[1])
        let logger = Logger(sink: .descriptor(writing)) { "t" }
        let text = String(repeating: "x", count: 9000)
        async let written: Void = withTaskGroup(of: Void.self) { group in
            for _ in 0..<50 { group.addTask { logger.info("e", ["text": .string(text)]) } }
            await group.waitForAll()
            close(writing)
        }
        let lines = readAll(reading).split(separator: 0x0A)
        await written
        close(reading)
        #expect(lines.count == 50)
        #expect(Set(lines.map { Array($0) }).count == 1)
    }

    @Test func `a sink that is gone does not stop the work`() {
        Logger(sink: .descriptor(-1)) { "t" }.error("lost")
    }

    @Test func `the recorded log keeps the newest lines`() {
        let short = RecordedLog(capacity: 2)
        let logger = Logger(sink: short.sink) { "t" }
        for event in ["a", "b", "c"] { logger.info(event) }
        #expect(short.lines.map { $0.contains("\"a\"") } == [false, false])
        #expect(short.lines.last?.contains("\"c\"") == true)
    }

    private func readAll(_ descriptor: Int32) -> [UInt8] {
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return all }
            all += buffer[..<count]
        }
    }
}
