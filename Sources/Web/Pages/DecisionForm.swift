import Domain
import Gate
import HTTPServer
import JSON
import Store

/// A decision that somebody sends from the page of a proposal.
///
/// A session, or the PIN of the link's person on the same form: without one of them nothing is decided.
struct DecisionForm {
    static let purpose = "decide"

    /// What stood in the form.
    struct Fields: Sendable {
        var comment = ""
        var qty = ""
    }

    private let context: WebContext
    private let request: HTTPRequest
    private let id: Identifier
    private let holder: LinkHolder?

    init(_ context: WebContext, _ request: HTTPRequest, _ id: Identifier, holder: LinkHolder?) {
        self.context = context
        self.request = request
        self.id = id
        self.holder = holder
    }

    func submit() async throws -> HTTPResponse {
        try context.requireOwnForm(request)
        let form = try request.form()
        let session = try await context.session(of: request)
        guard session != nil || holder != nil else { return context.toLogin(request) }
        let given = context.visitor(of: form.first("nonce"), session, holder, Self.purpose, id.text)
        guard let visitor = given else { throw WebContext.staleForm }
        var answer = Answer(visitor: visitor)
        do {
            answer.fields = Fields(comment: form.first("comment") ?? "", qty: form.first("qty") ?? "")
            let choice = try read(form, answer.fields)
            try await prove(form, &answer)
            guard let person = answer.person else { throw WebContext.staleForm }
            do {
                _ = try await context.deciding.decide(choice.request, by: person, method: answer.method)
            } catch let refusal as Refusal where choice.pausesBot && refusal.code.isTooLate {
                // The bot is to stop whatever became of this one proposal.
                answer.pausedBot = try await pauseBot(person, reason: answer.fields.comment, isTooLate: true)
                throw refusal
            }
            if choice.pausesBot { try await pauseBot(person, reason: answer.fields.comment) }
            return try finished(.redirect(to: "/proposals/\(id)#outcome"), answer)
        } catch let refusal as Refusal {
            return try await refused(refusal, form, answer)
        }
    }

    /// How far the answer to this form has come.
    private struct Answer {
        var visitor: Visitor
        var fields = Fields()
        var login: Login?
        /// The bot that was paused though the rejection came too late.
        var pausedBot: String?

        /// Who has proved to be here.
        var person: Person? { login?.person ?? visitor.session?.person }
        var method: ProofMethod { login == nil ? .session : .pin }
    }

    private struct Choice {
        let request: DecisionRequest
        let pausesBot: Bool
    }

    private func read(_ form: FormFields, _ fields: Fields) throws -> Choice {
        var faults: [JSONFault] = []
        let word = form.first("verdict") ?? ""
        let verdict: Verdict? = word == "reject_pause" ? .reject : Verdict(rawValue: word)
        if verdict == nil {
            faults.append(JSONFault(pointer: "/verdict", detail: "choose one of the buttons"))
        }
        if fields.comment.unicodeScalars.count > TextLimits.comment {
            faults.append(
                JSONFault(pointer: "/comment", detail: "must have at most \(TextLimits.comment) characters"))
        }
        if !JSONReader.isText(fields.comment) {
            faults.append(JSONFault(pointer: "/comment", detail: JSONFault.controlCharacters))
        }
        let typedQty = fields.qty.filter { $0 != "," && !$0.isWhitespace }
        let qty = verdict == .approve && !typedQty.isEmpty ? ExactDecimal(typedQty) : nil
        if verdict == .approve, !typedQty.isEmpty, qty == nil {
            faults.append(JSONFault(pointer: "/qty", detail: "must be a number such as 100"))
        }
        if let totp = form.first("totp"), !totp.isEmpty {
            faults.append(JSONFault(pointer: "/totp", detail: "is not set up here; leave it empty"))
        }
        guard faults.isEmpty, let verdict else { throw Refusal.invalid(faults) }
        return Choice(
            request: DecisionRequest(
                proposalID: id, verdict: verdict, orderHash: form.first("order_hash") ?? "",
                comment: fields.comment.isBlank ? nil : fields.comment, qty: qty),
            pausesBot: word == "reject_pause")
    }

