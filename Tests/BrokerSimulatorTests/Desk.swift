import Domain
import JSON

@testable import BrokerSimulator

/// A customer of the simulated exchange with a watch of its own.
struct Desk {
    var exchange: SimulatedExchange
    var now: Timestamp

    init(_ change: (inout ExchangeSettings) -> Void = { _ in }, hours: any MarketHours = AlwaysOpenHours()) {
        var settings = ExchangeSettings()
        change(&settings)
        now = Timestamp(seconds: 1_794_000_000)
        exchange = SimulatedExchange(settings: settings, hours: hours, at: now)
    }

    /// Sends an order with `day` as time in force unless stated, and returns the broker's first answer.
    @discardableResult
    mutating func submit(_ members: JSONObject) throws(BrokerRejection) -> JSONValue {
        let defaults: JSONObject = ["time_in_force": "day"]
        return try apply(.submit, "", .object(defaults.merging(members)))
    }

    /// A buy or sell of so many shares, at a limit where one is given; returns the order's id.
    @discardableResult
    mutating func trade(
        _ side: String, _ quantity: String, _ symbol: String, limit: String? = nil, more: JSONObject = [:]
    ) throws(BrokerRejection) -> String {
        var members: JSONObject = [
            "side": .string(side), "qty": .string(quantity), "symbol": .string(symbol),
        ]
        members["type"] = limit == nil ? "market" : "limit"
        if let limit { members["limit_price"] = .string(limit) }
        return try submit(members.merging(more))["id"]?.stringValue ?? ""
    }

    @discardableResult
    mutating func apply(
        _ action: ExchangeCommand.Action, _ target: String = "", _ body: JSONValue = [:]
    ) throws(BrokerRejection) -> JSONValue {
        try exchange.apply(ExchangeCommand(action, target, body), at: now)
    }

    /// Puts the price a cent inside bid and ask.
    mutating func price(_ symbol: String, _ price: String) throws(BrokerRejection) {
        try apply(.price, symbol, ["price": .string(price)])
    }

    mutating func wait(seconds: Int) {
        now = now.adding(seconds: seconds)
        _ = exchange.advance(to: now)
    }

    /// Why an order is refused; nil where it is taken.
    mutating func refusal(_ members: JSONObject) -> BrokerRejection? {
        do throws(BrokerRejection) {
            try submit(members)
            return nil
        } catch {
            return error
        }
    }

    func order(_ id: String) -> JSONValue {
        guard let order = Identifier(id).flatMap({ exchange.orders[$0] }) else { return .null }
        return exchange.json(order, nested: true)
    }

    func status(_ id: String) -> String? { order(id)["status"]?.stringValue }

    func text(_ id: String, _ key: String) -> String? { order(id)[key]?.stringValue }

    /// The leg of that type.
    func leg(_ id: String, _ kind: String) -> JSONValue {
        order(id)["legs"]?.arrayValue?.first { $0["type"]?.stringValue == kind } ?? .null
    }

    func account(_ key: String) -> String? { exchange.accountJSON(at: now)[key]?.stringValue }

    func position(_ symbol: String, _ key: String) -> String? {
        exchange.positionJSON(symbol, at: now)?[key]?.stringValue
    }

    var fills: [JSONValue] { exchange.activitiesJSON(ActivityListing(types: ["FILL"])).arrayValue ?? [] }
}

/// A market with a session of six hours a day from 14:00 UTC, every day, five hours behind UTC.
struct DaytimeHours: MarketHours {
    private let day: Int64 = 86_400
    private let opening: Int64 = 14 * 3600
    private let closing: Int64 = 20 * 3600

    func isOpen(at now: Timestamp) -> Bool { (opening..<closing).contains(secondOfDay(now)) }
    func isExtendedSession(at now: Timestamp) -> Bool { !isOpen(at: now) && secondOfDay(now) >= 9 * 3600 }
    func nextOpen(after now: Timestamp) -> Timestamp { next(opening, after: now) }
    func nextClose(after now: Timestamp) -> Timestamp { next(closing, after: now) }
    func nextDayEnd(after now: Timestamp) -> Timestamp { next(closing, after: now) }
    func offsetSeconds(at now: Timestamp) -> Int { -5 * 3600 }
    func days(from first: String, through last: String) -> [MarketDay] { [] }

    private func secondOfDay(_ now: Timestamp) -> Int64 { now.microseconds / 1_000_000 % day }

    private func next(_ second: Int64, after now: Timestamp) -> Timestamp {
        let midnight = now.microseconds / 1_000_000 / day * day
        let today = Timestamp(seconds: midnight + second)
        return today > now ? today : Timestamp(seconds: midnight + day + second)
    }
}

/// A decimal of a test's own writing.
func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .zero }
