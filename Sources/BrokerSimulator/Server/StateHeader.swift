import Domain
import JSON

/// The first line of a state file: what the exchange was born with.
struct StateHeader: Sendable, Hashable {
    let settings: ExchangeSettings
    let clock: String
    let bornAt: Timestamp

    var json: JSONValue {
        [
            "simulator": 1, "born_at": .integer(bornAt.microseconds), "clock": .string(clock),
            "account": .string(settings.accountNumber), "cash": .decimal(settings.cash),
            "multiplier": .integer(settings.multiplier), "shorting": .bool(settings.isShortingEnabled),
            "flips": .bool(settings.allowsPositionFlips),
            "replaces_touched_stops": .bool(settings.replacesTouchedStops),
            "seed": .string(String(settings.seed)),
            "walk_basis_points": .integer(settings.walkBasisPoints),
            "partial_fill_percent": .integer(settings.partialFillPercent),
            "fill_delay_microseconds": .integer(settings.fillDelayMicroseconds),
            "partial_fill_delay_microseconds": .integer(settings.partialFillDelayMicroseconds),
            "cancel_delay_microseconds": .integer(settings.cancelDelayMicroseconds),
        ]
    }

    init(settings: ExchangeSettings, clock: String, bornAt: Timestamp) {
        self.settings = settings
        self.clock = clock
        self.bornAt = bornAt
    }

    /// Reads what `json` wrote; nil where it is something else.
    init?(_ json: JSONValue) {
        guard json["simulator"] == 1, let born = json["born_at"]?.intValue,
            let clock = json["clock"]?.stringValue,
            let account = json["account"]?.stringValue,
            let cash = json["cash"]?.stringValue.flatMap({ ExactDecimal($0) }),
            let multiplier = json["multiplier"]?.intValue, let shorting = json["shorting"]?.boolValue,
            let flips = json["flips"]?.boolValue, let replaces = json["replaces_touched_stops"]?.boolValue,

            let seed = json["seed"]?.stringValue.flatMap({ UInt64($0) }),
            let walk = json["walk_basis_points"]?.intValue,
            let percent = json["partial_fill_percent"]?.intValue,
            let fillDelay = json["fill_delay_microseconds"]?.intValue,
            let partialDelay = json["partial_fill_delay_microseconds"]?.intValue,
            let cancelDelay = json["cancel_delay_microseconds"]?.intValue
        else { return nil }
        self.clock = clock
        bornAt = Timestamp(microseconds: Int64(born))
        settings = ExchangeSettings(
            accountNumber: account, cash: cash, multiplier: multiplier, isShortingEnabled: shorting,
            allowsPositionFlips: flips, replacesTouchedStops: replaces,
            seed: seed, walkBasisPoints: walk, partialFillPercent: percent,
            fillDelayMicroseconds: Int64(fillDelay), partialFillDelayMicroseconds: Int64(partialDelay),
            cancelDelayMicroseconds: Int64(cancelDelay))
    }
}
