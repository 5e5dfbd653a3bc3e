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
                return await context.errorPage(context.problem(error, request), request, session)
            }
        }
    }

    /// The first page: what waits for whoever looks.
    mutating func addInbox() {
        let context = context
        memberPage(.get, "/") { request, session in
            try await InboxPage(context: context, session: session).response(request)
        }
    }
}

/// The inbox as one person sees it.
private struct InboxPage {
    private static let shownAtOnce = 50

    let context: WebContext
    let session: SessionRecord

    private struct Content: Sendable {
        let waiting: [WaitingProposal]
        let hasMore: Bool
        let status: DeploymentStatus
        let surroundings: Surroundings
        /// How many of those shown reached nobody by message.
        let unheard: Int
        let prices: PresentPrices
    }

    func response(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let place = query.deadlinePlace()
        try query.finish()
        let found = try await context.gate.pool.withSnapshot { database in
            var batch = PostgresBatch()
            let waiting = batch.add(
                WaitingProposals.list(after: place, limit: Self.shownAtOnce + 1, for: session.person.id))
            let status = batch.add(StatusStore.read)
            let surroundings = Surroundings.Questions(in: &batch)
            let answers = try database.run(batch)
            let found = try waiting(answers)
            let shown = Array(found.prefix(Self.shownAtOnce))
            var further = PostgresBatch()
            let unheard = further.add(ApprovalNoticeStore.unheard(among: shown.map(\.id)))
            let prices = PresentPrices.Questions(Set(shown.map(\.terms.symbol)), in: &further)
            let more = try database.run(further)
            return Content(
                waiting: shown, hasMore: found.count > shown.count, status: try status(answers),
                surroundings: try Surroundings(surroundings, answers), unheard: try unheard(more).count,
                prices: try PresentPrices(prices, more))
        }
        let next = found.hasMore ? found.waiting.last : nil
        let values: TemplateValues = [
            "TITLE_WORDS": .text(title(found, isLater: place != nil)),
            "EMPTY_WORDS": .text(emptyWords(isLater: place != nil)),
            "HAS_ITEMS": .shown(!found.waiting.isEmpty),
            "ITEMS": .sections(
                found.waiting.map {
                    let warnings = found.prices.warnings(of: $0, now: found.surroundings.now)
                    return $0.cardValues(
                        for: session.person, warnings: warnings, now: found.surroundings.now)
                }),
            "ALERTS_WORDS": .text(found.surroundings.alerts.sentence),
            "ALERTS_CLASS": .text(found.surroundings.alerts.isPressing ? "bad" : "warn"),
            "UNHEARD": .text(found.unheard == 0 ? "" : UnheardWords.inbox(found.unheard)),
            "HAS_PAGER": .shown(place != nil || found.hasMore), "IS_LATER": .shown(place != nil),
            "NEXT_CURSOR": .text(next.map { Cursor.text($0.expiresAt, $0.sequence) } ?? ""),
            "LIVE_ADDRESS": .text("/live?after=\(found.surroundings.journalID)"),
        ]
        return try context.page(
            "inbox.html", "Inbox", values.merging(found.status.values(found.surroundings)),
            visitor: .person(session), around: found.surroundings, current: "/")
    }

    private func title(_ found: Content, isLater: Bool) -> String {
        let count =
            found.hasMore || isLater ? found.status.pendingProposals : found.waiting.count
        guard count > 0 else { return "Nothing waits for you" }
        let words = counted(count, "proposal waits", "proposals wait")
        return session.person.role.canDecide ? "\(words) for you" : "\(words) for a decision"
    }

    private func emptyWords(isLater: Bool) -> String {
        isLater
            ? "Nothing waits with a later deadline."
            : "When a bot proposes a trade, it appears here, and you are asked by message. What was decided is in the history."
    }
}

extension WaitingProposal {
    fileprivate func cardValues(for person: Person, warnings: Int, now: Timestamp) -> TemplateValues {
        let left = max(0, expiresAt.seconds(since: now))
        return [
            "ADDRESS": .text("/proposals/\(id)"), "CARD_ID": .text("card-\(sequence)"),
            "HEADLINE": .text(terms.headline), "ABOUT": .text("about \(notional.money)"),
            "BOT": .text(proposerName),
            "STRATEGY": .text(strategy), "CHECK_CODE": .text(checkCode),
            "DEADLINE": .text(expiresAt.rfc3339),
            "DEADLINE_CLOCK": .text(expiresAt.newYorkClock),
            "LEFT": .text(DurationText.short(seconds: left)), "LEFT_SECONDS": .text("\(left)"),
            "IS_URGENT": .shown(left < 300),
            "VOTES_WORDS": .text("\(approvals) of \(counted(approvalsRequired, "approval", "approvals"))"),
            "WARNINGS": .text(warnings == 0 ? "" : counted(warnings, "warning", "warnings")),
            "MARK": .text(mark(for: person)),
        ]
    }

    /// Why it does not wait for this person; empty where it does.
    private func mark(for person: Person) -> String {
        if proposerUserID == person.id { return "your own: somebody else decides" }
        return hasDecided ? "you have decided" : ""
    }
}

extension DeploymentStatus {
    fileprivate func values(_ surroundings: Surroundings) -> TemplateValues {
        [
            "TRADING": .text(tradingWords(surroundings)), "WORKER": .text(workerWords),
            "ACCOUNT_AGE": .text(
                accountReceivedAt.map {
                    "\(DurationText.short(seconds: max(1, now.seconds(since: $0)))) old"
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
        let age = DurationText.short(seconds: max(1, now.seconds(since: worker.lastSeenAt)))
        return worker.isActive
            ? "\(worker.id), seen \(age) ago" : "away: \(worker.id) was last seen \(age) ago"
    }
}
