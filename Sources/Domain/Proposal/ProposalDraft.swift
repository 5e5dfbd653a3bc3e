package import JSON

/// A trade that a bot wants, well formed: what `POST /api/v1/proposals` takes.
///
/// A draft that exists has lawful fields and prices that fit its type. Whether it is allowed, and whether the
/// broker takes it, the checks say.
package struct ProposalDraft: Sendable, Hashable {
    /// How many shares: so many, or what the policy's sizing rule says.
    package enum Quantity: Sendable, Hashable {
        case shares(ExactDecimal)
        case auto
    }

    package let quantity: Quantity
    /// The price the bot saw, in USD.
    package let referencePrice: ExactDecimal?
    package let strategy: String
    package let rationale: String?
    /// How sure the bot is, 0 to 100.
    package let confidence: ExactDecimal?
    /// How strong the news behind it is, 0 to 100.
    package let catalystScore: ExactDecimal?
    package let signalID: String?
    package let patternID: String?
    package let newsID: String?
    /// Whatever the bot wants kept with it, as it came.
    package let evidence: JSONObject?
    /// How long people may take; it only ever shortens the policy's time.
    package let timeoutMinutes: Int?
    package let externalRef: String?
    let unsized: UnsizedTerms

    /// The ticker.
    package var symbol: String { unsized.symbol }
    /// Whether it buys or sells.
    package var side: Side { unsized.side }

    /// The order's terms, where the bot gave a quantity.
    package var terms: OrderTerms? {
        guard case .shares(let qty) = quantity else { return nil }
        return unsized.terms(qty: qty)
    }

    /// The order's terms for a quantity that the sizing rule found.
    package func terms(qty: ExactDecimal) -> OrderTerms { unsized.terms(qty: qty) }

    /// What a proposal without a strategy belongs to.
    package static let defaultStrategy = "default"
}

extension ProposalDraft {
    /// The fields beside the order's terms, as the API gives them back; what is absent is left out.
    package var annotations: JSONObject {
        var object = JSONObject()
        object["reference_price"] = referencePrice.map { .string($0.description) }
        object["strategy"] = .string(strategy)
        object["rationale"] = rationale.map(JSONValue.string)
        object["confidence"] = confidence.map(Self.number)
        object["catalyst_score"] = catalystScore.map(Self.number)
        object["signal_id"] = signalID.map(JSONValue.string)
        object["pattern_id"] = patternID.map(JSONValue.string)
        object["news_id"] = newsID.map(JSONValue.string)
        object["evidence"] = evidence.map(JSONValue.object)
        object["timeout_minutes"] = timeoutMinutes.map(JSONValue.integer)
        object["external_ref"] = externalRef.map(JSONValue.string)
        return object
    }

    private static func number(_ decimal: ExactDecimal) -> JSONValue {
        JSONNumber(decimal.description).map(JSONValue.number) ?? .string(decimal.description)
    }
}
