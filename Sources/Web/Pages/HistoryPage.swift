import Domain
import Gate
import HTTPServer
import Postgres
import Store
import Templates

extension RouteTable {
    /// All proposals that ever were, newest first.
    mutating func addHistory() {
        let context = context
        memberPage(.get, "/history") { request, session in
            try await history(context, request, session)
        }
    }
}

private func history(
    _ context: WebContext, _ request: HTTPRequest, _ session: SessionRecord
) async throws -> HTTPResponse {
    var query = QueryReader(request)
    let asked = HistoryFilter(&query)
    let (limit, before) = query.page()
    var problem: Problem?
    do {
        try query.finish()
    } catch let refusal as Refusal {
        problem = Problem(refusal)
    }
    let caller = Caller.person(session.person, method: .session, keyID: nil)
    let found: (items: [ProposalView], next: Int?) =
        problem == nil
        ? try await context.proposals.list(asked.filter, before: before, limit: limit, for: caller)
        : ([], nil)
    let surroundings = try await context.gate.pool.withSnapshot { try Surroundings.load(in: $0) }
    var values = asked.values.merging([
        "HAS_ITEMS": .shown(!found.items.isEmpty), "ITEMS": .sections(found.items.map(\.rowValues)),
        "HAS_PAGER": .shown(found.next != nil || before != nil), "IS_LATER": .shown(before != nil),
        "NEXT_CURSOR": .text(found.next.map(Cursor.text) ?? ""),
        "EMPTY_WORDS": .text(
            problem != nil
                ? "" : asked.isEmpty ? "No bot has proposed anything yet." : "No proposal fits all of this."),
    ])
    if let problem { values = values.merging(problem.values) }
    return try context.page(
        "history.html", problem == nil ? "History" : "Error: History", values, visitor: .person(session),
        around: surroundings, current: "/history", status: problem?.status ?? 200)
}

/// What the history is narrowed down to.
private struct HistoryFilter {
    private(set) var filter = ProposalFilter()
    private var from: CalendarDate?
    private var to: CalendarDate?

    var isEmpty: Bool { filter == ProposalFilter() }

    init(_ query: inout QueryReader) {
        filter.state = query.choice("state", ProposalState.self)
        filter.symbol = query.text("symbol")?.uppercased()
        filter.strategy = query.text("strategy")
        filter.decider = query.text("by")
        from = query.date("from")
        to = query.date("to")
        if let from, let to, to < from {
            query.fault("to", "must not be before the first day")
        }
        filter.from = from.map { Zone.newYork.timestamp($0, hour: 0) }
        filter.before = to.map { Zone.newYork.timestamp($0.adding(days: 1), hour: 0) }
    }

    var values: TemplateValues {
        [
            "STATES": .sections(
                ProposalState.allCases.map { state in
                    [
                        "VALUE": .text(state.rawValue), "LABEL": .text(state.word),
                        "IS_CHOSEN": .shown(state == filter.state),
                    ]
                }),
            "STATE_CHOSEN": .text(filter.state?.rawValue ?? ""), "SYMBOL": .text(filter.symbol ?? ""),
            "STRATEGY": .text(filter.strategy ?? ""), "BY": .text(filter.decider ?? ""),
            "FROM": .text(from?.description ?? ""), "TO": .text(to?.description ?? ""),
            "IS_FILTERED": .shown(!isEmpty),
        ]
    }
}

extension ProposalView {
    fileprivate var rowValues: TemplateValues {
        let deciders = decisions.map(\.userName).joined(separator: ", ")
        return [
            "ADDRESS": .text("/proposals/\(record.id)"), "HEADLINE": .text(record.terms.headline),
            "ABOUT": .text("about \(record.notional.money)"), "BOT": .text(record.proposerName),
            "CREATED": .text(record.createdAt.tableWords), "STATE": .text(record.state.rawValue),
            "STATE_WORD": .text(record.state.word),
            "ORDER_STATE": .text(record.orderState.map { "order \($0.word)" } ?? ""),
            "DECIDED": .text(deciders.isEmpty ? actorWords(record.decidedBy) : deciders),
        ]
    }
}
