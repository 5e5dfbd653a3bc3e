package import Domain

/// What the worker needs of a broker.
///
/// Every function asks or sends once; nothing is repeated behind the caller's back.
package protocol Broker: Sendable {
    /// The account as the broker shows it now.
    func account() async throws(BrokerError) -> BrokerAccount
    /// The broker's clock.
    func clock() async throws(BrokerError) -> BrokerClock
    /// The market's days between two dates such as `2026-11-23`, both included.
    func calendar(from first: String, through last: String) async throws(BrokerError) -> [BrokerDay]
    /// Why the broker takes no order in that symbol; nil where it does.
    func untradedReason(of symbol: String) async throws(BrokerError) -> UntradedReason?
    /// The latest quotes of those of the symbols that the broker knows.
    func quotes(_ symbols: [String]) async throws(BrokerError) -> [Quote]
    /// The daily bars of a symbol between two days, both included, oldest first; empty where the broker has none.
    func dailyBars(
        _ symbol: String, from first: CalendarDate, through last: CalendarDate
    ) async throws(BrokerError) -> [DailyBar]
    /// Sends an order, once.
    func submit(_ terms: OrderTerms, clientOrderID: String) async throws(BrokerError) -> BrokerOrder
    /// The order that was sent under that identity.
    func order(clientOrderID: String) async throws(BrokerError) -> BrokerOrder
    /// The order by the broker's own identity.
    func order(id: String) async throws(BrokerError) -> BrokerOrder
    /// Every open order of the account, with its legs.
    func openOrders() async throws(BrokerError) -> [BrokerOrder]
    /// Every order sent after that instant, with its legs, oldest first.
    func orders(since: Timestamp) async throws(BrokerError) -> [BrokerOrder]
    /// Asks for an order to be cancelled; whether it was shows in its state.
    func cancel(id: String) async throws(BrokerError)
    /// Asks for every open order to be cancelled; tells of those that the broker would not.
    func cancelAll() async throws(BrokerError) -> [BrokerRefusal]
    /// Has the broker close a position at the market, by its own quantity where none is given.
    ///
    /// The broker never closes more than it holds and is not held by an order, so asking twice closes once.
    func close(symbol: String, qty: ExactDecimal?) async throws(BrokerError) -> BrokerOrder
    /// Everything the account holds.
    func positions() async throws(BrokerError) -> [BrokerPosition]
    /// Every entry of that kind in the account's statement after that instant, oldest first.
    func activities(
        _ kind: BrokerActivity.Kind, since: Timestamp
    ) async throws(BrokerError) -> [BrokerActivity]
    /// Every execution after that instant, oldest first.
    func fills(since: Timestamp) async throws(BrokerError) -> [BrokerFill]
}
