import Domain
import Gate
import HTTPServer
import JSON
import Store
import Templates

/// The page of one proposal as one visitor sees it.
struct ProposalPage {
    let context: WebContext
    let scene: ProposalScene
    let visitor: Visitor
    var problem: Problem?
    /// What was typed into the form before it came back.
    var typed = DecisionForm.Fields()
    var pinFault: String?
    /// What was done besides, though the decision came too late.
    var addition: String?
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
            values["LIVE_ADDRESS"] = .text(
                "/proposals/\(scene.record.id)/live?after=\(scene.surroundings.journalID)")
            if let problem { values = values.merging(inPlainWords(problem).values) }
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

    /// Who came too late reads who was first, when and what that means, in the page's own words.
    private func inPlainWords(_ problem: Problem) -> Problem {
        guard !scene.isOpen, visitor.session != nil,
            let code = RefusalCode(rawValue: problem.slug), code.isTooLate
        else { return problem }
        var told = problem
        told.title = "Too late: your decision did not count"
        told.detail = ProposalOutcome(scene: scene).sentence + (addition.map { " \($0)" } ?? "")
        return told
    }

    private var formValues: TemplateValues {
        guard scene.isOpen else { return [:] }
        guard let decider else {
            return ["CANNOT_WORDS": .text(cannotWords), "HAS_ASIDE": .shown(!cannotWords.isEmpty)]
        }
        let record = scene.record
        let obstacle = scene.obstacle(tellsReasons: visitor.session != nil)
        var values: TemplateValues = [
            "CAN_DECIDE": .shown(true), "HAS_ASIDE": .shown(true), "CAN_APPROVE": .shown(obstacle == nil),
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

    /// Why somebody logged in cannot decide on what is open.
    private var cannotWords: String {
        guard let person = visitor.session?.person else { return "" }
        if let own = scene.view.decisions.first(where: { $0.userID == person.id }) {
            return
                "You have \(own.verdict.past) it, \(own.decidedAt.newYorkWords). Somebody else decides next."
        }
        if scene.record.proposerUserID == person.id {
            return "You proposed it yourself, so somebody else decides."
        }
        return
            "You can look. Approvers, operators and administrators decide; an administrator gives out roles."
    }

    private var revokeValues: TemplateValues {
        guard let session = visitor.session, session.person.role.canDecide,
            scene.record.state == .approved || scene.order?.record.state == .released
        else { return [:] }
        let id = scene.record.id
        return [
            "CAN_REVOKE": .shown(true), "HAS_ASIDE": .shown(true),
            "REVOKE_ADDRESS": .text("/proposals/\(id)/revoke"),
            "REVOKE_NONCE": .text(context.nonce(visitor, "revoke", id.text)),
        ]
    }
}
