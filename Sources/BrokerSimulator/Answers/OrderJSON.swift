import Domain
import JSON

extension SimulatedExchange {
    /// An order as Alpaca shows it; `nested` puts its legs inside.
    func json(_ order: SimulatedOrder, nested: Bool) -> JSONValue {
        var fields = identityFields(order) + termFields(order) + timeFields(order)
        let legs = nested ? order.legIDs.compactMap { orders[$0] } : []
        fields.append(("legs", legs.isEmpty ? .null : .array(legs.map { json($0, nested: false) })))
        return .object(JSONObject(fields))
    }

    private func identityFields(_ order: SimulatedOrder) -> [(key: String, value: JSONValue)] {
        [
            ("id", .string(order.id.text)),
            ("client_order_id", .string(order.clientOrderID)),
            ("symbol", .string(order.symbol)),
            ("asset_id", .string(Self.assetID(order.symbol).text)),
            ("asset_class", "us_equity"),
            ("side", .string(order.side.rawValue)),
            ("type", .string(order.kind.rawValue)),
            ("order_type", .string(order.kind.rawValue)),
            ("order_class", .string(order.orderClass == .simple ? "" : order.orderClass.rawValue)),
            ("time_in_force", .string(order.timeInForce.rawValue)),
            ("position_intent", .string(order.intent.rawValue)),
            ("extended_hours", .bool(order.extendedHours)),
            ("status", .string(order.shownStatus ?? order.status.rawValue)),
        ]
    }

    private func termFields(_ order: SimulatedOrder) -> [(key: String, value: JSONValue)] {
        var trailPrice: ExactDecimal?
        var trailPercent: ExactDecimal?
        switch order.trail {
        case .price(let price): trailPrice = price
        case .percent(let percent): trailPercent = percent
        case nil: break
        }
        return [
            ("qty", .decimal(order.notional == nil ? order.quantity : nil)),
            ("notional", .decimal(order.notional)),
            ("filled_qty", .decimal(order.filledQuantity)),
            ("filled_avg_price", .decimal(order.averageFillPrice)),
            ("limit_price", .decimal(order.limitPrice)),
            ("stop_price", .decimal(order.stopPrice)),
            ("trail_price", .decimal(trailPrice)),
            ("trail_percent", .decimal(trailPercent)),
            ("hwm", .decimal(order.highWaterMark)),
            ("replaced_by", .text(order.replacedBy?.text)),
            ("replaces", .text(order.replaces?.text)),
        ]
    }

    private func timeFields(_ order: SimulatedOrder) -> [(key: String, value: JSONValue)] {
        [
            ("created_at", .time(order.createdAt)),
            ("updated_at", .time(order.updatedAt)),
            ("submitted_at", .time(order.createdAt)),
            ("filled_at", .time(order.filledAt)),
            ("expired_at", .time(order.expiredAt)),
            ("expires_at", .time(order.expiresAt)),
            ("canceled_at", .time(order.canceledAt)),
            ("failed_at", .time(order.failedAt)),
            ("replaced_at", .time(order.replacedAt)),
        ]
    }

    /// The identity of an asset, derived from its symbol.
    static func assetID(_ symbol: String) -> Identifier {
        var random = SplitMix64.named("asset " + symbol)
        return random.identifier()
    }
}

extension JSONValue {
    /// A decimal as text, as Alpaca writes money; null where there is none.
    static func decimal(_ value: ExactDecimal?) -> JSONValue { .text(value?.description) }

    /// A decimal as a JSON number, as market data writes prices.
    static func numeric(_ value: ExactDecimal) -> JSONValue {
        JSONNumber(value.description).map(JSONValue.number) ?? .null
    }

    /// An instant as text; null where there is none.
    static func time(_ value: Timestamp?) -> JSONValue { .text(value?.rfc3339) }
}
