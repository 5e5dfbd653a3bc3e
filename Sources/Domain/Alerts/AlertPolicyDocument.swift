import JSON

// How the alerts stand in a policy document.

extension AlertPolicy {
    /// The alerts as they stand in a document.
    var json: JSONValue {
        [
            "routes": .array(routes.map(\.json)),
            "repeat_minutes": [
                "critical": .optional(repeatMinutes[.critical]),
                "emergency": .optional(repeatMinutes[.emergency]),
            ],
            "quiet_hours": quietHours?.json ?? .null,
            "position_gain_pct": .text(positionGainPct?.description),
            "position_loss_days": .optional(positionLossDays),
            "near_limit_pct": .text(nearLimitPct?.description),
            "near_holding_pct": .text(nearHoldingPct?.description),
            "worker_silent_seconds": .optional(workerSilentSeconds),
            "channel_failing_minutes": .optional(channelFailingMinutes),
        ]
    }

    /// Takes in what a document says; null turns a thing off.
    mutating func read(_ reader: JSONReader) {
        if reader.has("routes") {
            if reader.value("routes") == nil {
                reader.fault("routes", "cannot be null; [] sends everything to every channel")
            }
            routes = (reader.objects("routes", maxCount: 50) ?? []).compactMap(AlertRoute.read)
        }
        if let minutes = reader.object("repeat_minutes") {
            for priority in [AlertPriority.critical, .emergency] {
                repeatMinutes[priority] = minutes.limit(priority.rawValue, else: repeatMinutes[priority]) {
                    $0.int($1, in: 1...1440)
                }
            }
            minutes.refuseUnknown()
        } else if reader.has("repeat_minutes") {
            reader.fault("repeat_minutes", "must be an object; null turns a single priority off")
        }
        quietHours = reader.limit("quiet_hours", else: quietHours) { reader, key in
            reader.object(key).flatMap(QuietHours.read)
        }
        positionGainPct = reader.limit("position_gain_pct", else: positionGainPct) { reader, key in
            guard let gain = reader.decimal(key) else { return nil }
            guard gain.isPositive, gain <= ExactDecimal(100), gain.decimalPlaces <= 6 else {
                reader.fault(key, "must be above 0, such as \"0.2\" for 20 percent")
                return nil
            }
            return gain
        }
        positionLossDays = reader.limit("position_loss_days", else: positionLossDays) {
            $0.int($1, in: 1...3650)
        }
        nearLimitPct = reader.stopDistance("near_limit_pct", else: nearLimitPct)
        nearHoldingPct = reader.stopDistance("near_holding_pct", else: nearHoldingPct)
        workerSilentSeconds = reader.limit("worker_silent_seconds", else: workerSilentSeconds) {
            $0.int($1, in: 5...86_400)
        }
        channelFailingMinutes = reader.limit("channel_failing_minutes", else: channelFailingMinutes) {
            $0.int($1, in: 1...1440)
        }
        reader.refuseUnknown()
    }
}

extension AlertRoute {
    fileprivate var json: JSONValue {
        [
            "types": .array(types.map(JSONValue.string)),
            "priorities": .array(priorities.map { .string($0.rawValue) }),
            "channels": .array(channels.map(JSONValue.string)),
            "people": .array(people.map(JSONValue.string)),
            "kinds": .array(kinds.map { .string($0.rawValue) }), "page_only": .bool(isPageOnly),
        ]
    }

    fileprivate static func read(_ reader: JSONReader) -> AlertRoute? {
        var route = AlertRoute()
        route.types = reader.wordList("types", AlertDraft.isType, "a type such as stop_loss_hit") { $0 }
        route.priorities = reader.wordList(
            "priorities", { AlertPriority(rawValue: $0) != nil }, "info, high, critical or emergency"
        ) { AlertPriority(rawValue: $0) }
        route.channels = reader.wordList("channels", Names.isThingName, "the name of a channel") { $0 }
        route.people = reader.wordList("people", Names.isPersonName, "the name of a person") { $0 }
        route.kinds = reader.wordList(
            "kinds", { ChannelKind(rawValue: $0) != nil }, "a kind of channel such as email"
        ) { ChannelKind(rawValue: $0) }
        route.isPageOnly = reader.bool("page_only") ?? false
        let hasTarget = !route.channels.isEmpty || !route.people.isEmpty || !route.kinds.isEmpty
        if route.isPageOnly == hasTarget {
            reader.fault(
                "page_only",
                hasTarget
                    ? "cannot stand beside channels, people or kinds"
                    : "a route names channels, people or kinds, or is for the page only")
        }
        if route.isPageOnly, route.priorities.isEmpty || route.priorities.contains(where: \.isRepeated) {
            reader.fault("page_only", "is for priorities info and high only; name them in priorities")
        }
        reader.refuseUnknown()
        return route
    }
}

extension QuietHours {
    fileprivate var json: JSONValue {
        [
            "from": .string(Self.text(from)), "to": .string(Self.text(to)), "zone": .string(zone.name),
            "below": .string(below.rawValue),
        ]
    }

    fileprivate static func read(_ reader: JSONReader) -> QuietHours? {
        func minute(_ key: String) -> Int? {
            guard let text = reader.string(key, maxCharacters: 5) else {
                if reader.value(key) == nil { reader.missing(key) }
                return nil
            }
            let parts = text.split(separator: ":", omittingEmptySubsequences: false)
            guard text.utf8.count == 5, parts.count == 2, let hour = Int(parts[0]),
                let minute = Int(parts[1]),
                (0...23).contains(hour), (0...59).contains(minute)
            else {
                reader.fault(key, "must be a time of day such as 22:00")
                return nil
            }
            return hour * 60 + minute
        }
        let (from, to) = (minute("from"), minute("to"))
        if let from, from == to { reader.fault("to", "must differ from from") }
        let name = reader.string("zone", maxCharacters: 64) ?? Zone.newYork.name
        let zone = Zone(name: name)
        if zone == nil { reader.fault("zone", "must be a time zone such as America/New_York") }
        let below = reader.choice("below", AlertPriority.self) ?? .high
        if below != .high, below != .critical {
            reader.fault("below", "must be \"high\" or \"critical\": what is critical is always told")
        }
        reader.refuseUnknown()
        guard let from, let to, let zone else { return nil }
        return QuietHours(from: from, to: to, zone: zone, below: below)
    }

    private static func text(_ minute: Int) -> String {
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(two(minute / 60)):\(two(minute % 60))"
    }
}

extension JSONReader {
    /// An array of words; what is none of them is a fault.
    fileprivate func wordList<Word>(
        _ key: String, _ isGood: (String) -> Bool, _ what: String, _ make: (String) -> Word?
    ) -> [Word] {
        let elements = array(key, maxCount: 100) ?? []
        return elements.enumerated().compactMap { index, element in
            guard let text = element.stringValue, isGood(text), let word = make(text) else {
                fault(key, "element \(index + 1) must be \(what)")
                return nil
            }
            return word
        }
    }
}

extension JSONValue {
    fileprivate static func optional(_ number: Int?) -> JSONValue { number.map(JSONValue.integer) ?? .null }
}
