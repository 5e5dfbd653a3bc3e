import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

/// The page of a week's review as one person sees it.
struct ReviewPage {
    let context: WebContext
    let session: SessionRecord
    let review: ReviewView
    var problem: Problem?
    var typed = ReviewForm.Typed()

    /// How many weeks are listed below.
    private static let listedWeeks = 8

    func response() async throws -> HTTPResponse {
        let (surroundings, weeks, drafts) = try await context.gate.pool.withSnapshot { database in
            (
                try Surroundings.load(in: database),
                try ReviewStore.weeks(limit: Self.listedWeeks, in: database),
                try PolicyDraftStore.list(limit: 5, in: database)
            )
        }
        let visitor = Visitor.person(session)
        let role = session.person.role
        let isOpen = review.signature == nil
        let sheet = ReportSheet.weekly(review.report)
        var values: TemplateValues = [
            "WEEK": .text(review.week.description), "LEAD": .text(sheet.lead),
            "DAYS": .text("\(review.week.monday) to \(review.week.sunday)"),
            "REPORT_PATH": .text(sheet.path),
            "REPORT_KINDS": .sections(ReportPlace.review(review.week).neighbours(at: surroundings.now)),
            "IS_MADE": .shown(review.isMade),
            "FROM_DATA": .sections(review.questions.filter { !$0.isForPeople }.map(\.dataValues)),
            "CAN_ANSWER": .shown(isOpen && role.canDecide),
            "FOR_PEOPLE": .sections(review.questions.filter(\.isForPeople).map(values)),
            "NONCE": .text(
                isOpen && role.canDecide
                    ? context.nonce(visitor, ReviewForm.purpose, review.week.description) : ""),
            "CAN_SIGN": .shown(review.isReady && role.canOperate),
            "NOT_YET": .text(isOpen ? notYet ?? "" : ""), "REVIEW_HASH": .text(review.hash),
            "CHECK_CODE": .text(String(review.hash.prefix(6))), "COMMENT": .text(typed.comment),
            "DECISIONS": .sections(ReviewDecision.allCases.map(values)),
            "HAS_WEEKS": .shown(!weeks.isEmpty), "WEEKS": .sections(weeks.map(\.values)),
        ]
        values = values.merging(signed(drafts))
        if let problem {
            values = values.merging(problem.values)
            for fault in problem.faults {
                values["\(fault.pointer.dropFirst().uppercased())_FAULT"] = .text(
                    "\(problemLabel(fault.pointer)) \(fault.detail).")
            }
        }
        let title = "Review of \(review.week)"
        return try context.page(
            "review.html", problem == nil ? title : "Error: \(title)", values, visitor: visitor,
            around: surroundings, current: "/reports", status: problem?.status ?? 200)
    }

    /// Why it cannot be signed by whoever looks; nil where it can.
    private var notYet: String? {
        if !review.isMade {
            return "\(ReviewView.notMade("this week")) Until then its numbers still change."
        }
        if !review.unanswered.isEmpty {
            let numbers = review.unanswered.map { "\($0)" }.joined(separator: ", ")
            return "Questions without an answer yet: \(numbers). The week is closed when all are answered."
        }
        return session.person.role.canOperate
            ? nil : "Everything is answered. An operator or an admin closes the week."
    }

    private func problemLabel(_ pointer: String) -> String {
        pointer == "/pin" ? "Your PIN" : pointer == "/decision" ? "The decision:" : "The answer"
    }

    private func signed(_ drafts: [PolicyDraftRecord]) -> TemplateValues {
        guard let signature = review.signature else { return [:] }
        let since = drafts.filter { $0.proposedAt > signature.at }
        let halted = signature.haltID != nil
        return [
            "SIGNED": .text("\(signature.decision.title), decided by \(signature.by)"),
            "SIGNED_AT": .text(signature.at.newYorkWords), "EFFECT": .text(signature.decision.words),
            "SIGNED_COMMENT": .sections(lines(of: signature.comment)),
            "HAS_COMMENT": .shown(signature.comment != nil), "IS_HALTED": .shown(halted),
            "IS_ADJUST": .shown(signature.decision.effect == .newLimits),
            "TONE": .text(halted ? "bad" : signature.decision.effect == .newLimits ? "warn" : "good"),
            "SIGNED_CODE": .text(String(signature.reviewHash.prefix(6))),
            "HAS_DRAFTS": .shown(!since.isEmpty),
            "DRAFTS": .sections(
                since.map {
                    [
                        "DRAFT": .text("Draft \($0.number)"), "DRAFT_BY": .text($0.proposedByName),
                        "DRAFT_STATE": .text($0.state.rawValue),
                    ]
                }),
        ]
    }

    private func values(_ decision: ReviewDecision) -> TemplateValues {
        [
            "DECISION": .text(decision.rawValue), "DECISION_TITLE": .text(decision.title),
            "DECISION_WORDS": .text(decision.words), "IS_CHOSEN": .shown(typed.decision == decision),
        ]
    }

    private func values(_ question: ReviewView.Question) -> TemplateValues {
        let newest = question.revisions.last
        let typedText = typed.answers[question.number]
        // Theirs, where it came between what the writer saw and what the writer sent.
        let isOvertaken =
            typedText != newest?.text
            && typed.versions[question.number].map { $0 < newest?.version ?? 0 } ?? false
        let fault = problem?.faults.first { $0.pointer == "/answer_\(question.number)" }
        return [
            "NUMBER": .text("\(question.number)"), "QUESTION": .text(question.question),
            "VERSION": .text("\(newest?.version ?? 0)"),
            "CAN_WRITE": .shown(review.signature == nil && session.person.role.canDecide),
            "ANSWER": .text(typedText ?? newest?.text ?? ""),
            "HAS_ANSWER": .shown(newest != nil), "LINES": .sections(lines(of: newest?.text)),
            "ANSWERED_BY": .text(newest?.by ?? ""), "ANSWERED_AT": .text(newest?.at.newYorkWords ?? ""),
            "THEIRS": .shown(isOvertaken),
            "ANSWER_FAULT": .text(fault.map { "The answer \($0.detail)." } ?? ""),
            "HAS_EARLIER": .shown(question.revisions.count > 1),
            "EARLIER": .sections(
                question.revisions.dropLast().reversed().map {
                    [
                        "EARLIER_BY": .text($0.by), "EARLIER_AT": .text($0.at.newYorkWords),
                        "EARLIER_LINES": .sections(lines(of: $0.text)),
                    ]
                }),
        ]
    }
}

extension ReviewView.Question {
    fileprivate var dataValues: TemplateValues {
        [
            "NUMBER": .text("\(number)"), "QUESTION": .text(question), "ANSWER": .text(answer ?? "–"),
            "EVIDENCE": .sections(
                evidence.map { ["EVIDENCE_LABEL": .text($0.label), "EVIDENCE_PATH": .text($0.path)] }),
        ]
    }
}

extension ReviewedWeek {
    fileprivate var values: TemplateValues {
        [
            "LISTED_WEEK": .text(week.description), "LISTED_PATH": .text("/reviews/\(week)"),
            "LISTED_STATE": .text(
                decision.map { "\($0.title), signed by \(by ?? "somebody")" } ?? "not closed yet"),
        ]
    }
}
