import Domain
import JSON
import Postgres
import Store

/// What one report changes of an order, worked out without a database.
struct ReportDigest: Sendable {
    let order: OrderRecord
    let report: OrderReport
    /// All executions known by now.
    let fills: [FillRecord]
    /// Those that this report brought.
    let freshFills: [FillRecord]
    /// What it tells otherwise of executions that were known.
    let clashes: [Contradiction]
    /// What the journal has of contradictions already.
    private var told: Set<String> = []

    init(
        order: OrderRecord, report: OrderReport, fills: [FillRecord], freshFills: [FillRecord],
        clashes: [Contradiction] = []
    ) {
        self.order = order
        self.report = report
        self.fills = fills
        self.freshFills = freshFills
        self.clashes = clashes
    }

    /// Leaves out what contradicts and was told of before, so that repeats tell nothing.
    mutating func forgetTold(in session: PostgresSession) throws {
        let words = contradictions.map(\.words)
        guard !words.isEmpty else { return }
        told = try JournalQueries.contradictions(of: order.id, among: words, in: session)
    }

    /// What does not fit what is recorded and was not told before.
    var newContradictions: [Contradiction] {
        var seen = told
        return contradictions.filter { seen.insert($0.words).inserted }
    }

    private var contradictions: [Contradiction] {
        var found = clashes
        if isForeign, let known = order.brokerOrderID, let told = report.broker {
            found.append(.anotherOrder(known: known, told: told))
        } else if let told = report.broker?.filledQty, told < order.qty,
            report.broker?.status == BrokerStatus.filled.rawValue
        {
            found.append(.filledInPart(told, of: order.qty))
        }
        if executedQty > order.qty { found.append(.overfilled(executedQty, of: order.qty)) }
        if isTurningUp { found.append(.turnedUp) }
        if isCalledRejected, filledQty.isPositive { found.append(.rejectedThoughExecuted) }
        if report.outcome == .rejected, !filledQty.isPositive, order.state != .rejected,
            let known = order.brokerOrderID
        {
            found.append(.rejectedThoughPlaced(known))
        }
        if order.state == .rejected, !isTurningUp, order.turnedUpAt == nil, filledQty > order.filledQty {
            found.append(.executedThoughRejected)
        }
        return found
    }

    private var filledByExecutions: ExactDecimal { fills.reduce(.zero) { $0 + $1.qty } }

    /// Never less than known before, by whichever way it was learnt, and never more than was ordered: what was executed
    /// beyond that is no part of the order that people approved.
    var filledQty: ExactDecimal { min(order.qty, executedQty) }

    /// All shares that the broker executed of it, as far as known.
    var executedQty: ExactDecimal {
        max(order.filledQty, max(toldQty ?? .zero, filledByExecutions))
    }

    /// What was executed beyond the order, where that was not told before.
    var newOverfill: Overfill? {
        guard newContradictions.contains(.overfilled(executedQty, of: order.qty)) else { return nil }
        return Overfill(order: order, executed: executedQty)
    }

    /// How many shares of this order the broker calls filled; nil where it does not say.
    ///
    /// Its word `filled` without a number means all of them.
    private var toldQty: ExactDecimal? {
        guard !isForeign, let broker = report.broker else { return nil }
        return broker.filledQty ?? (broker.status == BrokerStatus.filled.rawValue ? order.qty : nil)
    }

    /// Whether the worker or the broker says that it was rejected.
    private var isCalledRejected: Bool {
        report.outcome == .rejected || !isForeign && report.broker?.status == BrokerStatus.rejected.rawValue
    }

    /// Whether what it tells may stop trading: an execution, or an order that ended or is in doubt.
    var mayTrip: Bool { !freshFills.isEmpty || state != order.state }

    /// What the report says the state is; nil where it says nothing that we understand.
    ///
    /// What was executed comes before every word: an order of which all shares were traded is filled, and one of which
    /// some were is neither rejected nor in doubt. One that stands at the broker is rejected by the broker's word alone.
    var reportedState: OrderState? {
        if filledQty == order.qty { return .filled }
        let traded: OrderState? = filledQty.isPositive ? .partiallyFilled : nil
        switch report.outcome {
        case .placed:
            return report.broker.flatMap { BrokerStatus(rawValue: $0.status) }?
                .orderState(hasFills: filledQty.isPositive) ?? traded ?? .accepted
        case .rejected: return traded ?? (order.brokerOrderID == nil ? .rejected : nil)
        case .unknown: return traded ?? .unknown
        case nil: return traded
        }
    }

