// The one door to the exchange: a command and its time. The same form is written to the state file, so that a
// restarted simulator replays its way back.

import Domain
import JSON

/// Something asked of the exchange.
struct ExchangeCommand: Sendable, Hashable {
    /// What is asked.
    enum Action: String, Sendable, CaseIterable {
        case submit, cancel, replace, close, configure, tick
        case cancelAll = "cancel_all"
        case closeAll = "close_all"
        case price, asset, market, matching, reject, account, cash, fill, release, status
        case partialFill = "partial_fill"
        case overfill
    }

    let action: Action
    /// The order or symbol it is about.
    var target: String = ""
    var body: JSONValue = [:]

    /// The command as the state file keeps it.
    func json(at now: Timestamp) -> JSONValue {
        [
            "at": .integer(now.microseconds), "command": .string(action.rawValue), "target": .string(target),
            "body": body,
        ]
    }

    init(_ action: Action, _ target: String = "", _ body: JSONValue = [:]) {
        self.action = action
        self.target = target
        self.body = body
    }

    /// Reads a line of the state file; nil where it is none.
    static func read(_ line: JSONValue) -> (command: ExchangeCommand, at: Timestamp)? {
        guard let at = line["at"]?.intValue, let action = line["command"]?.stringValue.flatMap(Action.init),
            let target = line["target"]?.stringValue, let body = line["body"]
        else { return nil }
        return (ExchangeCommand(action, target, body), Timestamp(microseconds: Int64(at)))
    }
}

extension SimulatedExchange {
    /// Performs a command and everything that follows from it at once.
    ///
    /// The answer shows the order as it was taken (`pending_new`, as the paper account answers), before it is
    /// worked.
    mutating func apply(_ command: ExchangeCommand, at now: Timestamp) throws(BrokerRejection) -> JSONValue {
        _ = advance(to: now)
        defer {
            _ = advance(to: now)
            forgetClosed()
        }
        switch command.action {
        case .submit:
            let order = try submit(command.body, at: now)
            return json(order, nested: true)
        case .replace:
            let order = try replace(try id(command), command.body, at: now)
            return json(order, nested: true)
        case .cancel:
            try cancel(try id(command), at: now)
            return .null
        case .cancelAll:
            return .array(cancelAll(at: now).map { ["id": .string($0.text), "status": 200] })
        case .close: return try close(command, at: now)
        case .closeAll: return closeAll(cancellingOrders: command.body["cancel_orders"] == true, at: now)
        case .configure: return try configure(command.body)
        case .tick: return .null
        case .price, .asset, .market, .matching, .reject, .account, .cash, .fill, .release, .status,
            .partialFill, .overfill:
            return try control(command, at: now)
        }
    }

    func id(_ command: ExchangeCommand) throws(BrokerRejection) -> Identifier {
        guard let id = Identifier(command.target), orders[id] != nil else {
            throw .notFound("order not found for \(command.target)")
        }
        return id
    }

    private mutating func close(_ command: ExchangeCommand, at now: Timestamp) throws(BrokerRejection)
        -> JSONValue
    {
        let order = try closePosition(
            command.target, quantity: command.body["qty"]?.numberText,
            percentage: command.body["percentage"]?.numberText, at: now)
        return json(order, nested: true)
    }

    /// Closes every position; each element of the answer has a status of its own.
    private mutating func closeAll(cancellingOrders: Bool, at now: Timestamp) -> JSONValue {
        if cancellingOrders {
            _ = cancelAll(at: now)
            _ = advance(to: now)
        }
        var results: [JSONValue] = []
        for symbol in positions.keys.sorted() {
            do throws(BrokerRejection) {
                let order = try closePosition(symbol, quantity: nil, percentage: nil, at: now)
                let body = json(order, nested: true)
                results.append(["symbol": .string(symbol), "status": 200, "body": body])
            } catch {
                results.append(
                    ["symbol": .string(symbol), "status": .integer(error.status), "body": error.json])
            }
        }
        return .array(results)
    }
}
