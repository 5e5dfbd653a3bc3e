import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// The page of a proposal, at its own address and behind a personal link.
    mutating func addProposalPages() {
        let context = context
        page(.get, "/proposals/{id}") { request in
            let id = request.parameters["id"].flatMap(Identifier.init)
            let visitor = try await context.visitor(request, of: id)
            if case .stranger = visitor { return context.toLogin(request) }
            guard let id, let scene = try await context.scene(id) else { throw Refusal.notFound("proposal") }
            return try await ProposalPage(context, scene, visitor).notingLink(of: request).response
        }
        page(.get, "/r/{token}") { request in
            let token = request.parameters["token"] ?? ""
            guard let holder = try await context.holder(token: token) else { throw deadLink }
            // On to a clean address: what stands in the address bar ends up in histories and screen shots.
            let id = holder.link.proposalID
            let seconds = min(
                max(60, holder.link.expiresAt.seconds(since: context.dependencies.now())), 7 * 86_400)
            return HTTPResponse.redirect(to: "/proposals/\(id)")
                .setting(try context.cookies.setLink(token, proposalID: id, lifetimeSeconds: seconds))
        }
        page(.post, "/proposals/{id}") { request in
            guard let id = request.parameters["id"].flatMap(Identifier.init) else {
                return context.toLogin(request)
            }
            let holder = try await context.holder(of: request, for: id)
            return try await DecisionForm(context, request, id, holder: holder).submit()
        }
        page(.post, "/r/{token}") { request in
            guard let holder = try await context.holder(token: request.parameters["token"] ?? "") else {
                throw deadLink
            }
            return try await DecisionForm(context, request, holder.link.proposalID, holder: holder).submit()
        }
        page(.post, "/proposals/{id}/revoke") { request in try await revoke(context, request) }
    }
}

/// One answer for links that are forged, old or of people who left: nobody learns which.
private let deadLink = Problem(
    slug: "not-found", title: "This link opens nothing", status: 404,
    detail:
        "It is incomplete, or its time is over. Open the newest message, or log in to see what waits for you."
)

private func revoke(_ context: WebContext, _ request: HTTPRequest) async throws -> HTTPResponse {
    try context.requireOwnForm(request)
    guard let session = try await context.session(of: request) else { return context.toLogin(request) }
    guard let id = request.parameters["id"].flatMap(Identifier.init) else {
        throw Refusal.notFound("proposal")
    }
    let form = try request.form()
    let visitor = Visitor.person(session)
    guard context.isGood(form.first("nonce"), visitor, "revoke", id.text) else { throw WebContext.staleForm }
    let reason = form.first("reason").flatMap { $0.isBlank ? nil : String($0.prefix(TextLimits.reason)) }
    do {
        guard JSONReader.isText(reason ?? "") else {
            throw Refusal.invalid([JSONFault(pointer: "/reason", detail: JSONFault.controlCharacters)])
        }
        _ = try await context.revoking.revoke(id, reason: reason, by: session.person)
    } catch let refusal as Refusal {
        guard let scene = try await context.scene(id) else { throw refusal }
        return try ProposalPage(context, scene, visitor, problem: Problem(refusal)).response
    }
    return .redirect(to: "/proposals/\(id)")
}

extension WebContext {
    /// Who looks at the page of a proposal: somebody logged in, else the holder of its link.
    func visitor(_ request: HTTPRequest, of id: Identifier?) async throws -> Visitor {
        if let session = try await session(of: request) { return .person(session) }
        guard let id, let holder = try await holder(of: request, for: id) else { return .stranger }
        return .holder(holder)
    }

    /// Asks who it is, and comes back here afterwards.
    func toLogin(_ request: HTTPRequest) -> HTTPResponse {
        let next = localAddress(request.path)
        return .redirect(to: next == "/" ? "/login" : "/login?next=\(next)")
    }
}

/// The page of one proposal as one visitor sees it.
struct ProposalPage {
    let context: WebContext
    let scene: ProposalScene
    let visitor: Visitor
    var problem: Problem?
    /// What was typed into the form before it came back.
    var typed = DecisionForm.Fields()
    var pinFault: String?
    var linkWords: String?

    init(
        _ context: WebContext, _ scene: ProposalScene, _ visitor: Visitor, problem: Problem? = nil
    ) {
        self.context = context
        self.scene = scene
        self.visitor = visitor
        self.problem = problem
    }