    /// The state afterwards: only forward, never back.
    var state: OrderState {
        guard let reportedState, order.state.mayBecome(reportedState), !isForeign else { return order.state }
        return reportedState
    }

    /// Whether the report speaks of another order at the broker than the one known.
    var isForeign: Bool { report.isForeign(to: order) }

    /// Whether a word of the broker's is new to us.
    var isUnknownWord: Bool {
        guard let word = report.broker?.status, word != order.brokerStatus else { return false }
        return BrokerStatus(rawValue: word) == nil
    }

    /// Whether the broker has what we held to be nowhere, told for the first time.
    var isTurningUp: Bool {
        guard let broker = report.broker else { return false }
        return order.state == .rejected && order.brokerOrderID == nil && broker.status != "rejected"
    }

    /// Whether the broker is done with an order that had turned up.
    var isAstrayEnding: Bool {
        guard order.isAstray, !isForeign, let word = report.broker?.status else { return false }
        return BrokerStatus(rawValue: word)?.isFinal == true
    }

    var change: OrderTransitions.Report {
        var change = OrderTransitions.Report(order)
        change.state = state
        change.filledQty = filledQty
        change.filledAvgPrice = averagePrice
        guard !isForeign else { return change }
        change.brokerOrderID = order.brokerOrderID ?? report.broker?.id
        change.submittedAt = order.submittedAt ?? report.broker?.submittedAt
        if !isStale { change.brokerStatus = report.broker?.status ?? order.brokerStatus }
        change.isTurnedUp = order.turnedUpAt != nil || isTurningUp
        if executedQty > order.qty {
            change.reason =
                "the broker executed \(executedQty) shares, \(executedQty - order.qty) more than were ordered"
        } else if state != order.state {
            change.reason = reason
        } else if order.reason == fillWords(order.state, order.filledQty) {
            change.reason = fillWords(state, filledQty)
        }
        return change
    }

    /// Whether the broker's word is older than what is known.
    private var isStale: Bool {
        guard report.broker != nil else { return false }
        let isOver = order.brokerStatus.flatMap { BrokerStatus(rawValue: $0) }?.isFinal == true
        return order.state.isFinal && isOver || toldQty.map { $0 < order.filledQty } ?? false
    }

    private var averagePrice: ExactDecimal? {
        guard filledQty.isPositive else { return order.filledAvgPrice }
        if filledByExecutions == executedQty {
            let value = fills.reduce(ExactDecimal.zero) { $0 + $1.qty * $1.price }
            return value.divided(by: executedQty, scale: 9, rounding: .halfEven)
        }
        if let broker = report.broker, broker.filledQty == executedQty, let price = broker.filledAvgPrice {
            return price
        }
        return order.filledAvgPrice
    }

    private var reason: String? {
        if state == .rejected || state == .unknown {
            return report.error ?? "the broker says: \(report.broker?.status ?? "rejected")"
        }
        if let other = report.broker?.replacedBy, state == .canceled {
            return "somebody replaced it at the broker by order \(other), which nobody approved here"
        }
        return fillWords(state, filledQty) ?? (state.isFinal && state != .filled ? report.error : nil)
    }

    /// What an order that is over says of the shares that were filled, which late executions may make more; nil where
    /// there is nothing to say.
    private func fillWords(_ state: OrderState, _ filled: ExactDecimal) -> String? {
        switch state {
        case .filled:
            guard filled < order.qty else { return nil }
            return "the broker calls it filled, and \(filled) of \(order.qty) shares are known to be"
        case .canceled, .expired:
            guard filled.isPositive else { return nil }
            return filled < order.qty
                ? "\(filled) of \(order.qty) shares were filled; attached exits may not protect them"
                : "all \(filled) shares were filled, some of them told after it had ended; attached exits may not "
                    + "protect them"
        case .released, .submitting, .accepted, .partiallyFilled, .rejected, .unknown, .refused, .lapsed,
            .revoked, .cancelled:
            return nil
        }
    }
}
