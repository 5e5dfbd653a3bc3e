import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// What people must hear of: the list, and each alert at its own address and behind a personal link.
    mutating func addAlertPages() {
        let context = context
        memberPage(.get, "/alerts") { request, session in try await alerts(context, request, session) }
        page(.get, "/alerts/{id}") { request in
            let id = request.parameters["id"].flatMap(Identifier.init)
            let visitor = try await context.alertVisitor(request, of: id)
            if case .stranger = visitor { return context.toLogin(request) }
            guard let id else { throw Refusal.notFound("alert") }
            return try await AlertPage(context: context, id: id, visitor: visitor).response()
        }
        page(.post, "/alerts/{id}") { request in
            guard let id = request.parameters["id"].flatMap(Identifier.init) else {
                return context.toLogin(request)
            }
            let holder = try await context.holder(of: request, for: id, .alert)
            return try await AcknowledgementForm(context, request, id, holder: holder).submit()
        }
    }
}

private func alerts(
    _ context: WebContext, _ request: HTTPRequest, _ session: SessionRecord
) async throws -> HTTPResponse {
    var query = QueryReader(request)
    let filter = AlertFilter(
        standing: query.choice("state", AlertFilter.Standing.self),
        priority: query.choice("priority", AlertPriority.self), type: query.text("type"))
    let (limit, before) = query.page()
    var problem: Problem?
    do {
        try query.finish()
    } catch let refusal as Refusal {
        problem = Problem(refusal)
    }
    let isGood = problem == nil
    let (list, surroundings): (AlertList, Surroundings) = try await context.gate.pool.withSnapshot {
        database in
        var list = AlertList(filter: filter, limit: limit, before: before)
        if isGood { try list.load(in: database) }
        return (list, try Surroundings.load(in: database))
    }
    var values = list.values(context, session, surroundings.now)
    values["LIVE_ADDRESS"] = .text(isGood ? "/alerts/live?after=\(surroundings.journalID)" : "")
    if let problem { values = values.merging(problem.values) }
    return try context.page(
        "alerts.html", isGood ? "Alerts" : "Error: Alerts", values, visitor: .person(session),
        around: surroundings, current: "/alerts", status: problem?.status ?? 200)
}

/// The alerts that the page shows: what is open, and a page of what is over.
private struct AlertList: Sendable {
    let filter: AlertFilter
    let limit: Int
    let before: Int?
    private var open: [AlertRecord] = []
    private var past: [AlertRecord] = []

    init(filter: AlertFilter, limit: Int, before: Int?) {
        self.filter = filter
        self.limit = limit
        self.before = before
    }

    mutating func load(in session: PostgresSession) throws {
        if before == nil { open = try openAlerts(filter, in: session) }
        past = try pastAlerts(filter, before: before, limit: limit + 1, in: session)
    }

    func values(_ context: WebContext, _ session: SessionRecord, _ now: Timestamp) -> TemplateValues {
        let canAcknowledge = session.person.role.canDecide
        let page = past.prefix(limit)
        let next = past.count > limit ? page.last?.sequence : nil
        return [
            "LEAD": .text(lead(open, filter, isLater: before != nil)), "HAS_OPEN": .shown(!open.isEmpty),
            "OPEN": .sections(
                open.map { alert in
                    let nonce = context.nonce(.person(session), AcknowledgementForm.purpose, alert.id.text)
                    return alert.values(now).merging([
                        "CAN_ACKNOWLEDGE": .shown(canAcknowledge && alert.state == .raised),
                        "NONCE": .text(nonce),
                    ])
                }),
            "HAS_PAST": .shown(!page.isEmpty), "PAST": .sections(page.map { $0.values(now) }),
            "STATES": .sections(choices(AlertFilter.Standing.self, filter.standing)),
            "PRIORITIES": .sections(choices(AlertPriority.self, filter.priority)),
            "TYPE": .text(filter.type ?? ""), "IS_FILTERED": .shown(filter != AlertFilter()),
            "HAS_PAGER": .shown(next != nil || before != nil), "IS_LATER": .shown(before != nil),
            "NEXT_CURSOR": .text(next.map(Cursor.text) ?? ""),
            "STATE_CHOSEN": .text(filter.standing?.rawValue ?? ""),
            "PRIORITY_CHOSEN": .text(filter.priority?.rawValue ?? ""),
        ]
    }
}

/// What is open, the most pressing first.
private func openAlerts(_ filter: AlertFilter, in session: PostgresSession) throws -> [AlertRecord] {
    guard filter.standing != .resolved else { return [] }
    var filter = filter
    filter.standing = filter.standing ?? .open
    return try AlertQueries.list(filter, before: nil, limit: 200, in: session).sorted { left, right in
        if (left.state == .raised) != (right.state == .raised) { return left.state == .raised }
        if left.priority != right.priority { return left.priority > right.priority }
        return left.sequence > right.sequence
    }
}