    /// The same page, saying so where the link in the browser is somebody else's.
    func notingLink(of request: HTTPRequest) async throws -> ProposalPage {
        guard let session = visitor.session,
            let holder = try await context.holder(of: request, for: scene.record.id),
            holder.person.id != session.person.id
        else { return self }
        var page = self
        page.linkWords =
            "The link you opened was sent to \(holder.person.name). You are logged in as \(session.person.name), "
            + "and what you decide counts as yours."
        return page
    }

    var response: HTTPResponse {
        get throws {
            var values = scene.essentials
            switch visitor {
            case .person:
                values = values.merging(scene.particulars).merging(ProposalOutcome(scene: scene).values)
                values["UNHEARD"] = .text(scene.isOpen && scene.isUnheard ? UnheardWords.proposal : "")
            case .holder:
                values = values.merging(scene.messageExcerpt)
                    .merging(ProposalOutcome(scene: scene).bareValues)
            case .stranger: break
            }
            values = values.merging(formValues).merging(revokeValues)
            values["LINK_WORDS"] = .text(linkWords ?? holderWords)
            if let problem { values = values.merging(problem.values) }
            let title = scene.record.terms.headline
            return try context.page(
                "proposal.html", problem == nil ? title : "Error: \(title)", values, visitor: visitor,
                around: scene.surroundings, status: problem?.status ?? 200)
        }
    }

    private var holderWords: String {
        guard case .holder(let holder) = visitor else { return "" }
        return scene.isOpen
            ? "This link is for \(holder.person.name). All reasons, the account's figures and the votes show once you "
                + "have proved who you are."
            : "Log in to see who decided and what became of it."
    }

    private var formValues: TemplateValues {
        guard scene.isOpen, let decider else { return [:] }
        let record = scene.record
        let obstacle = scene.obstacle(tellsReasons: visitor.session != nil)
        var values: TemplateValues = [
            "CAN_DECIDE": .shown(true), "CAN_APPROVE": .shown(obstacle == nil),
            "NO_APPROVE_WORDS": .text(obstacle ?? ""), "DECIDER_WORDS": .text(decider.words),
            "FORM_ADDRESS": .text("/proposals/\(record.id)"),
            "NONCE": .text(context.nonce(visitor, DecisionForm.purpose, record.id.text)),
            "COMMENT": .text(typed.comment), "QTY_GIVEN": .text(typed.qty),
            "EFFECT": .text(effectWords),
        ]
        for (field, words) in [("qty", "quantity"), ("comment", "comment")] {
            if let fault = problem?.faults.first(where: { $0.pointer == "/\(field)" }) {
                values["\(field.uppercased())_FAULT"] = .text("The \(words) \(fault.detail).")
            }
        }
        if case .holder(let holder) = visitor {
            values["ASKS_PIN"] = .shown(true)
            values["PIN_LABEL"] = .text("PIN of \(holder.person.name)")
            values["PIN_FAULT"] = .text(pinFault ?? "")
        }
        return values
    }

    private var effectWords: String {
        let terms = scene.record.terms
        let needed = scene.record.approvalsRequired - scene.view.approvals
        let first =
            needed > 1
            ? "It counts as one of \(needed) approvals that are still needed. With the last one, "
            : "It "
        return first
            + "sends this exact order (\(terms.headline)) once to the execution worker, which checks it again "
            + "and passes it to the broker\(context.mode == .live ? ", with real money" : " (paper account)"). "
            + "It cannot be called back once the worker has taken it."
    }

    /// Who would decide; nil where this visitor cannot.
    private var decider: (person: Person, words: String)? {
        let person: Person
        switch visitor {
        case .person(let session): person = session.person
        case .holder(let holder): person = holder.person
        case .stranger: return nil
        }
        guard person.role.canDecide, scene.record.proposerUserID != person.id,
            !scene.view.decisions.contains(where: { $0.userID == person.id })
        else { return nil }
        return (person, "You decide as \(person.name).")
    }

    private var revokeValues: TemplateValues {
        guard let session = visitor.session, session.person.role.canDecide,
            scene.record.state == .approved || scene.order?.record.state == .released
        else { return [:] }
        let id = scene.record.id
        return [
            "CAN_REVOKE": .shown(true), "REVOKE_ADDRESS": .text("/proposals/\(id)/revoke"),
            "REVOKE_NONCE": .text(context.nonce(visitor, "revoke", id.text)),
        ]
    }
}
