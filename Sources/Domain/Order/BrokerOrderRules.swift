package import JSON

// What the broker refuses of an order that is well formed (the rules of Alpaca's order documentation). A person
// must never approve what the broker would then turn down.

/// The steps in which prices may be quoted.
package enum PriceTick {
    /// How many decimal places a price may have: two from $1 on, four below.
    package static func places(of price: ExactDecimal) -> Int { price >= .one ? 2 : 4 }

    /// The nearest price on a step, rounded as told.
    package static func rounded(_ price: ExactDecimal, _ rounding: DecimalRounding) -> ExactDecimal {
        price.rounded(scale: places(of: price), rounding)
    }

    /// The smallest distance of a stop from its base price, in USD.
    static let minimumStopDistance = ExactDecimal(coefficient: 1, scale: 2)
}

extension OrderShape {
    /// What the broker refuses whatever the market does.
    package static func brokerFaults(_ terms: OrderTerms) -> [JSONFault] {
        tickFaults(terms) + fractionFaults(terms) + timeInForceFaults(terms) + exitFaults(terms)
    }

    private static func tickFaults(_ terms: OrderTerms) -> [JSONFault] {
        prices(terms).compactMap { pointer, price in
            let places = PriceTick.places(of: price)
            guard price.decimalPlaces > places else { return nil }
            return JSONFault(
                pointer: pointer,
                detail: "\(price) has more than \(places) decimal places; the broker takes "
                    + "two from $1 on and four below")
        }
    }

    private static func fractionFaults(_ terms: OrderTerms) -> [JSONFault] {
        guard !terms.qty.isWhole else { return [] }
        var faults: [JSONFault] = []
        if terms.qty.decimalPlaces > Limits.maxQtyPlaces {
            faults.append(
                JSONFault(pointer: "/qty", detail: "has more than \(Limits.maxQtyPlaces) decimal places"))
        }
        if terms.timeInForce != .day {
            faults.append(
                JSONFault(pointer: "/time_in_force", detail: "must be day for a fraction of a share"))
        }
        if terms.orderClass != .simple {
            faults.append(
                JSONFault(
                    pointer: "/qty", detail: "must be whole where a stop loss or take profit is attached"))
        }
        if terms.side == .buy, let value = terms.notional(reference: nil), value < .one {
            faults.append(JSONFault(pointer: "/qty", detail: "makes a fractional order below $1"))
        }
        return faults
    }

    private static func timeInForceFaults(_ terms: OrderTerms) -> [JSONFault] {
        let isLasting = terms.timeInForce == .day || terms.timeInForce == .gtc
        guard !isLasting else { return [] }
        var faults: [JSONFault] = []
        if terms.orderClass != .simple {
            faults.append(
                JSONFault(
                    pointer: "/time_in_force",
                    detail: "must be day or gtc where a stop loss or take profit is attached"))
        }
        if terms.type.takesStopPrice {
            faults.append(
                JSONFault(
                    pointer: "/time_in_force", detail: "must be day or gtc for a \(terms.type.rawValue) order"
                ))
        }
        return faults
    }

    /// For a buy: take profit above base above stop loss; for a sale the mirror image.
    private static func exitFaults(_ terms: OrderTerms) -> [JSONFault] {
        let base = terms.limitPrice ?? terms.stopPrice
        let isBuy = terms.side == .buy
        let sign = isBuy ? ExactDecimal.one : -ExactDecimal.one
        let (beyond, before) = isBuy ? ("above", "below") : ("below", "above")
        var faults: [JSONFault] = []
        func require(_ condition: Bool, _ pointer: String, _ detail: @autoclosure () -> String) {
            if !condition { faults.append(JSONFault(pointer: pointer, detail: detail())) }
        }
        if let stop = terms.stopLoss?.stopPrice, let base {
            require(
                (base - stop) * sign >= PriceTick.minimumStopDistance, "/stop_loss/stop_price",
                "must be at least $0.01 \(before) the order's price \(base) for a \(terms.side.rawValue)")
        }
        if let stop = terms.stopLoss?.stopPrice, let limit = terms.stopLoss?.limitPrice {
            require(
                (stop - limit) * sign >= .zero, "/stop_loss/limit_price",
                "must not be \(beyond) the stop price \(stop): the exit would not fill where the stop is reached"
            )
        }
        if let profit = terms.takeProfitLimitPrice, let base {
            require(
                (profit - base) * sign > .zero, "/take_profit/limit_price",
                "must be \(beyond) the order's price \(base) for a \(terms.side.rawValue)")
        }
        if let profit = terms.takeProfitLimitPrice, let stop = terms.stopLoss?.stopPrice {
            require(
                (profit - stop) * sign > .zero, "/take_profit/limit_price",
                "must be \(beyond) the stop loss \(stop) for a \(terms.side.rawValue)")
        }
        return faults
    }
}