private func pastAlerts(
    _ filter: AlertFilter, before: Int?, limit: Int, in session: PostgresSession
) throws -> [AlertRecord] {
    guard filter.standing == nil || filter.standing == .resolved else { return [] }
    var filter = filter
    filter.standing = .resolved
    return try AlertQueries.list(filter, before: before, limit: limit, in: session)
}

private func lead(_ open: [AlertRecord], _ filter: AlertFilter, isLater: Bool) -> String {
    if isLater { return "Older alerts, which are over." }
    let waiting = open.count { $0.state == .raised }
    let found = filter == AlertFilter() ? "" : " of this kind"
    switch (waiting, open.count) {
    case (0, 0): return "Nothing\(found) is open."
    case (0, let count): return "\(counted(count, "alert", "alerts"))\(found) open, all acknowledged."
    case (let waiting, _):
        return "\(counted(waiting, "alert waits", "alerts wait"))\(found) for somebody to take note."
    }
}

private func choices<Choice: RawRepresentable & CaseIterable & Equatable>(
    _ type: Choice.Type, _ chosen: Choice?
) -> [TemplateValues] where Choice.RawValue == String {
    Choice.allCases.map { choice in
        [
            "VALUE": .text(choice.rawValue), "LABEL": .text(choice.rawValue),
            "IS_CHOSEN": .shown(choice == chosen),
        ]
    }
}

extension AlertRecord {
    /// The alert as lists and its own page show it.
    func values(_ now: Timestamp) -> TemplateValues {
        let age = DurationText.short(seconds: now.seconds(since: raisedAt))
        return [
            "ALERT_ID": .text(id.text), "ADDRESS": .text("/alerts/\(id)"), "ALERT_TITLE": .text(title),
            "PRIORITY": .text(priority.rawValue), "PRIORITY_CLASS": .text(priority.badge),
            "STATE": .text(state.rawValue), "STATE_CLASS": .text(state.badge),
            "TYPE_WORDS": .text(type.spaced),
            "DETAIL": .sections(
                detail.split(separator: "\n", omittingEmptySubsequences: true).prefix(40).map {
                    ["LINE": .text(String($0))]
                }),
            "RAISED": .text("\(raisedAt.newYorkWords), \(age) ago"),
            "RAISED_TABLE": .text(raisedAt.tableWords),
            "SOURCE": .text(source == AlertDraft.system ? "" : actorWords(source)),
            "REPEATS": .text(
                repeats == 0 ? "" : "\(counted(repeats, "time", "times")), last \(lastRaisedAt.newYorkWords)"),
            "ACKNOWLEDGED": .text(
                acknowledgedAt.map { "\(actorWords(acknowledgedBy)), \($0.newYorkWords)" } ?? ""),
            "COMMENT": .text(comment ?? ""),
            "RESOLVED": .text(resolvedAt?.newYorkWords ?? ""),
            "RESOLVED_TABLE": .text(resolvedAt?.tableWords ?? ""),
            "RESOLVED_BY": .text(resolvedBy == AlertDraft.system ? "" : actorWords(resolvedBy)),
            "REASON": .text(resolveReason ?? ""),
            "PLACE": .text(place?.address ?? ""), "PLACE_WORDS": .text(place?.words ?? ""),
        ]
    }

    /// Where to look at what it is about.
    private var place: (address: String, words: String)? {
        guard let subject else { return nil }
        if subject.hasPrefix("halt:") { return ("/halts", "See what is stopped") }
        if subject.hasPrefix("channel:") { return ("/deliveries", "See the deliveries") }
        if subject.hasPrefix("limit:") || subject.hasPrefix("breaker:") {
            return ("/risk", "See the limits")
        }
        if subject == "worker" { return ("/risk", "See who watches") }
        if subject.hasPrefix("symbol:") || subject == "account" { return ("/positions", "See the positions") }
        if subject.hasPrefix("order:") {
            return ("/orders/\(subject.dropFirst("order:".count))", "See the order")
        }
        return nil
    }
}

extension AlertPriority {
    fileprivate var badge: String {
        switch self {
        case .info: "info"
        case .high: "warn"
        case .critical, .emergency: "bad"
        }
    }
}

extension AlertState {
    fileprivate var badge: String {
        switch self {
        case .raised: "warn"
        case .acknowledged: "info"
        case .resolved: "good"
        }
    }
}

extension String {
    /// `stop_loss_hit` as people read it.
    fileprivate var spaced: String { split(separator: "_").joined(separator: " ") }
}

extension WebContext {
    /// Who looks at an alert: somebody logged in, else the holder of its link.
    func alertVisitor(_ request: HTTPRequest, of id: Identifier?) async throws -> Visitor {
        if let session = try await session(of: request) { return .person(session) }
        guard let id, let holder = try await holder(of: request, for: id, .alert) else { return .stranger }
        return .holder(holder)
    }

    /// Whether there is such an alert.
    func hasAlert(_ id: Identifier) async throws -> Bool {
        try await gate.pool.withSnapshot { session in try AlertStore.find(id, in: session) != nil }
    }
}
