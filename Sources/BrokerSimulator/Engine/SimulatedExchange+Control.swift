// What a test may do to the market that no customer can.

import Domain
import JSON

extension SimulatedExchange {
    mutating func control(_ command: ExchangeCommand, at now: Timestamp) throws(BrokerRejection) -> JSONValue
    {
        let body = command.body
        switch command.action {
        case .price: try setPrice(command.target, body, at: now)
        case .asset: try setAsset(command.target, body)
        case .market: setMarket(body["open"] ?? .null, at: now)
        case .matching: isMatchingManual = body["mode"] == "manual"
        case .reject: scripts.rejectionsAfterAcceptance = max(0, body["orders"]?.intValue ?? 1)
        case .partialFill: try scriptPartialFill(body)
        case .overfill: try scriptOverfill(body)
        case .account: if let members = body.objectValue { accountOverlay = accountOverlay.merging(members) }
        case .cash: try moveCash(body, at: now)
        case .fill: try fillByScript(try id(command), body, at: now)
        case .release: change(try id(command), at: now) { $0.nextMatchAt = now }
        case .status:
            let shown = body["status"]?.stringValue
            change(try id(command), at: now) { $0.shownStatus = shown }
        case .submit, .cancel, .replace, .close, .configure, .tick, .cancelAll, .closeAll: break
        }
        return .null
    }

    /// `price` alone puts a quote around it; `bid`, `ask`, `last`, sizes and `timestamp` (for a stale quote)
    /// refine it.
    private mutating func setPrice(_ symbol: String, _ body: JSONValue, at now: Timestamp)
        throws(BrokerRejection)
    {
        guard var quote = prices.quote(symbol, at: now) else {
            throw .badParameter("asset \"\(symbol)\" not found")
        }
        let fields = try OrderFields(body)
        if let price = try fields.decimal("price") { quote = .around(price) }
        let bid = try fields.decimal("bid")
        let ask = try fields.decimal("ask")
        quote.bid = bid ?? quote.bid
        quote.ask = ask ?? quote.ask
        if let bid, let ask {
            quote.last = (bid + ask).divided(by: ExactDecimal(2), scale: 4) ?? quote.last
        }
        quote.last = try fields.decimal("last") ?? quote.last
        quote.bidSize = body["bid_size"]?.intValue ?? quote.bidSize
        quote.askSize = body["ask_size"]?.intValue ?? quote.askSize
        quote.at = body["timestamp"]?.stringValue.flatMap { Timestamp(rfc3339: $0) }
        guard !quote.bid.isNegative, !quote.ask.isNegative, !quote.last.isNegative else {
            throw .badParameter("prices must be >= 0")
        }
        prices.set(quote, for: symbol)
    }

    private mutating func setAsset(_ symbol: String, _ body: JSONValue) throws(BrokerRejection) {
        guard var asset = prices.asset(symbol) else { throw .badParameter("asset \"\(symbol)\" not found") }
        asset.isTradable = body["tradable"]?.boolValue ?? asset.isTradable
        asset.isFractionable = body["fractionable"]?.boolValue ?? asset.isFractionable
        asset.isShortable = body["shortable"]?.boolValue ?? asset.isShortable
        prices.set(asset, for: symbol)
    }

    /// True opens the market, false closes it (and the day with it), null goes back to its hours.
    private mutating func setMarket(_ open: JSONValue, at now: Timestamp) {
        switch open.boolValue {
        case true?: marketOverride = true
        case false?: closeMarket(at: now)
        case nil: marketOverride = nil
        }
    }

    private mutating func scriptPartialFill(_ body: JSONValue) throws(BrokerRejection) {
        let quantity = try OrderFields(body).decimal("qty")
        if let quantity, !quantity.isPositive { throw .badParameter("qty must be > 0") }
        scripts.partialFills.append(
            MatchingScripts.PartialFill(
                quantity: quantity, holdsRest: body["hold_rest"]?.boolValue ?? true,
                symbol: body["symbol"]?.stringValue))
    }

    private mutating func scriptOverfill(_ body: JSONValue) throws(BrokerRejection) {
        guard let quantity = try OrderFields(body).decimal("qty"), quantity.isPositive else {
            throw .badParameter("qty must be > 0")
        }
        scripts.overfills.append(
            MatchingScripts.Overfill(quantity: quantity, symbol: body["symbol"]?.stringValue))
    }

    private mutating func moveCash(_ body: JSONValue, at now: Timestamp) throws(BrokerRejection) {
        guard let amount = try OrderFields(body).decimal("amount"), !amount.isZero else {
            throw .badParameter("amount must not be 0")
        }
        cash = cash + amount.rounded(scale: 2)
        let type = body["type"]?.stringValue ?? (amount.isNegative ? "CSW" : "CSD")
        activities.append(makeActivity(.cash(type: type, amount: amount.rounded(scale: 2)), at: now))
    }

    /// An execution out of nowhere, of any open order that is not waiting for its entry.
    private mutating func fillByScript(
        _ id: Identifier, _ body: JSONValue, at now: Timestamp
    ) throws(BrokerRejection) {
        guard let order = orders[id], order.isOpen, order.status != .held || order.isArmed else {
            throw .invalid("the order cannot fill in its status")
        }
        let fields = try OrderFields(body)
        let quote = quote(order.symbol, at: now)
        let price = try fields.decimal("price") ?? (order.side == .buy ? quote.ask : quote.bid)
        guard price.isPositive else { throw .badParameter("price must be > 0") }
        let whole = wholeQuantity(order, price: price)
        let quantity = try fields.decimal("qty") ?? whole
        guard quantity.isPositive, quantity <= whole else {
            throw .badParameter("qty must be > 0 and <= \(whole)")
        }
        change(id, at: now) {
            if $0.status == .held { $0.status = .new }
            if quantity < whole { $0.quantity = $0.quantity ?? whole }
            $0.nextMatchAt = nil
        }
        fill(id, quantity: quantity, price: price, at: now)
    }

    mutating func configure(_ body: JSONValue) throws(BrokerRejection) -> JSONValue {
        let fields = try OrderFields(body)
        var changed = configuration
        changed.suspendTrade = try fields.bool("suspend_trade") ?? changed.suspendTrade
        changed.noShorting = try fields.bool("no_shorting") ?? changed.noShorting
        changed.fractionalTrading = try fields.bool("fractional_trading") ?? changed.fractionalTrading
        changed.tradeConfirmEmail = fields.text("trade_confirm_email") ?? changed.tradeConfirmEmail
        changed.noExceptionEntry = try fields.bool("ptp_no_exception_entry") ?? changed.noExceptionEntry
        changed.disableOvernightTrading =
            try fields.bool("disable_overnight_trading") ?? changed.disableOvernightTrading
        configuration = changed
        return configurationJSON()
    }
}
