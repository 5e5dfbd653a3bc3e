// What POST /v2/orders asks for, read as Alpaca reads it: numbers or strings, empty strings and nulls as
// absent.

import Domain
import JSON

/// An order request whose fields have the right types; its rules are judged afterwards.
struct OrderDraft: Sendable, Hashable {
    var symbol: String
    var side: SimulatedOrder.Side
    var kind: SimulatedOrder.Kind
    var timeInForce: SimulatedOrder.TimeInForce
    var orderClass: SimulatedOrder.Class = .simple
    var quantity: ExactDecimal?
    var notional: ExactDecimal?
    var limitPrice: ExactDecimal?
    var stopPrice: ExactDecimal?
    var trail: SimulatedOrder.Trail?
    var extendedHours = false
    var clientOrderID: String?
    var takeProfitLimit: ExactDecimal?
    var stopLossStop: ExactDecimal?
    var stopLossLimit: ExactDecimal?
    var intent: SimulatedOrder.PositionIntent?

    /// Whether the order is for part of a share.
    var isFractional: Bool { notional != nil || quantity?.isWhole == false }
}

extension OrderDraft {
    /// Reads a request's body.
    init(_ body: JSONValue) throws(BrokerRejection) {
        let fields = try OrderFields(body)
        if body["legs"].map(\.isNull) == false || fields.text("order_class") == "mleg" {
            throw .invalid("multi-leg orders are not supported by the simulator")
        }
        guard let symbol = fields.text("symbol") else { throw .badParameter("symbol is required") }
        self.init(
            symbol: symbol.uppercased(), side: try fields.choice("side"), kind: try fields.choice("type"),
            timeInForce: try fields.choice("time_in_force"))
        orderClass = try fields.optionalChoice("order_class") ?? .simple
        quantity = try fields.decimal("qty")
        notional = try fields.decimal("notional")
        limitPrice = try fields.decimal("limit_price")
        stopPrice = try fields.decimal("stop_price")
        trail = try Self.trail(fields)
        extendedHours = try fields.bool("extended_hours") ?? false
        clientOrderID = fields.text("client_order_id")
        intent = try fields.optionalChoice("position_intent")
        try readLegs(body)
    }

    private mutating func readLegs(_ body: JSONValue) throws(BrokerRejection) {
        if let leg = body["take_profit"], !leg.isNull {
            takeProfitLimit = try OrderFields(leg, prefix: "take_profit.").decimal("limit_price")
        }
        if let leg = body["stop_loss"], !leg.isNull {
            let fields = try OrderFields(leg, prefix: "stop_loss.")
            stopLossStop = try fields.decimal("stop_price")
            stopLossLimit = try fields.decimal("limit_price")
        }
        if orderClass == .oco, limitPrice == nil { limitPrice = takeProfitLimit }
    }

    private static func trail(_ fields: OrderFields) throws(BrokerRejection) -> SimulatedOrder.Trail? {
        if let price = try fields.decimal("trail_price") { return .price(price) }
        return try fields.decimal("trail_percent").map { .percent($0) }
    }
}

/// The members of a request object, read with Alpaca's leniency.
struct OrderFields {
    private let object: JSONObject
    private let prefix: String

    init(_ body: JSONValue, prefix: String = "") throws(BrokerRejection) {
        guard let object = body.objectValue else {
            throw BrokerRejection(status: 400, code: 40_010_000, message: "request body format is invalid")
        }
        self.object = object
        self.prefix = prefix
    }

    /// A text that is neither absent, null nor empty.
    func text(_ key: String) -> String? {
        guard let text = object[key]?.stringValue, !text.isEmpty else { return nil }
        return text
    }

    func bool(_ key: String) throws(BrokerRejection) -> Bool? {
        guard let value = object[key], !value.isNull else { return nil }
        if let truth = value.boolValue { return truth }
        switch value.stringValue?.lowercased() {
        case "true": return true
        case "false": return false
        default: throw .badParameter("\(prefix)\(key) must be true or false")
        }
    }

    func decimal(_ key: String) throws(BrokerRejection) -> ExactDecimal? {
        guard let value = object[key], !value.isNull, value != .string("") else { return nil }
        guard let number = value.numberText.flatMap({ ExactDecimal($0) }) else {
            throw .badParameter("\(prefix)\(key) is not a valid number")
        }
        guard number.magnitude < Self.largest else {
            throw .badParameter("\(prefix)\(key) is too large")
        }
        return number
    }

    func choice<Choice: RawRepresentable>(_ key: String) throws(BrokerRejection) -> Choice
    where Choice.RawValue == String {
        guard let choice: Choice = try optionalChoice(key) else { throw .badParameter("\(key) is required") }
        return choice
    }

    func optionalChoice<Choice: RawRepresentable>(_ key: String) throws(BrokerRejection) -> Choice?
    where Choice.RawValue == String {
        guard let value = object[key], !value.isNull, value != .string("") else { return nil }
        guard let choice = value.stringValue.flatMap({ Choice(rawValue: $0) }) else {
            throw .badParameter("invalid \(key)")
        }
        return choice
    }

    /// Keeps every product of a price and a quantity far inside an exact decimal's digits.
    private static let largest = ExactDecimal(1_000_000_000)
}
