import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// What is stopped, stopping more, and letting it go on.
    mutating func addHaltPages() {
        let context = context
        memberPage(.get, "/halts") { request, session in
            var query = QueryReader(request)
            let chosen = query.text("close") ?? ""
            try query.finish()
            return try await HaltPage(
                context: context, session: session, typed: HaltForm.Fields(closing: chosen)
            ).response()
        }
        memberPage(.post, "/halts") { request, session in
            try await HaltForm(context: context, session: session).submit(request)
        }
    }
}

/// The page of halts as one person sees it.
private struct HaltPage {
    let context: WebContext
    let session: SessionRecord
    var problem: Problem?
    var typed = HaltForm.Fields()

    func response() async throws -> HTTPResponse {
        let (halts, surroundings, atBroker) = try await context.gate.pool.withSnapshot { database in
            (
                try HaltStore.list(limit: 100, in: database), try Surroundings.load(in: database),
                try BrokerWork.load(in: database)
            )
        }
        let visitor = Visitor.person(session)
        let canOperate = session.person.role.canOperate
        let past = halts.filter { $0.clearedAt != nil }
        var values: TemplateValues = [
            "STATE_TITLE": .text(surroundings.halts.isEmpty ? "Nothing is stopped" : "Stopped"),
            "STATE_WORDS": .text(Self.words(surroundings)), "CAN_OPERATE": .shown(canOperate),
            "OPEN": .sections(
                surroundings.halts.map { $0.values.merging(["CAN_CLEAR": .shown(canOperate)]) }),
            "HAS_PAST": .shown(!past.isEmpty),
            "PAST": .sections(past.map(\.values)),
            "NONCE": .text(canOperate ? context.nonce(visitor, HaltForm.purpose, "") : ""),
            "TARGET": .text(typed.target), "REASON": .text(typed.reason),
            "IS_STRATEGY": .shown(typed.scope == .strategy), "IS_SYMBOL": .shown(typed.scope == .symbol),
            "IS_BOT": .shown(typed.scope == .bot),
            "CAN_RESUME": .shown(canOperate && surroundings.halts.contains { $0.scope == .account }),
            "HAS_TRIPPED": .shown(surroundings.halts.contains { $0.scope == .account && $0.isByBreaker }),
            "FACTOR": .text(typed.factor),
        ]
        values = values.merging(atBroker.values(canOperate: canOperate, chosen: typed.closing))
        if let problem {
            values = values.merging(problem.values)
            for fault in problem.faults {
                let name = String(fault.pointer.dropFirst())
                let what = name == "cancel" ? "Cancelling at the broker" : "The \(name)"
                values["\(name.uppercased())_FAULT"] = .text("\(what) \(fault.detail).")
            }
        }
        return try context.page(
            "halts.html", problem == nil ? "Halts" : "Error: Halts", values, visitor: visitor,
            around: surroundings, current: "/halts", status: problem?.status ?? 200)
    }

    private static func words(_ surroundings: Surroundings) -> String {
        if surroundings.halts.isEmpty { return "Approved orders go out." }
        switch surroundings.tradingState {
        case .active: return "Parts of trading are stopped; everything else goes on."
        case .reducing: return "Only orders that reduce a position go out."
        case .halted: return "Nothing goes out until the halts on all trading are cleared."
        }
    }
}

extension HaltRecord {
    /// Whether a breaker tripped, so that there is a loss to acknowledge.
    fileprivate var isByBreaker: Bool { BreakerKind(rawValue: cause) != nil }

    fileprivate var values: TemplateValues {
        [
            "IS_BREAKER": .shown(isByBreaker),
            "HALT_ID": .text(id.text), "SCOPE_WORDS": .text(scopeWords), "REASON": .text(reason),
            "CAUSE": .text(cause), "OPENED_BY": .text(actorWords(openedBy)),
            "OPENED_AT": .text(openedAt.newYorkWords),
            "REDUCING_WORDS": .text(allowsReducing ? "still go out" : "are stopped too"),
            "CLEARED_BY": .text(actorWords(clearedBy)), "CLEARED_AT": .text(clearedAt?.newYorkWords ?? ""),
            "CLEAR_REASON": .text(clearReason ?? ""), "UNFINISHED": .text(unfinishedWords ?? ""),
        ]
    }
}

/// A stop or a clearance that somebody sends from the page of halts.
private struct HaltForm {
    static let purpose = "halts"

    struct Fields: Sendable {
        var scope = OpenHalt.Scope.account
        var target = ""
        var reason = ""
        var factor = ""
        /// The symbol whose position is to be closed; empty for every one.
        var closing = ""
    }

    let context: WebContext
    let session: SessionRecord

