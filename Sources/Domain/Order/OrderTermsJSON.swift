package import JSON

extension OrderTerms {
    /// The order's members as the API and the worker's document spell them; what is absent is left out.
    package var json: JSONObject {
        var object = JSONObject()
        object.reserveCapacity(12)
        object.append("symbol", .string(symbol))
        object.append("side", .string(side.rawValue))
        object.append("qty", .string(qty.description))
        object.append("type", .string(type.rawValue))
        if let limitPrice { object.append("limit_price", .string(limitPrice.description)) }
        if let stopPrice { object.append("stop_price", .string(stopPrice.description)) }
        object.append("time_in_force", .string(timeInForce.rawValue))
        object.append("order_class", .string(orderClass.rawValue))
        if let takeProfitLimitPrice {
            object.append("take_profit", ["limit_price": .string(takeProfitLimitPrice.description)])
        }
        if let stopLoss { object.append("stop_loss", .object(stopLoss.json)) }
        return object
    }

    /// The text whose SHA-256 is the order hash: sorted names, decimals as their shortest strings.
    ///
    /// The client order id is part of it, so that an approval holds for one order at the broker, not for its like.
    package func canonical(clientOrderID: String) -> String {
        var object = json
        object.append("client_order_id", .string(clientOrderID))
        return JSONValue.object(object).canonical()
    }

    /// Reads an order as `json` writes it, from an object that may have further members.
    package static func parse(_ order: JSONValue) throws(ValidationFailure) -> OrderTerms {
        let reader = JSONReader(order)
        let draft = OrderTermsReader.read(reader)
        guard let qty = reader.positiveQty("qty") else {
            if !(reader.value("qty") != nil) { reader.missing("qty") }
            throw ValidationFailure(faults: reader.faults)
        }
        let terms = draft?.terms(qty: qty)
        let faults = reader.faults + (terms.map(OrderShape.structuralFaults) ?? [])
        guard faults.isEmpty, let terms else { throw ValidationFailure(faults: faults) }
        return terms
    }
}

extension StopLoss {
    /// The stop's members as the API spells them.
    package var json: JSONObject {
        var object: JSONObject = ["stop_price": .string(stopPrice.description)]
        object["limit_price"] = limitPrice.map { .string($0.description) }
        return object
    }
}
