/// Who reads reports.
package struct ReportPolicy: Sendable, Hashable {
    /// The first route that takes a report counts; where none does, every channel in use gets it.
    package var routes: [ReportRoute]

    /// The reports of every preset: to those who answer for the account, and where everybody reads.
    package static let standard = ReportPolicy(routes: [
        ReportRoute(roles: [.operator_, .admin], isShared: true)
    ])

    /// A policy of these routes.
    package init(routes: [ReportRoute]) { self.routes = routes }

    /// Where a report goes, of the channels in use; nil where it only stands on its page.
    ///
    /// A report is never lost in silence: where nobody whom its route names has a channel, it goes to all of them. That is
    /// worth a warning where somebody wrote the route, and no news where the preset did.
    package func audience(of kind: ReportKind, among readers: [ReportReader]) -> ReportAudience? {
        guard let route = routes.first(where: { $0.takes(kind) }) else {
            return ReportAudience(readers: readers, isFallback: false)
        }
        if route.isPageOnly { return nil }
        let reached = readers.filter(route.reaches)
        let isMissed = reached.isEmpty || route.namesPeople && !reached.contains(where: route.reachesPerson)
        return ReportAudience(
            readers: isMissed ? readers : reached, isFallback: isMissed && self != .standard)
    }
}

/// Those whom a report is sent.
package struct ReportAudience: Sendable, Hashable {
    package let readers: [ReportReader]
    /// Whether it goes to everybody because nobody whom the policy was told to name could be reached.
    package let isFallback: Bool

    /// An audience.
    package init(readers: [ReportReader], isFallback: Bool) {
        self.readers = readers
        self.isFallback = isFallback
    }
}

/// Where some reports go.
package struct ReportRoute: Sendable, Hashable {
    /// Which reports; empty for all.
    package var reports: [ReportKind]
    /// To all channels of people with these roles.
    package var roles: [Role]
    /// To all channels of these people.
    package var people: [String]
    /// To these channels.
    package var channels: [String]
    /// To these kinds of channel: `email`.
    package var kinds: [ChannelKind]
    /// To channels that belong to nobody.
    package var isShared: Bool
    /// Whether they only stand on their pages.
    package var isPageOnly: Bool

    /// A route.
    package init(
        reports: [ReportKind] = [], roles: [Role] = [], people: [String] = [], channels: [String] = [],
        kinds: [ChannelKind] = [], isShared: Bool = false, isPageOnly: Bool = false
    ) {
        self.reports = reports
        self.roles = roles
        self.people = people
        self.channels = channels
        self.kinds = kinds
        self.isShared = isShared
        self.isPageOnly = isPageOnly
    }

    func takes(_ kind: ReportKind) -> Bool { reports.isEmpty || reports.contains(kind) }

    var namesPeople: Bool { !roles.isEmpty || !people.isEmpty }

    func reaches(_ reader: ReportReader) -> Bool {
        reachesPerson(reader) || channels.contains { $0.lowercased() == reader.name.lowercased() }
            || kinds.contains(reader.kind) || isShared && reader.owner == nil
    }

    /// Whether the channel belongs to somebody whom the route names.
    func reachesPerson(_ reader: ReportReader) -> Bool {
        guard let owner = reader.owner else { return false }
        return roles.contains(owner.role) || people.contains { $0.lowercased() == owner.name.lowercased() }
    }
}

/// A channel in use, as far as routes of reports look at it.
package struct ReportReader: Sendable, Hashable {
    /// The person to whom a channel belongs.
    package struct Owner: Sendable, Hashable {
        package let name: String
        package let role: Role

        /// A person.
        package init(name: String, role: Role) {
            self.name = name
            self.role = role
        }
    }

    package let id: Identifier
    package let name: String
    package let kind: ChannelKind
    /// Nil for nobody's channel.
    package let owner: Owner?

    /// A channel.
    package init(id: Identifier, name: String, kind: ChannelKind, owner: Owner?) {
        self.id = id
        self.name = name
        self.kind = kind
        self.owner = owner
    }
}
