import Cryptography
package import Domain
package import JSON
package import Postgres
package import Store

/// A week's review as people and programs read it: the report's six answers, people's four, and what closed it.
package struct ReviewView: Sendable {
    /// One of the ten questions.
    package struct Question: Sendable {
        package let number: Int
        package let question: String
        /// The answer of the books; nil where a person answers.
        package let fromData: String?
        package let evidence: [(label: String, path: String)]
        /// What people answered, from the first version to the newest; the newest counts.
        package let revisions: [ReviewAnswer]

        /// What counts as the answer; nil while there is none.
        package var answer: String? { fromData ?? revisions.last?.text }
        /// Whether a person has to answer.
        package var isForPeople: Bool { ReviewQuestions.forPeople.contains { $0.number == number } }
    }

    package let week: ISOWeek
    /// The weekly report, as it was made or as things stand.
    package let report: JSONValue
    /// Whether the report was made, so that nothing in it changes any more.
    package let isMade: Bool
    package let questions: [Question]
    package let signature: ReviewSignature?

    /// The questions that nobody answered yet.
    package var unanswered: [Int] { questions.filter { $0.answer == nil }.map(\.number) }
    /// Whether it may be signed as it stands.
    package var isReady: Bool { isMade && signature == nil && unanswered.isEmpty }

    /// Why a week cannot be signed before its report is made.
    package static func notMade(_ week: String) -> String {
        "The report of \(week) is not made yet; that happens on Sunday at 09:00 in New York."
    }

    /// SHA-256 of the ten questions and answers, people's with who gave them and when: what a signature is set under.
    package var hash: String {
        let signed: JSONValue = [
            "week": .string(week.description), "report": report["as_of"] ?? .null,
            "questions": .array(questions.map { $0.json(withRevisions: false) }),
        ]
        return SHA256.hexadecimal(signed.serialized())
    }

    /// Reads what people added to a report.
    package static func read(
        _ week: ISOWeek, report: JSONValue, isMade: Bool, in session: PostgresSession
    ) throws(PostgresError) -> ReviewView {
        let answers = try ReviewStore.answers(week, in: session)
        let questions = (report["questions"]?.arrayValue ?? []).map { each in
            let number = each["number"]?.intValue ?? 0
            return Question(
                number: number, question: each["question"]?.stringValue ?? "",
                fromData: each["answer"]?.stringValue,
                evidence: (each["evidence"]?.arrayValue ?? []).map {
                    ($0["label"]?.stringValue ?? "", $0["path"]?.stringValue ?? "")
                }, revisions: answers.filter { $0.question == number })
        }
        return ReviewView(
            week: week, report: report, isMade: isMade, questions: questions,
            signature: try ReviewStore.signature(week, in: session))
    }

    /// The review as the API shows it.
    ///
    /// There is no check code before the report is made: its numbers change with every reading, and so would the code.
    package var json: JSONValue {
        let hash = hash
        let hasCode = isMade || signature != nil
        let state = signature != nil ? "closed" : isMade ? "open" : "preliminary"
        return [
            "week": .string(week.description), "state": .string(state),
            "report_as_of": report["as_of"] ?? .null, "questions": .array(questions.map { $0.json() }),
            "unanswered": .array(unanswered.map { .integer($0) }), "review_hash": .string(hash),
            "check_code": hasCode ? .string(String(hash.prefix(6))) : .null,
            "signature": signature?.json ?? .null,
            "links": [
                "page": .string("/reviews/\(week)"), "report": .string("/reports/weekly/\(week)"),
                "policy": .string("/settings/policy"),
            ],
        ]
    }
}

extension ReviewView.Question {
    fileprivate func json(withRevisions isComplete: Bool = true) -> JSONValue {
        var object: JSONObject = [
            "number": .integer(number), "question": .string(question),
            "answered_by": .string(isForPeople ? "person" : "data"), "answer": .text(answer),
            "evidence": .array(evidence.map { ["label": .string($0.label), "path": .string($0.path)] }),
        ]
        guard isForPeople else { return .object(object) }
        object["version"] = .integer(revisions.last?.version ?? 0)
        object["by"] = .text(revisions.last?.by)
        object["at"] = .text(revisions.last?.at.rfc3339)
        if isComplete { object["revisions"] = .array(revisions.map(\.json)) }
        return .object(object)
    }
}

extension ReviewAnswer {
    /// The answer as the API shows it.
    package var json: JSONValue {
        [
            "version": .integer(version), "answer": .string(text), "by": .string(by),
            "at": .string(at.rfc3339),
        ]
    }
}

extension ReviewSignature {
    /// The signature as the API shows it.
    package var json: JSONValue {
        [
            "decision": .string(decision.rawValue), "comment": .text(comment), "by": .string(by),
            "at": .string(at.rfc3339), "method": "pin", "halt_id": .text(haltID?.text),
            "review_hash": .string(reviewHash),
        ]
    }
}
