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
    let filter = ProposalFilter(
        state: query.choice("state", ProposalState.self), symbol: query.text("symbol")?.uppercased(),
        strategy: query.text("strategy"))
    let (limit, before) = query.page()
    try query.finish()
    let caller = Caller.person(session.person, method: .session, keyID: nil)
    let found = try await context.proposals.list(filter, before: before, limit: limit, for: caller)
    let surroundings = try await context.gate.pool.withSession { try Surroundings.load(in: $0) }
    let values: TemplateValues = [
        "STATES": .sections(
            ProposalState.allCases.map { state in
                [
                    "VALUE": .text(state.rawValue), "LABEL": .text(state.word),
                    "IS_CHOSEN": .shown(state == filter.state),
                ]
            }),
        "STATE_CHOSEN": .text(filter.state?.rawValue ?? ""), "SYMBOL": .text(filter.symbol ?? ""),
        "STRATEGY": .text(filter.strategy ?? ""), "HAS_ITEMS": .shown(!found.items.isEmpty),
        "ITEMS": .sections(found.items.map(\.rowValues)),
        "NEXT_CURSOR": .text(found.next.map(Cursor.text) ?? ""),
    ]
    return try context.page(
        "history.html", "History", values, visitor: .person(session), around: surroundings,
        current: "/history")
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
