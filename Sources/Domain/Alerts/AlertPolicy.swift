/// Who is told of what, how often again, and from when on something is worth an alert.
package struct AlertPolicy: Sendable, Hashable {
    /// The first route that matches counts; where none does, every channel in use is told.
    package var routes: [AlertRoute] = []
    /// After how many minutes an alert that nobody acknowledged is told again; nothing for never.
    package var repeatMinutes: [AlertPriority: Int] = [.critical: 15, .emergency: 5]
    /// When what can wait is not told; nil for never.
    package var quietHours: QuietHours?
    /// From which gain on a position is told of, as a fraction of what it cost.
    package var positionGainPct: ExactDecimal? = ExactDecimal(coefficient: 2, scale: 1)
    /// After how many days at a loss a position is told of.
    package var positionLossDays: Int? = 30
    /// From which part of a breaker's limit on is told that it is near.
    package var nearLimitPct: ExactDecimal? = ExactDecimal(coefficient: 8, scale: 1)
    /// From which part of a limit on what may be held is told that it is near.
    ///
    /// Such are a position's size, the number of positions, what need not be kept in cash. Off, none of them is told of,
    /// not even when it is exceeded.
    package var nearHoldingPct: ExactDecimal? = ExactDecimal(coefficient: 8, scale: 1)
    /// After how long without a word the worker counts as silent, while the market is open.
    package var workerSilentSeconds: Int? = 60
    /// After how long a channel that takes nothing is told of on others.
    package var channelFailingMinutes: Int? = 5

    /// The alerts of every preset: everybody is told everything, what is critical until somebody acknowledges it.
    package static let standard = AlertPolicy()

    /// A policy as the presets have it.
    package init() {}

    /// The route of an alert; nil where it goes to every channel in use.
    package func route(_ type: String, _ priority: AlertPriority) -> AlertRoute? {
        routes.first { $0.takes(type, priority) }
    }

    /// When an alert that was told at a moment is told again; nil for never.
    package func nextTelling(of priority: AlertPriority, after moment: Timestamp) -> Timestamp? {
        guard priority.isRepeated else { return nil }
        return repeatMinutes[priority].map { moment.adding(minutes: $0) }
    }

    /// Until when an alert is not told; nil where it is told at once.
    package func quiet(_ priority: AlertPriority, at moment: Timestamp) -> Timestamp? {
        guard let quietHours, priority < quietHours.below else { return nil }
        return quietHours.end(at: moment)
    }
}

/// Where alerts of some kind go.
package struct AlertRoute: Sendable, Hashable {
    /// Types of alerts; empty for all.
    package var types: [String]
    /// Priorities; empty for all.
    package var priorities: [AlertPriority]
    /// The names of channels.
    package var channels: [String]
    /// The names of people, for all channels of theirs.
    package var people: [String]
    /// Kinds of channel: `email`.
    package var kinds: [ChannelKind]
    /// Whether it only stands on the page of alerts.
    package var isPageOnly: Bool

    /// A route.
    package init(
        types: [String] = [], priorities: [AlertPriority] = [], channels: [String] = [],
        people: [String] = [], kinds: [ChannelKind] = [], isPageOnly: Bool = false
    ) {
        self.types = types
        self.priorities = priorities
        self.channels = channels
        self.people = people
        self.kinds = kinds
        self.isPageOnly = isPageOnly
    }

    /// Whether an alert goes this way.
    package func takes(_ type: String, _ priority: AlertPriority) -> Bool {
        (types.isEmpty || types.contains(type)) && (priorities.isEmpty || priorities.contains(priority))
    }

    /// Whether a channel is one of those that are told.
    package func reaches(_ channel: AlertDestination) -> Bool {
        channels.contains { $0.lowercased() == channel.name.lowercased() }
            || channel.owner.map { owner in people.contains { $0.lowercased() == owner.lowercased() } }
                ?? false
            || kinds.contains(channel.kind)
    }
}

/// A channel, as far as routes look at it.
package struct AlertDestination: Sendable, Hashable {
    package let id: Identifier
    package let name: String
    package let kind: ChannelKind
    /// The person it belongs to; nil for nobody's channel.
    package let owner: String?

    /// A channel.
    package init(id: Identifier, name: String, kind: ChannelKind, owner: String?) {
        self.id = id
        self.name = name
        self.kind = kind
        self.owner = owner
    }
}

/// Hours in which what can wait is not told: it is told when they end, if it still stands then.
package struct QuietHours: Sendable, Hashable {
    /// Minutes after midnight in the zone.
    package let from: Int
    /// The minute at which they end; before `from` where they reach over midnight.
    package let to: Int
    package let zone: Zone
    /// What is at least this is told all the same.
    package let below: AlertPriority

    /// Quiet hours.
    package init(from: Int, to: Int, zone: Zone, below: AlertPriority) {
        self.from = from
        self.to = to
        self.zone = zone
        self.below = below
    }

    /// When they end, where the moment lies within them.
    package func end(at moment: Timestamp) -> Timestamp? {
        let local = ZonedTime(moment, in: zone)
        let minute = local.secondOfDay / 60
        let isWithin = from < to ? (from..<to).contains(minute) : minute >= from || minute < to
        guard isWithin else { return nil }
        let day = minute < to ? local.date : local.date.adding(days: 1)
        let end = zone.timestamp(day, hour: to / 60, minute: to % 60)
        // Where the clocks are put back, the same hour comes twice.
        return end > moment ? end : nil
    }
}
