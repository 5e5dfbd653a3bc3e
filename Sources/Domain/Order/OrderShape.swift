package import JSON

// Which terms make an order. What an order of its type must and must not carry is the structure: a document
// that breaks it is refused at once. What the broker refuses beyond that is a check, so that it is stored and
// shown. Both point at the fields of the proposal.

/// The rules for the shape of an order.
package enum OrderShape {
    /// Everything wrong with the terms that can be told without the market.
    package static func faults(_ terms: OrderTerms) -> [JSONFault] {
        structuralFaults(terms) + brokerFaults(terms)
    }

    /// Faults of form: prices that the type needs or forbids, numbers out of range, no symbol.
    package static func structuralFaults(_ terms: OrderTerms) -> [JSONFault] {
        var faults = priceFaults(terms, "/limit_price", terms.limitPrice, terms.type.takesLimitPrice)
        faults += priceFaults(terms, "/stop_price", terms.stopPrice, terms.type.takesStopPrice)
        if !isSymbol(terms.symbol) {
            faults.append(JSONFault(pointer: "/symbol", detail: "must be a ticker in capitals"))
        }
        faults += rangeFaults(terms)
        return faults
    }

    /// Whether a text has the form of a ticker: `^[A-Z][A-Z0-9.]{0,9}$`.
    package static func isSymbol(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard (1...10).contains(bytes.count), let first = bytes.first, isCapital(first) else { return false }
        return bytes.allSatisfy { isCapital($0) || isDigit($0) || $0 == UInt8(ascii: ".") }
    }

    private static func isCapital(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }
    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private static func priceFaults(
        _ terms: OrderTerms, _ pointer: String, _ price: ExactDecimal?, _ isNeeded: Bool
    ) -> [JSONFault] {
        switch (price != nil, isNeeded) {
        case (true, true), (false, false): []
        case (false, true):
            [JSONFault(pointer: pointer, detail: "is required for a \(terms.type.rawValue) order")]
        case (true, false):
            [JSONFault(pointer: pointer, detail: "is not used by a \(terms.type.rawValue) order")]
        }
    }

    private static func rangeFaults(_ terms: OrderTerms) -> [JSONFault] {
        var faults: [JSONFault] = []
        if !terms.qty.isPositive || terms.qty > Limits.maxQty {
            faults.append(JSONFault(pointer: "/qty", detail: "must be above 0 and at most \(Limits.maxQty)"))
        }
        for (pointer, price) in prices(terms) where !price.isPositive || price > Limits.maxPrice {
            faults.append(
                JSONFault(pointer: pointer, detail: "must be above 0 and at most \(Limits.maxPrice)"))
        }
        if let notional = terms.notional(reference: nil), notional > Limits.maxAmountUSD {
            faults.append(
                JSONFault(pointer: "/qty", detail: "makes an order above $\(Limits.maxAmountUSD.grouped())"))
        }
        return faults
    }

    /// Every price of the order with its place.
    static func prices(_ terms: OrderTerms) -> [(pointer: String, price: ExactDecimal)] {
        let all: [(String, ExactDecimal?)] = [
            ("/limit_price", terms.limitPrice), ("/stop_price", terms.stopPrice),
            ("/stop_loss/stop_price", terms.stopLoss?.stopPrice),
            ("/stop_loss/limit_price", terms.stopLoss?.limitPrice),
            ("/take_profit/limit_price", terms.takeProfitLimitPrice),
        ]
        return all.compactMap { pointer, price in price.map { (pointer, $0) } }
    }
}
