import Domain
import Gate
import HTTPServer
import JSON
import Store

/// Answers, or the signature, that somebody sends from the page of a review.
struct ReviewForm {
    static let purpose = "review"

    /// What was typed; where nothing came of it, it stands in the page again.
    struct Typed: Sendable {
        var answers: [Int: String] = [:]
        /// The versions that the writer saw.
        var versions: [Int: Int] = [:]
        var decision: ReviewDecision?
        var comment = ""
    }

    let context: WebContext
    let session: SessionRecord

    func submit(_ request: HTTPRequest) async throws -> HTTPResponse {
        try context.requireOwnForm(request)
        let form = try request.form()
        let path = request.parameters["week"] ?? ""
        guard context.isGood(form.first("nonce"), .person(session), Self.purpose, path) else {
            throw WebContext.staleForm
        }
        let week = try context.reviewedWeek(path)
        var typed = Typed()
        do {
            if form.first("action") == "sign" {
                typed.decision = form.first("decision").flatMap { ReviewDecision(rawValue: $0) }
                typed.comment = Self.clean(form.first("comment"))
                try await sign(week, form, typed, request)
                return .redirect(to: "/reviews/\(week)#outcome")
            }
            let drafts = try Self.drafts(form, &typed)
            try await Reviewing(context.gate).answer(week, drafts, by: session.person)
            return .redirect(to: "/reviews/\(week)#yours")
        } catch let refusal as Refusal {
            let now = try await context.review(path)
            return try await ReviewPage(
                context: context, session: session, review: now, problem: Problem(refusal), typed: typed
            ).response()
        }
    }

    private func sign(
        _ week: ISOWeek, _ form: FormFields, _ typed: Typed, _ request: HTTPRequest
    ) async throws {
        guard session.person.role.canOperate else {
            throw Refusal(.notAllowed, "Closing a week takes an operator or an admin.")
        }
        let pin = form.first("pin") ?? ""
        var faults: [JSONFault] = []
        if typed.decision == nil {
            faults.append(JSONFault(pointer: "/decision", detail: "choose one of the four"))
        }
        if pin.isEmpty { faults.append(JSONFault(pointer: "/pin", detail: "is needed to sign")) }
        guard faults.isEmpty, let decision = typed.decision else { throw Refusal.invalid(faults) }
        let signing = ReviewSigning(
            decision: decision, hash: form.first("review_hash") ?? "",
            comment: typed.comment.isEmpty ? nil : typed.comment)
        try await context.sign(week, signing, pin: pin, by: session.person, request)
    }

    /// An answer that was never given and still is not is none.
    private static func drafts(_ form: FormFields, _ typed: inout Typed) throws -> [ReviewAnswerDraft] {
        var drafts: [ReviewAnswerDraft] = []
        for (number, _) in ReviewQuestions.forPeople {
            guard let field = form.first("answer_\(number)") else { continue }
            let text = clean(field)
            typed.answers[number] = text
            let version = form.first("version_\(number)").flatMap { Int($0) } ?? 0
            typed.versions[number] = version
            if text.isEmpty, version == 0 { continue }
            guard (0...1_000_000).contains(version) else { throw WebContext.staleForm }
            drafts.append(ReviewAnswerDraft(question: number, text: text, version: version))
        }
        return drafts
    }

    /// Line ends as browsers send them made one character, blanks at the ends taken off.
    private static func clean(_ text: String?) -> String {
        let lines = (text ?? "").replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        return String(lines.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
