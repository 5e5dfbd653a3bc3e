import Domain
import Gate
import HTTPServer
import Postgres
import Store
import Templates

extension RouteTable {
    /// A page for people who are logged in; others are asked who they are.
    mutating func memberPage(
        _ method: HTTPMethod, _ path: String,
        _ body: @escaping @Sendable (HTTPRequest, SessionRecord) async throws -> HTTPResponse
    ) {
        let context = context
        page(method, path) { request in
            guard let session = try await context.session(of: request) else {
                return method == .get ? context.toLogin(request) : .redirect(to: "/login")
            }
            do {
                return try await body(request, session)
            } catch {
                return context.errorPage(
                    context.problem(error, request), request, visitor: .person(session))
            }
        }
    }

    /// The first page: what waits for whoever looks.
    mutating func addInbox() {
        let context = context
        memberPage(.get, "/") { request, session in try await inbox(context, session) }
    }
}

private let shownAtOnce = 100

private struct Inbox: Sendable {
    let waiting: [ProposalView]
    let status: DeploymentStatus
    let surroundings: Surroundings
    /// How many of those shown reached nobody by message.
    let unheard: Int
}

private func inbox(_ context: WebContext, _ session: SessionRecord) async throws -> HTTPResponse {
    let found = try await context.gate.pool.withSession { database in
        let records = try ProposalQueries.waiting(limit: shownAtOnce, in: database)
        let decisions = Dictionary(
            grouping: try DecisionStore.list(for: records.map(\.id), in: database), by: \.proposalID)
        return Inbox(
            waiting: records.map { ProposalView(record: $0, decisions: decisions[$0.id] ?? []) },
            status: try StatusStore.read(in: database), surroundings: try Surroundings.load(in: database),
            unheard: try ApprovalNoticeStore.unheard(among: records.map(\.id), in: database).count)
    }
    let count = max(
        found.waiting.count, found.waiting.count < shownAtOnce ? 0 : found.status.pendingProposals)
    var values: TemplateValues = [
        "HAS_ITEMS": .shown(!found.waiting.isEmpty),
        "COUNT_WORDS": .text(counted(count, "proposal waits", "proposals wait")),
        "ITEMS": .sections(
            found.waiting.map { $0.cardValues(for: session.person, now: found.surroundings.now) }),
        "UNHEARD": .text(found.unheard == 0 ? "" : UnheardWords.inbox(found.unheard)),
        "MORE": .text(
            count > found.waiting.count
                ? "The \(found.waiting.count) with the nearest deadlines are shown." : ""),
    ]
    values = values.merging(found.status.values(found.surroundings))
    return try context.page(
        "inbox.html", "Inbox", values, visitor: .person(session), around: found.surroundings, current: "/")
}

extension ProposalView {
    fileprivate func cardValues(for person: Person, now: Timestamp) -> TemplateValues {
        let left = max(0, record.expiresAt.seconds(since: now))
        let warnings = findings.having(.warn).count
        return [
            "ADDRESS": .text("/proposals/\(record.id)"), "HEADLINE": .text(record.terms.headline),
            "ABOUT": .text("about \(record.notional.money)"), "BOT": .text(record.proposerName),
            "STRATEGY": .text(record.notes.strategy), "CHECK_CODE": .text(record.checkCode),
            "DEADLINE": .text(record.expiresAt.rfc3339),
            "DEADLINE_CLOCK": .text(record.expiresAt.newYorkClock),
            "LEFT": .text(durationWords(seconds: left)), "LEFT_SECONDS": .text("\(left)"),
            "VOTES_WORDS": .text(
                "\(approvals) of \(counted(record.approvalsRequired, "approval", "approvals"))"),
            "WARNINGS": .text(warnings == 0 ? "" : counted(warnings, "warning", "warnings")),
            "IS_OWN": .shown(record.proposerUserID == person.id),
            "HAS_VOTED": .shown(decisions.contains { $0.userID == person.id }),
        ]
    }
}

extension DeploymentStatus {
    fileprivate func values(_ surroundings: Surroundings) -> TemplateValues {
        [
            "TRADING": .text(tradingWords(surroundings)), "WORKER": .text(workerWords),
            "ACCOUNT_AGE": .text(
                accountReceivedAt.map {
                    "\(durationWords(seconds: max(1, now.seconds(since: $0)))) old"
                } ?? "none yet: no worker has reported the account"),
            "OPEN_ORDERS": .text("\(openOrders)"),
        ]
    }

    private func tradingWords(_ surroundings: Surroundings) -> String {
        if policyVersion == nil { return "nothing is allowed: no policy is applied" }
        return surroundings.halts.isEmpty ? "active" : surroundings.tradingState.title
    }

    private var workerWords: String {
        guard let worker else { return "none has reported yet; approved orders wait for one" }
        let age = durationWords(seconds: max(1, now.seconds(since: worker.lastSeenAt)))
        return worker.isActive
            ? "\(worker.id), seen \(age) ago" : "away: \(worker.id) was last seen \(age) ago"
    }
}
