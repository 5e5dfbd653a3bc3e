import Domain
import JSON

extension SimulatedExchange {
    /// Every position, by symbol.
    func positionsJSON(at now: Timestamp) -> JSONValue {
        .array(positions.keys.sorted().compactMap { positionJSON($0, at: now) })
    }

    /// A position as Alpaca shows it: quantity, cost and value are negative for a short one; nil where there
    /// is none.
    func positionJSON(_ symbol: String, at now: Timestamp) -> JSONValue? {
        guard let position = positions[symbol] else { return nil }
        let price = quote(symbol, at: now).last
        let lastDay = lastDayPrices[symbol] ?? price
        let value = position.quantity * price
        let profit = value - position.costBasis
        // A position of today has made all its profit today.
        let isOfToday = lastDayPrices[symbol] == nil
        let today = isOfToday ? profit : position.quantity * (price - lastDay)
        let todayBase = isOfToday ? position.costBasis : position.quantity * lastDay
        let available = availableQuantity(symbol).available
        return [
            "asset_id": .string(Self.assetID(symbol).text), "symbol": .string(symbol),
            "exchange": .string(Self.exchange(symbol)), "asset_class": "us_equity", "asset_marginable": true,
            "qty": .decimal(position.quantity),
            "qty_available": .decimal(position.isShort ? -available : available),
            "avg_entry_price": .decimal(position.averageEntryPrice),
            "side": position.isShort ? "short" : "long", "market_value": .string(value.cents),
            "cost_basis": .string(position.costBasis.cents), "unrealized_pl": .string(profit.cents),
            "unrealized_plpc": .decimal(fraction(profit, of: position.costBasis)),
            "unrealized_intraday_pl": .string(today.cents),
            "unrealized_intraday_plpc": .decimal(fraction(today, of: todayBase)),
            "current_price": .decimal(price), "lastday_price": .decimal(lastDay),
            "change_today": .decimal(fraction(price - lastDay, of: lastDay)),
        ]
    }

    private func fraction(_ part: ExactDecimal, of whole: ExactDecimal) -> ExactDecimal {
        part.divided(by: whole.magnitude, scale: 8) ?? .zero
    }

    /// An asset as Alpaca shows it; nil where there is none.
    func assetJSON(_ symbol: String) -> JSONValue? {
        guard let asset = prices.asset(symbol) else { return nil }
        return [
            "id": .string(Self.assetID(symbol).text), "class": "us_equity",
            "exchange": .string(Self.exchange(symbol)), "symbol": .string(symbol),
            "name": .string("\(symbol) (simulated)"), "status": asset.isTradable ? "active" : "inactive",
            "tradable": .bool(asset.isTradable), "marginable": true, "shortable": .bool(asset.isShortable),
            "easy_to_borrow": .bool(asset.isShortable), "fractionable": .bool(asset.isFractionable),
            "maintenance_margin_requirement": 30, "margin_requirement_long": "30",
            "margin_requirement_short": "30", "attributes": [], "cusip": nil,
        ]
    }

    private static func exchange(_ symbol: String) -> String { symbol.count <= 3 ? "NYSE" : "NASDAQ" }
}
