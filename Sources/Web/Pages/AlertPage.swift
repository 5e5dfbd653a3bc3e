import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

/// The page of one alert, for somebody logged in or the holder of its link.
struct AlertPage {
    let context: WebContext
    let id: Identifier
    let visitor: Visitor
    var problem: Problem?
    var comment = ""
    var pinFault: String?

    /// A link gets passed on: its holder sees what the message said.
    func response() async throws -> HTTPResponse {
        let id = id
        let found: (AlertRecord, Surroundings)? = try await context.gate.pool.withSnapshot { session in
            try AlertStore.find(id, in: session).map { ($0, try Surroundings.load(in: session)) }
        }
        guard let (alert, surroundings) = found else { throw Refusal.notFound("alert") }
        let isHolder = visitor.session == nil
        var values = alert.values(surroundings.now).merging([
            "CAN_ACKNOWLEDGE": .shown(person.map { $0.role.canDecide } ?? false && alert.state == .raised),
            "IS_HOLDER": .shown(isHolder),
            "NONCE": .text(context.nonce(visitor, AcknowledgementForm.purpose, id.text)),
            "PIN_LABEL": .text(person.map { "PIN or password of \($0.name)" } ?? "PIN"),
            "PIN_FAULT": .text(pinFault ?? ""), "COMMENT_TYPED": .text(comment),
            "COMMENT_FAULT": .text(fault("/comment") ?? ""),
            "EVIDENCE": .sections(isHolder ? [] : alert.facts), "IS_MEMBER": .shown(!isHolder),
        ])
        if let problem { values = values.merging(problem.values) }
        return try context.page(
            "alert.html", (problem == nil ? "" : "Error: ") + alert.title, values, visitor: visitor,
            around: surroundings, current: "/alerts", status: problem?.status ?? 200)
    }

    private var person: Person? {
        switch visitor {
        case .person(let session): session.person
        case .holder(let holder): holder.person
        case .stranger: nil
        }
    }

    private func fault(_ pointer: String) -> String? {
        problem?.faults.first { $0.pointer == pointer }.map { "The \(pointer.dropFirst()) \($0.detail)." }
    }
}

extension AlertRecord {
    /// What was measured, as far as it is plain values.
    fileprivate var facts: [TemplateValues] {
        AlertEvidence.facts(evidence).prefix(40).map { fact in
            let name = fact.key.split(separator: "_").joined(separator: " ")
            return [
                "FACT": .text(String(name.prefix(64))), "FACT_VALUE": .text(String(fact.text.prefix(500))),
            ]
        }
    }
}

/// Somebody takes note of an alert: a session, or the PIN of the link's person on the same form.
struct AcknowledgementForm {
    static let purpose = "acknowledge"

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
        let comment = form.first("comment") ?? ""
        var login: Login?
        do {
            try requireGood(comment)
            if case .holder(let holder) = visitor { login = try await prove(form, holder) }
            guard let person = login?.person ?? visitor.session?.person else { throw WebContext.staleForm }
            _ = try await Alerts(context.gate).acknowledge(
                id, comment: comment.isBlank ? nil : comment, by: person)
            let address = form.first("return") == "list" ? "/alerts" : "/alerts/\(id)"
            return try finished(.redirect(to: address), login)
        } catch let refusal as Refusal {
            return try await refused(refusal, visitor, comment, login)
        }
    }

    private func requireGood(_ comment: String) throws {
        var faults: [JSONFault] = []
        if comment.unicodeScalars.count > AlertDraft.Bounds.commentCharacters {
            faults.append(
                JSONFault(
                    pointer: "/comment",
                    detail: "must have at most \(AlertDraft.Bounds.commentCharacters) characters"))
        }
        if !JSONReader.isText(comment) {
            faults.append(JSONFault(pointer: "/comment", detail: JSONFault.controlCharacters))
        }
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
    }

    private func prove(_ form: FormFields, _ holder: LinkHolder) async throws -> Login {
        let pin = form.first("pin") ?? ""
        guard !pin.isEmpty else {
            throw Refusal.invalid([JSONFault(pointer: "/pin", detail: "is needed to acknowledge")])
        }
        return try await context.identity.login(
            .id(holder.person.id), pin: pin, from: request.remoteAddress,
            replacing: request.cookie(context.cookies.session), byLink: true)
    }

    private func finished(_ response: HTTPResponse, _ login: Login?) throws -> HTTPResponse {
        guard let login else { return response }
        return response.setting(try context.sessionCookie(login))
    }

    private func refused(
        _ refusal: Refusal, _ visitor: Visitor, _ comment: String, _ login: Login?
    ) async throws -> HTTPResponse {
        var visitor = visitor
        if let login, let session = try await context.identity.session(token: login.token.text) {
            visitor = .person(session)
        }
        var page = AlertPage(
            context: context, id: id, visitor: visitor, problem: Problem(refusal), comment: comment)
        switch refusal.code {
        case .wrongPIN, .locked: page.pinFault = refusal.detail
        case .validation:
            page.pinFault =
                refusal.faults.contains { $0.pointer == "/pin" } ? "Type your PIN to acknowledge." : nil
        default: break
        }
        return try finished(try await page.response(), login)
    }
}