    /// Begins a session for the link's person where the PIN is right.
    ///
    /// Somebody logged in has proved it already; a PIN that comes along all the same has to be theirs.
    private func prove(_ form: FormFields, _ answer: inout Answer) async throws {
        let pin = form.first("pin") ?? ""
        guard case .holder(let holder) = answer.visitor else {
            if !pin.isEmpty, let person = answer.visitor.session?.person {
                _ = try await context.identity.verifyPIN(person.id, pin, from: request.remoteAddress)
            }
            return
        }
        guard !pin.isEmpty else {
            throw Refusal.invalid([JSONFault(pointer: "/pin", detail: "is needed to decide")])
        }
        answer.login = try await context.identity.login(
            .id(holder.person.id), pin: pin, from: request.remoteAddress,
            replacing: request.cookie(context.cookies.session), byLink: true)
    }

    /// Stops the proposal's bot and says which that is.
    @discardableResult
    private func pauseBot(
        _ person: Person, reason: String, isTooLate: Bool = false
    ) async throws -> String? {
        guard let scene = try await context.scene(id) else { return nil }
        let bot = scene.record.proposerName
        // Who lost a race against somebody who paused it too need not stop it twice.
        let isPaused = scene.surroundings.halts.contains {
            $0.scope == .bot && $0.target == bot && !$0.allowsReducing
        }
        if isTooLate, isPaused { return bot }
        let occasion = isTooLate ? "a rejection that came too late, of" : "the rejection of"
        let said = reason.isBlank ? "" : ": \(reason.prefix(300))"
        _ = try await context.halting.halt(
            HaltRequest(
                scope: .bot, target: bot,
                reason: "paused with \(occasion) \(scene.record.terms.headline)\(said)"),
            by: "user:\(person.name)")
        return bot
    }

    private func finished(_ response: HTTPResponse, _ answer: Answer) throws -> HTTPResponse {
        guard let login = answer.login else { return response }
        return response.setting(try context.sessionCookie(login))
    }

    /// The page once more, saying what was wrong and what holds now.
    private func refused(
        _ refusal: Refusal, _ form: FormFields, _ answer: Answer
    ) async throws -> HTTPResponse {
        guard let scene = try await context.scene(id) else { throw refusal }
        var visitor = answer.visitor
        // The session that the PIN began: what follows is bound to it.
        if let login = answer.login, let session = try await context.identity.session(token: login.token.text)
        {
            visitor = .person(session)
        }
        var page = ProposalPage(context, scene, visitor, problem: Problem(refusal))
        page.typed = answer.fields
        if let bot = answer.pausedBot {
            page.addition = "The bot \(bot) is paused all the same."
        }
        if case .holder = visitor { page.explain(refusal) }
        return try finished(page.response, answer)
    }
}

extension JSONFault {
    /// What is wrong with a text that no terminal or log should be given.
    static let controlCharacters = "must not contain control characters; type it again instead of pasting it"
}

extension RefusalCode {
    /// Whether somebody or something else settled the proposal first.
    var isTooLate: Bool { [.alreadyDecided, .expired, .halted].contains(self) }
}

extension ProposalPage {
    /// Says at the field for the PIN what is wrong with it.
    fileprivate mutating func explain(_ refusal: Refusal) {
        switch refusal.code {
        case .wrongPIN:
            let left = refusal.facts["attempts_left"]?.intValue
            let rest =
                switch left {
                case 0: "That was one too many: it is locked now."
                case 1: "One more try is left before it is locked."
                case .some(let left): "\(left) tries are left before it is locked."
                case nil: ""
                }
            pinFault = "The PIN is wrong. \(rest)"
            problem?.detail = "The PIN is wrong, so nothing was decided. \(rest)"
            problem?.faults = [JSONFault(pointer: "/pin", detail: "type it again")]
        case .locked: pinFault = refusal.detail
        case .validation:
            pinFault = refusal.faults.contains { $0.pointer == "/pin" } ? "Type your PIN to decide." : nil
        default: break
        }
    }
}
