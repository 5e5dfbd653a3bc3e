import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// Orders, and the course of each.
    mutating func addOrderPages() {
        let context = context
        let orders = OrderReading(context.gate)
        memberPage(.get, "/orders") { request, session in
            var query = QueryReader(request)
            let state = query.choice("state", OrderState.self)
            let symbol = query.text("symbol")?.uppercased()
            let (limit, before) = query.page()
            try query.finish()
            let found = try await orders.list(
                states: state.map { [$0] } ?? [], symbol: symbol, below: before, limit: limit)
            let surroundings = try await context.gate.pool.withSnapshot { try Surroundings.load(in: $0) }
            return try context.page(
                "orders.html", "Orders",
                [
                    "HAS_ITEMS": .shown(!found.items.isEmpty),
                    "ITEMS": .sections(found.items.map(\.rowValues)),
                    "NEXT_CURSOR": .text(found.next.map(Cursor.text) ?? ""),
                    "HAS_PAGER": .shown(found.next != nil || before != nil),
                    "IS_LATER": .shown(before != nil), "IS_FILTERED": .shown(state != nil || symbol != nil),
                    "STATE_CHOSEN": .text(state?.rawValue ?? ""), "SYMBOL": .text(symbol ?? ""),
                    "STATES": .sections(
                        OrderState.allCases.map {
                            [
                                "VALUE": .text($0.rawValue), "LABEL": .text($0.word),
                                "IS_CHOSEN": .shown($0 == state),
                            ]
                        }),
                ], visitor: .person(session), around: surroundings, current: "/orders")
        }
        memberPage(.get, "/orders/{id}") { request, session in
            guard let id = request.parameters["id"].flatMap(Identifier.init) else {
                throw Refusal.notFound("order")
            }
            let order = try await orders.find(id)
            let surroundings = try await context.gate.pool.withSnapshot { try Surroundings.load(in: $0) }
            return try context.page(
                "order.html", order.headline, order.pageValues, visitor: .person(session),
                around: surroundings, current: "/orders")
        }
    }
}

extension OrderView {
    /// The order in one line.
    var headline: String {
        terms?.headline ?? "\(record.side.word) \(record.qty) \(record.symbol)"
    }

    fileprivate var rowValues: TemplateValues {
        [
            "ADDRESS": .text("/orders/\(record.id)"), "HEADLINE": .text(headline),
            "RELEASED": .text(record.releasedAt.tableWords), "STATE": .text(record.state.rawValue),
            "STATE_WORD": .text(record.state.word), "FILLED": .text(filledWords),
        ]
    }

    fileprivate var pageValues: TemplateValues {
        var values: TemplateValues = [
            "HEADLINE": .text(headline), "ABOUT": .text("about \(record.notional.money)"),
            "STATE": .text(record.state.rawValue), "STATE_WORD": .text(record.state.word),
            "SENTENCE": .text(record.state.sentence), "FILLED": .text(filledWords),
            "REASON": .text(record.reason ?? ""),
            "PROPOSAL_ADDRESS": .text("/proposals/\(record.proposalID)"),
            "RELEASED": .text(record.releasedAt.newYorkWords),
            "VALID_UNTIL": .text(record.validUntil.newYorkWords), "STEPS": .sections(steps),
            "ID": .text(record.id.text), "CLIENT_ORDER_ID": .text(record.clientOrderID),
            "BROKER_ORDER_ID": .text(record.brokerOrderID ?? ""), "HAS_FILLS": .shown(!fills.isEmpty),
            "FILLS": .sections(fills.map(\.values)),
        ]
        let checks = (record.claimChecks?.arrayValue ?? []).compactMap(Finding.init(json:))
        values = values.merging(checks.checkValues)
        return values
    }

    private var steps: [TemplateValues] {
        let claimed = record.claimedAt.map { "\($0.newYorkWords), by \(record.claimedBy ?? "a worker")" }
        let steps = [
            ("Taken by the worker", claimed), ("Sent to the broker", record.submittedAt?.newYorkWords),
            ("The broker's word", record.brokerStatus),
            ("Turned up at the broker after all", record.turnedUpAt?.newYorkWords),
            ("Last report", record.lastReportAt?.newYorkWords), ("Finished", record.finishedAt?.newYorkWords),
        ]
        return steps.compactMap { label, text in
            text.map { ["LABEL": .text(label), "TEXT": .text($0)] }
        }
    }
}
