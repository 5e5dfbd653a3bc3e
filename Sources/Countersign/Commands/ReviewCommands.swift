import Console
import Domain
import Gate
import JSON

/// `review …`: looking back on a week, answering its questions, and closing it.
enum ReviewCommands {
    static let all = [show, answer, sign]

    private static let week = CommandShape.Operand("WEEK", "YYYY-Www, such as 2026-W47")

    private static let show = Command(
        CommandShape(
            "review", "Shows the review of a week: ten questions, the answers, and what closed it.",
            operands: [
                .init(
                    "WEEK",
                    "YYYY-Www; without it the newest week that was reported, and before the first the week under way",
                    isRequired: false)
            ], printsData: true,
            notes: """
                  countersign review answer 2026-W47 8 --text "No: the losses came from two names."
                  printf 482915 | countersign review sign 2026-W47 --decision continue --check-code 4f2a91 --pin-stdin
                """)
    ) { call in
        let week = call.invocation.operand("WEEK") ?? "current"
        let review = try await call.server().get(path(week))
        Output.show(review, asJSON: call.wantsJSON) { ReviewText(review).text }
        return .done
    }

    private static let answer = Command(
        CommandShape(
            "review answer", "Answers one of the questions 7 to 10, or answers it anew.",
            operands: [week, .init("NUMBER", "which question: 7, 8, 9 or 10")],
            options: [
                .init("text", "WORDS", "the answer"),
                .init("file", "FILE", "a file that holds the answer; - is standard input"),
                .init("version", "NUMBER", "the version you read; another one is refused"),
            ], printsData: true,
            notes: """
                Earlier answers stay in the record. COUNTERSIGN_API_KEY must be your personal token.
                """)
    ) { call in
        let week = try call.invocation.required("WEEK")
        guard let number = Int(try call.invocation.required("NUMBER")), (7...10).contains(number) else {
            throw UsageError("NUMBER is 7, 8, 9 or 10.", command: "review answer")
        }
        let text = try call.answerText()
        let server = try call.server()
        var version = try call.invocation.integer("version", in: 0...1_000_000)
        if version == nil {
            let questions = try await server.get(path(week))["questions"]?.arrayValue ?? []
            version = questions.first { $0["number"]?.intValue == number }?["version"]?.intValue ?? 0
        }
        let review = try await server.post(
            "\(path(week))/answers",
            [
                "answers": [
                    ["number": .integer(number), "answer": .string(text), "version": .integer(version ?? 0)]
                ]
            ])
        Output.show(review, asJSON: call.wantsJSON) { "Question \(number) of \(week) is answered." }
        return .done
    }

    private static let sign = Command(
        CommandShape(
            "review sign", "Closes a week by your signature and a decision.", operands: [week],
            options: [
                .init(
                    "decision", "WORD",
                    "continue, adjust, pause (a halt that lets reducing orders through) or stop",
                    isRequired: true),
                .init(
                    "check-code", "CODE",
                    "the check code that countersign review showed; other answers are refused"),
                .init("hash", "HASH", "the review_hash, in its place"),
                .init("comment", "WORDS", "what to write beside the decision"),
            ], secrets: [.init("pin", "your PIN or password")], printsData: true,
            notes: """
                Read it first: countersign review WEEK shows the check code of what you sign. COUNTERSIGN_API_KEY must be the
                personal token of an operator or an admin. A closed week cannot be changed any more.
                """)
    ) { call in
        let week = try call.invocation.required("WEEK")
        guard let decision = try call.invocation.word("decision", as: ReviewDecision.self) else {
            throw UsageError("--decision is missing.", command: "review sign")
        }
        guard let pin = try call.secret("pin") else {
            throw UsageError(
                "Pipe the PIN in with --pin-stdin, or name a file: --pin-file FILE.", command: "review sign")
        }
        let server = try call.server()
        var body: JSONObject = [
            "decision": .string(decision.rawValue), "pin": .string(pin),
            "review_hash": .string(try await hash(week, server, call)),
        ]
        body["comment"] = call.invocation.value("comment").map(JSONValue.string)
        let review = try await server.post("\(path(week))/sign", .object(body))
        Output.show(review, asJSON: call.wantsJSON) {
            "The review of \(week) is closed: \(decision.title). \(decision.words)"
        }
        return .done
    }

    /// The hash of what the person read.
    private static func hash(_ week: String, _ server: ServerConnection, _ call: Call) async throws -> String
    {
        if let hash = call.invocation.value("hash") { return hash }
        guard let code = call.invocation.value("check-code") else {
            throw UsageError(
                "Name what you sign: --check-code, as countersign review \(week) shows it.",
                command: "review sign")
        }
        let review = try await server.get(path(week))
        guard review["state"] != "preliminary" else {
            throw CommandFailure("\(ReviewView.notMade(week)) Read it and sign it then; nothing was signed.")
        }
        guard let hash = review["review_hash"]?.stringValue, let known = review["check_code"]?.stringValue
        else { throw CommandFailure("The server did not say which review this is; nothing was signed.") }
        guard known.uppercased() == code.uppercased() else {
            throw CommandFailure(
                "The review's check code is \(known), not \(code): it is not the one you read. Nothing was signed.",
                code: .refused)
        }
        return hash
    }

    private static func path(_ week: String) -> String { "/reviews/\(ServerConnection.encoded(week))" }
}

extension Call {
    /// The words of an answer, from the option or a file.
    fileprivate func answerText() throws -> String {
        switch (invocation.value("text"), invocation.value("file")) {
        case (let text?, nil): return text
        case (nil, let path?):
            let text = try Self.text(at: path, command: "review answer")
            return String(text.reversed().drop { $0.isWhitespace }.reversed())
        default:
            throw UsageError("Give the answer with --text or --file.", command: "review answer")
        }
    }
}
