import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Postgres
import Reports
import Store

extension RouteTable {
    /// The review of a week: its questions, people's answers, and the signature that closes it.
    mutating func addReviews() {
        api(.get, "/reviews/{week}") { call in
            try call.require(call.caller.mayRead, to: "read reviews")
            var query = QueryReader(call.request)
            try query.finish()
            return .json(try await call.context.review(call.request.parameters["week"]).json)
        }
        api(.post, "/reviews/{week}/answers") { call in
            let person = try call.requirePerson(to: "answer a review").person
            try call.require(person.role.canDecide, to: "answer a review")
            let week = try call.context.reviewedWeek(call.request.parameters["week"])
            let reader = JSONReader(try call.request.json())
            let drafts = reader.answerDrafts()
            try reader.finish()
            // Before anything is stored: a week that has no review has no answers.
            _ = try await call.context.review(week.description)
            try await Reviewing(call.context.gate).answer(week, drafts, by: person)
            return .json(try await call.context.review(week.description).json)
        }
        api(.post, "/reviews/{week}/sign") { call in
            let person = try call.requirePerson(to: "sign a review").person
            try call.require(person.role.canOperate, to: "sign a review; it takes an operator or an admin")
            let week = try call.context.reviewedWeek(call.request.parameters["week"])
            let reader = JSONReader(try call.request.json())
            let (signing, pin) = reader.signing()
            try reader.finish()
            guard let signing else { throw Refusal.invalid(reader.faults) }
            _ = try await call.context.review(week.description)
            try await call.context.sign(week, signing, pin: pin, by: person, call.request)
            return .json(try await call.context.review(week.description).json)
        }
        let context = context
        memberPage(.get, "/reviews") { request, _ in
            var query = QueryReader(request)
            try query.finish()
            return .redirect(to: "/reviews/current")
        }
        memberPage(.get, "/reviews/{week}") { request, session in
            var query = QueryReader(request)
            try query.finish()
            let review = try await context.review(request.parameters["week"])
            return try await ReviewPage(context: context, session: session, review: review).response()
        }
        memberPage(.post, "/reviews/{week}") { request, session in
            try await ReviewForm(context: context, session: session).submit(request)
        }
    }
}

extension WebContext {
    /// The week that a path names.
    func reviewedWeek(_ text: String?) throws -> ISOWeek {
        guard let week = text.flatMap({ ISOWeek($0) }) else {
            throw Refusal(.notFound, "A week reads YYYY-Www, such as 2026-W47.")
        }
        return week
    }

    /// The review of the week that a path names; `current` is the newest whose report was made, else the one under way.
    func review(_ text: String?) async throws -> ReviewView {
        let named = text == "current" ? nil : try reviewedWeek(text)
        return try await gate.pool.withSnapshot { session in
            let newest = try ReportStore.newest(.weekly, in: session).flatMap { ISOWeek($0) }
            let today = MarketCalendar.nyse.bookDay(of: try DatabaseClock.now(in: session))
            let week = named ?? newest ?? today.isoWeek
            let made = try ReportStore.find(.weekly, week.description, in: session)
            guard let report = try made ?? WeeklyReport.read(week, in: session) else {
                throw Refusal(
                    .notFound, "There is no review of \(week): it has not begun, or has no trading day.")
            }
            return try ReviewView.read(week, report: report, isMade: made != nil, in: session)
        }
    }

    /// Proves the PIN, closes the week, and writes to the log what of a stop could not be done.
    func sign(
        _ week: ISOWeek, _ signing: ReviewSigning, pin: String, by person: Person, _ request: HTTPRequest
    ) async throws {
        _ = try await identity.verifyPIN(person.id, pin, from: request.remoteAddress)
        let outcome = try await Reviewing(gate).sign(week, signing, by: person)
        if let failure = outcome?.failure {
            logger.with(requestID: request.id).error(
                "halt.incomplete",
                ["halt_id": .text(outcome?.halt?.id.text), "error": .string(failure)])
        }
    }
}

extension JSONReader {
    /// Answers as the API takes them: each with the version that its writer saw.
    fileprivate func answerDrafts() -> [ReviewAnswerDraft] {
        guard let items = objects("answers", maxCount: 4), !items.isEmpty else {
            if faults.isEmpty { missing("answers") }
            return []
        }
        return items.compactMap { item in
            let number = item.int("number", in: 1...10)
            if item.value("number") == nil { item.missing("number") }
            let text = item.requiredText("answer", maxCharacters: Reviewing.answerLimit)
            let version = item.int("version", in: 0...1_000_000)
            if item.value("version") == nil { item.missing("version") }
            item.refuseUnknown()
            guard let number, let version else { return nil }
            return ReviewAnswerDraft(question: number, text: text, version: version)
        }
    }

    /// A signature as the API takes it, and the PIN that proves it.
    fileprivate func signing() -> (ReviewSigning?, pin: String) {
        let decision = choice("decision", ReviewDecision.self)
        if value("decision") == nil { missing("decision") }
        let hash = requiredText("review_hash", maxCharacters: 64)
        let pin = requiredText("pin", maxCharacters: 128)
        let comment = string("comment", maxCharacters: TextLimits.comment)
        guard let decision else { return (nil, pin) }
        return (ReviewSigning(decision: decision, hash: hash, comment: comment), pin)
    }
}
