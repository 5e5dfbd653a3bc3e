package import Domain
import JSON
import Postgres
import Store

/// What a person wants to answer to one question.
package struct ReviewAnswerDraft: Sendable, Hashable {
    package let question: Int
    package let text: String
    /// The version that they saw; 0 where there was no answer.
    package let version: Int

    /// An answer.
    package init(question: Int, text: String, version: Int) {
        self.question = question
        self.text = text
        self.version = version
    }
}

/// A signature on its way in.
package struct ReviewSigning: Sendable, Hashable {
    package let decision: ReviewDecision
    /// The hash of what the signer read.
    package let hash: String
    package let comment: String?

    /// A signature.
    package init(decision: ReviewDecision, hash: String, comment: String? = nil) {
        self.decision = decision
        self.hash = hash
        self.comment = comment
    }
}

/// Lets people answer the questions of a week and close it.
package struct Reviewing: Sendable {
    /// The longest answer, in characters.
    package static let answerLimit = 4000
    /// The cause of halts that a review opened.
    package static let cause = "review"

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Adds what people answered, all of it or nothing; what was answered before stays in the record.
    ///
    /// An answer that says what is there already, or that its writer did not change, is no revision. Where somebody else
    /// was faster, the refusal tells who, when and what, and nothing is stored.
    package func answer(
        _ week: ISOWeek, _ drafts: [ReviewAnswerDraft], by person: Person
    ) async throws {
        let faults = drafts.flatMap(Self.faults)
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        guard person.role.canDecide else {
            throw Refusal(
                .notAllowed,
                "\(person.name) is \(person.role.rawValue) and may read reviews, but not answer them."
            )
        }
        try await context.pool.transaction { session in
            try ReviewStore.lock(week, in: session)
            try Self.requireOpen(week, in: session)
            let known = Dictionary(grouping: try ReviewStore.answers(week, in: session), by: \.question)
            let changed = drafts.filter { draft in
                let answers = known[draft.question] ?? []
                return draft.text != answers.last?.text
                    && draft.text != answers.first { $0.version == draft.version }?.text
            }
            let overtaken = changed.filter { $0.version != known[$0.question]?.last?.version ?? 0 }
            guard overtaken.isEmpty else { throw Self.overtaken(overtaken, known) }
            for draft in changed {
                try ReviewStore.insert(
                    week, question: draft.question, version: draft.version + 1, draft.text, by: person.id,
                    in: session)
            }
            try JournalStore.append(
                changed.map { draft in
                    JournalDraft(
                        kind: draft.version == 0 ? "review.answered" : "review.revised",
                        actor: "user:\(person.name)", subject: "review:\(week)",
                        data: [
                            "question": .integer(draft.question), "version": .integer(draft.version + 1),
                            "answer": .string(draft.text),
                        ])
                }, in: session)
        }
    }

    /// Closes the week by a signature whose PIN was proved, and does what was decided.
    ///
    /// Signature, journal entry and the halt that the decision brings commit together.
    package func sign(
        _ week: ISOWeek, _ signing: ReviewSigning, by person: Person
    ) async throws -> HaltOutcome? {
        if let comment = signing.comment,
            !JSONReader.isText(comment) || comment.unicodeScalars.count > 2000
        {
            throw Refusal.invalid([
                JSONFault(pointer: "/comment", detail: "must have at most 2000 characters of text")
            ])
        }
        guard person.role.canOperate else {
            throw Refusal(
                .notAllowed,
                "\(person.name) is \(person.role.rawValue); closing a week takes an operator or an admin.")
        }
        return try await context.pool.transaction { [context] session in
            try ReviewStore.lock(week, in: session)
            try Self.requireOpen(week, in: session)
            guard let report = try ReportStore.find(.weekly, week.description, in: session) else {
                throw Refusal(.conflict, "\(ReviewView.notMade(week.description)) Sign it then.")
            }
            let view = try ReviewView.read(week, report: report, isMade: true, in: session)
            guard view.unanswered.isEmpty else {
                let numbers = view.unanswered.map { "\($0)" }.joined(separator: ", ")
                throw Refusal(
                    .conflict, "Questions without an answer yet: \(numbers). Answer them, then sign.",
                    facts: ["unanswered": .array(view.unanswered.map { .integer($0) })])
            }
            guard view.hash == signing.hash.lowercased() else {
                throw Refusal(
                    .conflict,
                    "The review is not the one you read: somebody changed an answer since. Nothing was signed. "
                        + "Read it again, then sign it.",
                    facts: ["review_hash": .string(view.hash)])
            }
            return try Self.close(view, signing, by: person, context, in: session)
        }
    }

    private static func close(
        _ view: ReviewView, _ signing: ReviewSigning, by person: Person, _ context: GateContext,
        in session: PostgresSession
    ) throws -> HaltOutcome? {
        let actor = "user:\(person.name)"
        var outcome: HaltOutcome?
        if case .halt(let allowsReducing) = signing.decision.effect {
            let request = HaltRequest(
                reason: "Weekly review of \(view.week): \(signing.decision.rawValue)", cause: cause,
                allowsReducing: allowsReducing, atBroker: allowsReducing ? nil : .cancelEntries)
            try AccountLock.limitWaiting(milliseconds: Halting.maxWaitMilliseconds, in: session)
            outcome = try Halting.open(request, by: actor, context, in: session)
        }
        try ReviewStore.sign(
            view.week, signing.decision, comment: signing.comment, hash: view.hash,
            haltID: outcome?.halt?.id, by: person.id, in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "review.signed", actor: actor, subject: "review:\(view.week)",
                    data: [
                        "decision": .string(signing.decision.rawValue), "method": "pin",
                        "comment": .text(signing.comment), "review_hash": .string(view.hash),
                        "halt_id": .text(outcome?.halt?.id.text),
                    ])
            ], in: session)
        return outcome
    }

    private static func requireOpen(_ week: ISOWeek, in session: PostgresSession) throws {
        guard let signature = try ReviewStore.signature(week, in: session) else { return }
        throw Refusal(
            .alreadyDecided,
            "The review of \(week) was closed by \(signature.by) at \(signature.at.rfc3339) with the decision "
                + "\(signature.decision.title). It cannot be changed any more.",
            facts: ["signature": signature.json])
    }

    private static func faults(_ draft: ReviewAnswerDraft) -> [JSONFault] {
        let pointer = "/answer_\(draft.question)"
        guard ReviewQuestions.forPeople.contains(where: { $0.number == draft.question }) else {
            return [JSONFault(pointer: pointer, detail: "only questions 7 to 10 are for people to answer")]
        }
        if !draft.text.contains(where: { !$0.isWhitespace }) {
            return [JSONFault(pointer: pointer, detail: "must say something")]
        }
        guard draft.text.unicodeScalars.count <= answerLimit, JSONReader.isText(draft.text) else {
            return [
                JSONFault(pointer: pointer, detail: "must have at most \(answerLimit) characters of text")
            ]
        }
        return []
    }

    private static func overtaken(
        _ drafts: [ReviewAnswerDraft], _ known: [Int: [ReviewAnswer]]
    ) -> Refusal {
        let newest = drafts.compactMap { known[$0.question]?.last }
        let words = newest.map { "\($0.by) answered question \($0.question) at \($0.at.rfc3339)" }
        return Refusal(
            .conflict,
            "\(words.joined(separator: "; ")), while you wrote. Nothing of yours was stored, and nothing is lost: "
                + "read theirs, then send yours again, changed or not.",
            facts: [
                "answers": .array(
                    newest.map { answer in
                        .object(
                            (answer.json.objectValue ?? [:]).merging(["question": .integer(answer.question)]))
                    })
            ])
    }
}
