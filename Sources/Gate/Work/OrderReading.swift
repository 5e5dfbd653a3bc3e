package import Domain
import Postgres
import Store

/// Shows orders.
package struct OrderReading: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// The order of that identity.
    package func find(_ id: Identifier) async throws -> OrderView {
        let view = try await context.pool.withSnapshot { session in
            try OrderQueries.find(id, in: session).map { record in
                OrderView(record: record, fills: try OrderQueries.fills(of: [id], in: session))
            }
        }
        guard let view else { throw Refusal.notFound("order") }
        return view
    }

    /// One page of orders, newest first; `next` is where the following page begins.
    package func list(
        states: [OrderState] = [], symbol: String? = nil, below sequence: Int? = nil, limit: Int = 50
    ) async throws -> (items: [OrderView], next: Int?) {
        try await context.pool.withSnapshot { session in
            let records = try OrderQueries.list(
                states: states, symbol: symbol, below: sequence, limit: limit, in: session)
            let fills = Dictionary(
                grouping: try OrderQueries.fills(of: records.map(\.id), in: session), by: \.orderID)
            let views = records.map { OrderView(record: $0, fills: fills[$0.id] ?? []) }
            return (views, records.count == limit ? records.last?.sequence : nil)
        }
    }
}
