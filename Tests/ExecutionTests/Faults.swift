import Broker
import Domain
import Execution
import JSON
import Synchronization

/// When, in the sequence of all calls that a worker makes, something goes wrong, and how.
final class FaultPlan: Sendable {
    enum Moment: String, Sendable, CaseIterable {
        /// Nothing was done.
        case before
        /// It was done, and nobody was told.
        case after
    }

    private struct State { var calls = 0, isDead = false }
    private let state = Mutex(State())
    private let at: Int
    private let moment: Moment
    private let kills: Bool

    /// The fault of the call of that number; `kills` has everything after it fail, as after a crash.
    init(at: Int, _ moment: Moment, kills: Bool) {
        (self.at, self.moment, self.kills) = (at, moment, kills)
    }

    var isDead: Bool { state.withLock { $0.isDead } }
    var calls: Int { state.withLock { $0.calls } }

    /// Runs a call or has it fail.
    func run<R, E: Error>(_ failure: E, _ body: () async throws(E) -> R) async throws(E) -> R {
        let fault: Moment? = state.withLock { state in
            if state.isDead { return .before }
            state.calls += 1
            guard state.calls == at else { return nil }
            state.isDead = kills
            return moment
        }
        if fault == .before { throw failure }
        let result = try await body()
        if fault == .after { throw failure }
        return result
    }
}

struct FaultyServer: ServerLink {
    let real: FakeServer
    let plan: FaultPlan
    private let failure = ServerError(.noAnswer, "the line went dead")

    init(_ real: FakeServer, _ plan: FaultPlan) { (self.real, self.plan) = (real, plan) }

    func signingKeys() async throws(ServerError) -> JSONValue {
        try await plan.run(failure) { () async throws(ServerError) in try await real.signingKeys() }
    }
    func sync(_ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await plan.run(failure) { () async throws(ServerError) in try await real.sync(body) }
    }
    func claim(orderID: String, _ body: JSONValue) async throws(ServerError) -> JSONValue {
        try await plan.run(failure) { () async throws(ServerError) in
            try await real.claim(orderID: orderID, body)
        }
    }
    func report(commandID: String, _ body: JSONValue) async throws(ServerError) {
        try await plan.run(failure) { () async throws(ServerError) in
            try await real.report(commandID: commandID, body)
        }
    }
    func report(orderID: String, _ body: JSONValue) async throws(ServerError) {
        try await plan.run(failure) { () async throws(ServerError) in
            try await real.report(orderID: orderID, body)
        }
    }
}

struct FaultyBroker: Broker {
    let real: any Broker
    let plan: FaultPlan
    private let silence = BrokerError(.noAnswer, "the line went dead")
    private let doubt = BrokerError(.outcomeUnknown, "the line went dead")

    init(_ real: any Broker, _ plan: FaultPlan) { (self.real, self.plan) = (real, plan) }

    func account() async throws(BrokerError) -> BrokerAccount {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.account() }
    }
    func clock() async throws(BrokerError) -> BrokerClock {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.clock() }
    }
    func calendar(from first: String, through last: String) async throws(BrokerError) -> [BrokerDay] {
        try await plan.run(silence) { () async throws(BrokerError) in
            try await real.calendar(from: first, through: last)
        }
    }
    /// What is said of a symbol decides nothing about the fate of an order that is out, so no fault is counted here.
    func untradedReason(of symbol: String) async throws(BrokerError) -> UntradedReason? {
        guard !plan.isDead else { throw silence }
        return try await real.untradedReason(of: symbol)
    }
    /// Bars decide nothing about an order either.
    func dailyBars(
        _ symbol: String, from first: CalendarDate, through last: CalendarDate
    ) async throws(BrokerError) -> [DailyBar] {
        guard !plan.isDead else { throw silence }
        return try await real.dailyBars(symbol, from: first, through: last)
    }
    func quotes(_ symbols: [String]) async throws(BrokerError) -> [Quote] {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.quotes(symbols) }
    }
    func submit(_ terms: OrderTerms, clientOrderID: String) async throws(BrokerError) -> BrokerOrder {
        try await plan.run(doubt) { () async throws(BrokerError) in
            try await real.submit(terms, clientOrderID: clientOrderID)
        }
    }
    func order(clientOrderID: String) async throws(BrokerError) -> BrokerOrder {
        try await plan.run(silence) { () async throws(BrokerError) in
            try await real.order(clientOrderID: clientOrderID)
        }
    }
    func order(id: String) async throws(BrokerError) -> BrokerOrder {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.order(id: id) }
    }
    func openOrders() async throws(BrokerError) -> [BrokerOrder] {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.openOrders() }
    }
    func orders(since: Timestamp) async throws(BrokerError) -> [BrokerOrder] {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.orders(since: since) }
    }
    func cancel(id: String) async throws(BrokerError) {
        try await plan.run(doubt) { () async throws(BrokerError) in try await real.cancel(id: id) }
    }
    func cancelAll() async throws(BrokerError) -> [BrokerRefusal] {
        try await plan.run(doubt) { () async throws(BrokerError) in try await real.cancelAll() }
    }
    func close(symbol: String, qty: ExactDecimal?) async throws(BrokerError) -> BrokerOrder {
        try await plan.run(doubt) { () async throws(BrokerError) in
            try await real.close(symbol: symbol, qty: qty)
        }
    }
    func positions() async throws(BrokerError) -> [BrokerPosition] {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.positions() }
    }
    func activities(
        _ kind: BrokerActivity.Kind, since: Timestamp
    ) async throws(BrokerError) -> [BrokerActivity] {
        try await plan.run(silence) { () async throws(BrokerError) in
            try await real.activities(kind, since: since)
        }
    }
    func fills(since: Timestamp) async throws(BrokerError) -> [BrokerFill] {
        try await plan.run(silence) { () async throws(BrokerError) in try await real.fills(since: since) }
    }
}
