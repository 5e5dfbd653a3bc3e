package import JSON

// Reads what the worker passes on from the broker. Only what the checks need must be there; fields we do not
// know, and fields the broker stopped sending, are no fault (brokers remove fields without asking).

extension AccountSnapshot {
    /// The most positions and the most open orders that are taken.
    package static let maxElements = 10_000

    /// Reads `account`, `positions`, `open_orders` and, where it is there, `clock` of a worker's report.
    package static func parse(
        _ report: JSONValue, receivedAt: Timestamp
    ) throws(ValidationFailure) -> AccountSnapshot {
        let reader = JSONReader(report)
        let account = reader.object("account")
        if account == nil { reader.missing("account") }
        let positions = reader.objects("positions", maxCount: maxElements)
        if reader.value("positions") == nil { reader.missing("positions") }
        let orders = reader.objects("open_orders", maxCount: maxElements)
        if reader.value("open_orders") == nil { reader.missing("open_orders") }
        let snapshot = account.flatMap { read($0, receivedAt) }
        let held = (positions ?? []).compactMap(Position.read)
        let open = (orders ?? []).flatMap { BrokerOpenOrder.read($0, entry: nil) }
        let clock = reader.object("clock").flatMap(BrokerClock.read)
        guard reader.faults.isEmpty, var snapshot else { throw ValidationFailure(faults: reader.faults) }
        (snapshot.positions, snapshot.openOrders, snapshot.clock) = (held, open, clock)
        return snapshot
    }

    private static func read(_ reader: JSONReader, _ receivedAt: Timestamp) -> AccountSnapshot? {
        let (number, status) = (reader.neededText("account_number"), reader.neededText("status"))
        let (equity, cash) = (reader.needed("equity"), reader.needed("cash"))
        let buyingPower = reader.needed("buying_power")
        guard let number, let status, let equity, let cash, let buyingPower else { return nil }
        return AccountSnapshot(
            accountNumber: number, status: status, equity: equity,
            lastEquity: reader.brokerDecimal("last_equity"), cash: cash, buyingPower: buyingPower,
            multiplier: reader.brokerDecimal("multiplier"),
            isTradingBlocked: reader.bool("trading_blocked") ?? false,
            isAccountBlocked: reader.bool("account_blocked") ?? false,
            isTradeSuspendedByUser: reader.bool("trade_suspended_by_user") ?? false,
            isShortingEnabled: reader.bool("shorting_enabled"), receivedAt: receivedAt)
    }
}

extension Position {
    fileprivate static func read(_ reader: JSONReader) -> Position? {
        guard let symbol = reader.neededText("symbol"), let amount = reader.needed("qty") else { return nil }
        let isShort = reader.string("side") == "short" || amount.isNegative
        let qty = isShort ? -amount.magnitude : amount
        let price = reader.brokerDecimal("current_price")
        let entry = reader.brokerDecimal("avg_entry_price")
        guard
            let value = reader.brokerDecimal("market_value")
                ?? (price ?? entry).map({ qty.saturatingProduct($0) })
        else {
            reader.missing("market_value")
            return nil
        }
        return Position(
            symbol: symbol, qty: qty, marketValue: isShort ? -value.magnitude : value, currentPrice: price,
            avgEntryPrice: entry, qtyAvailable: reader.brokerDecimal("qty_available")?.magnitude)
    }
}

extension BrokerOpenOrder {
    /// An order and the legs nested in it; legs on the other side leave what their entry enters.
    fileprivate static func read(_ reader: JSONReader, entry: Side?) -> [BrokerOpenOrder] {
        guard let order = single(reader, entry) else { return [] }
        var legs = (reader.objects("legs", maxCount: 10) ?? []).flatMap { read($0, entry: order.side) }
        // A held leg counts once its entry is filled, unless a sibling that is active stands for both.
        let isFilled = order.status == "filled" || !order.remainingQty.isPositive
        if !isFilled, order.orderClass != "oco" {
            for index in legs.indices { legs[index].isArmed = false }
        }
        let firstHeld = legs.firstIndex { $0.isOpen && $0.isWaiting }
        if isFilled, order.notional == nil, let firstHeld,
            !legs.contains(where: { $0.isOpen && !$0.isWaiting })
        {
            legs[firstHeld].isWaiting = false
        }
        return [order] + legs
    }

    private static func single(_ reader: JSONReader, _ entry: Side?) -> BrokerOpenOrder? {
        let (symbol, side) = (reader.neededText("symbol"), reader.choice("side", Side.self))
        if reader.value("side") == nil { reader.missing("side") }
        let (qty, notional) = (reader.brokerDecimal("qty"), reader.brokerDecimal("notional"))
        if qty == nil, notional == nil { reader.missing("qty") }
        guard let symbol, let side else { return nil }
        let intent = reader.string("position_intent") ?? ""
        return BrokerOpenOrder(
            clientOrderID: reader.string("client_order_id"), symbol: symbol, side: side,
            qty: (qty ?? .zero).magnitude, filledQty: reader.brokerDecimal("filled_qty") ?? .zero,
            type: reader.string("type") ?? reader.string("order_type") ?? "market",
            limitPrice: reader.brokerDecimal("limit_price"), stopPrice: reader.brokerDecimal("stop_price"),
            notional: qty == nil ? notional : nil, orderClass: reader.string("order_class") ?? "",
            status: reader.string("status") ?? "new",
            isExit: entry == side.opposite || intent.hasSuffix("_to_close"))
    }
}

extension BrokerClock {
    fileprivate static func read(_ reader: JSONReader) -> BrokerClock? {
        let (isOpen, timestamp) = (reader.bool("is_open"), reader.time("timestamp"))
        for key in ["is_open", "timestamp"] where reader.value(key) == nil { reader.missing(key) }
        guard let isOpen, let timestamp else { return nil }
        return BrokerClock(
            isOpen: isOpen, nextOpen: reader.time("next_open"), nextClose: reader.time("next_close"),
            timestamp: timestamp)
    }
}

extension JSONReader {
    /// The field as a number of the broker's; absent, null and "" are none.
    package func brokerDecimal(_ key: String) -> ExactDecimal? {
        guard let text = value(key)?.numberText, !text.isEmpty else {
            if let value = value(key), value.numberText == nil { fault(key, "must be a decimal") }
            return nil
        }
        guard let decimal = ExactDecimal.fromBroker(text) else {
            fault(key, "must be a decimal that fits 15 digits before the point")
            return nil
        }
        return decimal
    }

    fileprivate func needed(_ key: String) -> ExactDecimal? {
        let decimal = brokerDecimal(key)
        if decimal == nil, value(key) == nil || value(key)?.stringValue == "" { missing(key) }
        return decimal
    }

    fileprivate func neededText(_ key: String) -> String? {
        let text = string(key)
        if value(key) == nil { missing(key) }
        return text
    }

    func time(_ key: String) -> Timestamp? {
        guard let value = value(key) else { return nil }
        guard let time = value.stringValue.flatMap(Timestamp.init(rfc3339:)) else {
            fault(key, "must be a time such as \"2026-11-23T14:30:00Z\"")
            return nil
        }
        return time
    }
}