    func submit(_ request: HTTPRequest) async throws -> HTTPResponse {
        try context.requireOwnForm(request)
        let form = try request.form()
        guard context.isGood(form.first("nonce"), .person(session), Self.purpose, "") else {
            throw WebContext.staleForm
        }
        let fields = Fields(
            scope: form.first("scope").flatMap(OpenHalt.Scope.init) ?? .account,
            target: (form.first("target") ?? "").trimmed, reason: (form.first("reason") ?? "").trimmed,
            factor: (form.first("limits_factor") ?? "").trimmed,
            closing: (form.first("symbol") ?? "").trimmed.uppercased())
        do {
            try await act(form, fields, request)
            return .redirect(to: "/halts")
        } catch let refusal as Refusal {
            return try await HaltPage(
                context: context, session: session, problem: Problem(refusal), typed: fields
            ).response()
        }
    }

    private func act(_ form: FormFields, _ fields: Fields, _ request: HTTPRequest) async throws {
        let caller = Caller.person(session.person, method: .session, keyID: nil)
        guard caller.mayOperate else {
            throw Refusal(.notAllowed, "Only operators and admins may stop trading or let it go on.")
        }
        var faults: [JSONFault] = []
        if fields.reason.isEmpty || fields.reason.unicodeScalars.count > TextLimits.reason {
            faults.append(
                JSONFault(pointer: "/reason", detail: "must say why, in at most 500 characters"))
        }
        for (name, text) in [
            ("reason", fields.reason), ("target", fields.target), ("symbol", fields.closing),
        ]
        where !JSONReader.isText(text) {
            faults.append(JSONFault(pointer: "/\(name)", detail: JSONFault.controlCharacters))
        }
        let action = form.first("action")
        if action == "clear" || action == "withdraw" || action == "resume" || action == "flatten" {
            guard faults.isEmpty else { throw Refusal.invalid(faults) }
            return try await act(action ?? "", form, fields, request, caller)
        }
        if (fields.scope == .account) != fields.target.isEmpty || fields.target.count > 64 {
            faults.append(
                JSONFault(
                    pointer: "/target",
                    detail: fields.scope == .account
                        ? "must be empty to stop all trading" : "must name the \(fields.scope.rawValue)"))
        }
        let cancels = form.first("cancel") == "yes"
        if cancels, fields.scope == .bot {
            faults.append(
                JSONFault(
                    pointer: "/cancel",
                    detail:
                        "cannot be done for one bot: the broker's orders are told apart by strategy and symbol"
                ))
        }
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        let target = fields.scope == .symbol ? fields.target.uppercased() : fields.target
        _ = try await context.stop(
            HaltRequest(
                scope: fields.scope, target: target, reason: fields.reason,
                allowsReducing: form.first("reducing") == "yes",
                atBroker: cancels ? .cancelEntries : nil),
            by: caller.journalActor, requestID: request.id)
    }

    private func act(
        _ action: String, _ form: FormFields, _ fields: Fields, _ request: HTTPRequest, _ caller: Caller
    ) async throws {
        let acknowledges = form.first("acknowledge") == "yes"
        switch action {
        case "clear":
            guard let id = form.first("halt").flatMap(Identifier.init) else { throw Refusal.notFound("halt") }
            _ = try await context.halting.clear(
                id, reason: fields.reason, acknowledges: acknowledges, by: caller)
        case "withdraw":
            guard let id = form.first("command").flatMap(Identifier.init) else {
                throw Refusal.notFound("command")
            }
            _ = try await Commanding(context.gate).withdraw(id, reason: fields.reason, by: caller)
        case "resume":
            let factor = fields.factor.isEmpty ? nil : ExactDecimal(fields.factor)
            if !fields.factor.isEmpty, !(factor.map { $0.isPositive && $0 <= .one } ?? false) {
                throw Refusal.invalid([
                    JSONFault(pointer: "/factor", detail: "must be above 0 and at most 1, such as 0.5")
                ])
            }
            _ = try await context.halting.resume(
                ResumeRequest(reason: fields.reason, limitsFactor: factor, acknowledges: acknowledges),
                by: caller)
        default: try await flatten(form, fields, request, caller)
        }
    }

    /// Closing positions asks for the PIN once more: a click alone must not do it.
    private func flatten(
        _ form: FormFields, _ fields: Fields, _ request: HTTPRequest, _ caller: Caller
    ) async throws {
        var faults: [JSONFault] = []
        if !fields.closing.isEmpty, !OrderShape.isSymbol(fields.closing) {
            faults.append(JSONFault(pointer: "/symbol", detail: "is none that the account holds"))
        }
        let pin = form.first("pin") ?? ""
        if pin.isEmpty { faults.append(JSONFault(pointer: "/pin", detail: "is needed to close positions")) }
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
        _ = try await context.identity.verifyPIN(session.person.id, pin, from: request.remoteAddress)
        guard fields.closing.isEmpty else {
            _ = try await Commanding(context.gate).close(
                symbol: fields.closing, reason: fields.reason, by: caller.journalActor)
            return
        }
        _ = try await context.stop(
            HaltRequest(reason: fields.reason, atBroker: .flatten), by: caller.journalActor,
            requestID: request.id)
    }
}

extension String {
    /// Without blanks at its ends.
    fileprivate var trimmed: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}
