import Domain
import JSON
import Store

/// What a worker says became of an order.
struct OrderReport: Sendable {
    /// How the sending ended.
    enum Outcome: String, Sendable, CaseIterable {
        /// The broker has it: `broker_order` tells how it stands.
        case placed
        /// It is certain that the broker does not have it: `error` tells why.
        case rejected
        /// Nobody knows: `error` tells why.
        case unknown
    }

    /// The order as the broker shows it.
    struct BrokerView: Sendable, Hashable {
        let id: String
        let status: String
        /// Nil where the worker does not say.
        let filledQty: ExactDecimal?
        let filledAvgPrice: ExactDecimal?
        let submittedAt: Timestamp?
        let replacedBy: String?
        /// The broker's identities of the exits that hang on it.
        let legs: [String]
    }

    let workerID: String
    /// Nil where only executions are reported.
    let outcome: Outcome?
    let broker: BrokerView?
    let error: String?
    let fills: [FillRecord]

    /// Whether it speaks of another order at the broker than the one that is known.
    func isForeign(to order: OrderRecord) -> Bool {
        guard let known = order.brokerOrderID, let told = broker?.id else { return false }
        return known != told
    }

    static func parse(_ body: JSONValue, orderID: Identifier) throws -> OrderReport {
        let reader = JSONReader(body)
        let workerID = reader.workerID()
        let outcome = reader.choice("outcome", Outcome.self)
        let broker = reader.object("broker_order").flatMap(brokerView)
        let error = reader.object("error").map(errorWords)
        let fills = (reader.objects("fills", maxCount: 10_000) ?? []).compactMap { fill($0, orderID) }
        let settled = settle(outcome, broker, reader)
        if outcome == .placed, reader.value("broker_order") == nil { reader.missing("broker_order") }
        if outcome == .rejected || outcome == .unknown, reader.value("error") == nil {
            reader.missing("error")
        }
        if reader.value("outcome") == nil, reader.value("broker_order") == nil, fills.isEmpty {
            reader.missing("outcome")
        }
        reader.refuseUnknown()
        guard reader.faults.isEmpty, let workerID else { throw Refusal.invalid(reader.faults) }
        return OrderReport(
            workerID: workerID, outcome: settled, broker: broker, error: error, fills: fills)
    }

    /// The outcome, where the broker's order stands beside it: what the broker has was placed, whether or not it is said.
    private static func settle(
        _ outcome: Outcome?, _ broker: BrokerView?, _ reader: JSONReader
    ) -> Outcome? {
        guard let broker else { return outcome }
        switch outcome {
        case .placed, nil: return .placed
        case .rejected where broker.status == BrokerStatus.rejected.rawValue: return .placed
        case .rejected, .unknown:
            reader.fault(
                "broker_order",
                "says that the broker has the order, and the outcome says otherwise; leave one of them out")
            return outcome
        }
    }

    /// Refuses executions that are dated in the future: they would stand behind all that comes after them in the books.
    func requirePast(_ now: Timestamp) throws {
        let faults = fills.enumerated().filter { Execution.isTooLate($1.executedAt, now: now) }.map {
            JSONFault(pointer: "/fills/\($0.offset)/executed_at", detail: Execution.tooLateWords)
        }
        guard faults.isEmpty else { throw Refusal.invalid(faults) }
    }

    private static func brokerView(_ reader: JSONReader) -> BrokerView? {
        let id = reader.string("id")
        let status = reader.string("status", maxCharacters: 64)
        let filledQty = reader.amount("filled_qty")
        let average = reader.amount("filled_avg_price")
        if let average, average > Limits.maxPrice {
            reader.fault("filled_avg_price", "must be within reason")
        }
        let submittedAt = reader.instant("submitted_at")
        let replacedBy = reader.string("replaced_by")
        let legs = legs(reader)
        reader.refuseUnknown()
        for key in ["id", "status"] where reader.value(key).map({ $0 == "" }) ?? true { reader.missing(key) }
        guard let id, let status else { return nil }
        return BrokerView(
            id: id, status: status, filledQty: filledQty, filledAvgPrice: average, submittedAt: submittedAt,
            replacedBy: replacedBy, legs: legs)
    }

    /// The identities of the legs, and of the legs of legs.
    private static func legs(_ reader: JSONReader) -> [String] {
        (reader.objects("legs", maxCount: 100) ?? []).flatMap { leg in
            let id = leg.string("id", maxCharacters: 128)
            if leg.value("id") == nil || id?.isEmpty == true { leg.missing("id") }
            let below = legs(leg)
            leg.refuseUnknown()
            return [id].compactMap(\.self) + below
        }
    }

    private static func errorWords(_ reader: JSONReader) -> String {
        let message = reader.string("message", maxCharacters: 2000)
        if message == nil, reader.value("message") == nil { reader.missing("message") }
        let code = reader.string("code", maxCharacters: 64)
        reader.refuseUnknown()
        return [message, code.map { "(\($0))" }].compactMap(\.self).joined(separator: " ")
    }

    private static func fill(_ reader: JSONReader, _ orderID: Identifier) -> FillRecord? {
        let id = reader.string("execution_id")
        let qty = reader.amount("qty")
        let price = reader.amount("price")
        let at = reader.instant("executed_at")
        // An empty text is none either: an execution must not be left out without a word.
        for key in ["execution_id", "qty", "price", "executed_at"]
        where reader.value(key).map({ $0 == "" }) ?? true { reader.missing(key) }
        reader.refuseUnknown()
        if let qty, qty.isZero || qty > Limits.maxQty {
            reader.fault("qty", "must be above 0, within reason")
        }
        if let price, price.isZero || price > Limits.maxPrice {
            reader.fault("price", "must be above 0, within reason")
        }
        guard let id, let qty, let price, let at else { return nil }
        return FillRecord(executionID: id, orderID: orderID, qty: qty, price: price, executedAt: at)
    }
}
