import Domain
import JSON

/// Reads Alpaca's documents: what we use must be there and make sense, the rest may come and go.
enum AlpacaReading {
    static func order(_ value: JSONValue) -> BrokerOrder? {
        guard let id = name(value, "id"), let clientOrderID = name(value, "client_order_id"),
            let symbol = name(value, "symbol"), let status = name(value, "status"),
            let filledQty = decimal(value["filled_qty"], default: .zero), !filledQty.isNegative
        else { return nil }
        let legs = (value["legs"]?.arrayValue ?? []).map(order)
        guard !legs.contains(nil) else { return nil }
        return BrokerOrder(
            id: id, clientOrderID: clientOrderID, symbol: symbol, statusWord: status, filledQty: filledQty,
            filledAvgPrice: decimal(value["filled_avg_price"], default: nil),
            submittedAt: value["submitted_at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            replacedBy: value["replaced_by"]?.stringValue, replaces: value["replaces"]?.stringValue,
            legs: legs.compactMap(\.self),
            json: orderSummary(value))
    }

    static func account(_ value: JSONValue) -> BrokerAccount? {
        guard let number = name(value, "account_number"), name(value, "status") != nil else { return nil }
        return BrokerAccount(accountNumber: number, json: pick(value, accountMembers))
    }

    static func position(_ value: JSONValue) -> BrokerPosition? {
        guard let symbol = name(value, "symbol"), decimal(value["qty"], default: nil) != nil else {
            return nil
        }
        return BrokerPosition(symbol: symbol, json: pick(value, positionMembers))
    }

    static func clock(_ value: JSONValue) -> BrokerClock? {
        guard let isOpen = value["is_open"]?.boolValue, let timestamp = time(value, "timestamp") else {
            return nil
        }
        return BrokerClock(
            isOpen: isOpen, nextOpen: time(value, "next_open"), nextClose: time(value, "next_close"),
            timestamp: timestamp)
    }

    static func day(_ value: JSONValue) -> BrokerDay? {
        guard let date = name(value, "date"), let open = name(value, "open"), let close = name(value, "close")
        else { return nil }
        return BrokerDay(date: date, open: open, close: close)
    }

    static func fill(_ value: JSONValue) -> BrokerFill? {
        guard let id = name(value, "id"), let orderID = name(value, "order_id"),
            let symbol = name(value, "symbol"), let qty = decimal(value["qty"], default: nil),
            let price = decimal(value["price"], default: nil), let at = time(value, "transaction_time"),
            !qty.isZero, !price.isNegative
        else { return nil }
        return BrokerFill(
            executionID: id, orderID: orderID, symbol: symbol, qty: qty.magnitude, price: price,
            executedAt: at)
    }

    static func activity(_ value: JSONValue, _ kind: BrokerActivity.Kind) -> BrokerActivity? {
        guard let id = name(value, "id"), name(value, "activity_type") != nil else { return nil }
        if kind == .fills, fill(value) == nil { return nil }
        return BrokerActivity(
            id: id, kind: kind, orderID: name(value, "order_id"), json: pick(value, activityMembers))
    }

    private static let activityMembers = [
        "id", "activity_type", "symbol", "side", "qty", "price", "order_id", "transaction_time", "net_amount",
        "date", "created_at", "status", "description",
    ]

    // MARK: parts

    /// Text that is there and not empty.
    private static func name(_ value: JSONValue, _ key: String) -> String? {
        guard let text = value[key]?.stringValue, !text.isEmpty, text.utf8.count <= 256 else { return nil }
        return text
    }

    private static func time(_ value: JSONValue, _ key: String) -> Timestamp? {
        value[key]?.stringValue.flatMap(Timestamp.init(rfc3339:))
    }

    /// A decimal; `absent` where there is none, nil also where there is something else.
    private static func decimal(_ value: JSONValue?, default absent: ExactDecimal?) -> ExactDecimal? {
        guard let value, !value.isNull, value.stringValue != "" else { return absent }
        return value.numberText.flatMap(ExactDecimal.fromBroker)
    }

    private static func orderSummary(_ value: JSONValue) -> JSONValue {
        var summary = pick(value, orderMembers)
        if let legs = value["legs"]?.arrayValue, !legs.isEmpty, case .object(var object) = summary {
            object["legs"] = .array(legs.map(orderSummary))
            summary = .object(object)
        }
        return summary
    }

    /// Those members that are there and not null.
    private static func pick(_ value: JSONValue, _ keys: [String]) -> JSONValue {
        var picked = JSONObject()
        for key in keys {
            guard let member = value[key], !member.isNull else { continue }
            picked[key] = member
        }
        return .object(picked)
    }

    private static let accountMembers = [
        "account_number", "status", "currency", "equity", "last_equity", "cash", "buying_power",
        "multiplier", "long_market_value", "short_market_value", "initial_margin", "maintenance_margin",
        "shorting_enabled", "trading_blocked", "account_blocked", "trade_suspended_by_user",
    ]
    private static let positionMembers = [
        "symbol", "qty", "qty_available", "side", "avg_entry_price", "current_price", "lastday_price",
        "market_value", "cost_basis", "unrealized_pl", "unrealized_intraday_pl",
    ]
    private static let orderMembers = [
        "id", "client_order_id", "symbol", "side", "qty", "notional", "filled_qty", "filled_avg_price",
        "type", "order_class", "limit_price", "stop_price", "time_in_force", "status", "position_intent",
        "submitted_at",
    ]
}
