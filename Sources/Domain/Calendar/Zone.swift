// Time zones by name, from the system's zone files (RFC 9636), which distributions keep up to date.
// Foundation's TimeZone would do, but knows no zones in a statically linked program unless 50 MB of tables
// are linked in. This is the only file of the rules that reads anything.

import FoundationEssentials
import Synchronization

/// A time zone, such as `America/New_York`, with all its past and future changes of offset.
package struct Zone: Sendable, Hashable {
    /// Its name in the zone database.
    package let name: String
    private let rules: ZoneRules

    /// The exchange's zone; by the rule in force since 2007 where the system has no zone files.
    package static let newYork =
        Zone(name: "America/New_York")
        ?? Zone(
            name: "America/New_York", rules: ZoneRules(rule: PosixZoneRule("EST5EDT,M3.2.0,M11.1.0") ?? .utc))

    /// Universal time.
    package static let utc = Zone(name: "UTC", rules: ZoneRules(rule: .utc))

    /// A zone by its name; nil where the system does not know it.
    package init?(name: String) {
        if let known = knownZones.withLock({ $0[name] }) {
            self = known
            return
        }
        guard Self.isName(name),
            let file = FileManager.default.contents(atPath: "/usr/share/zoneinfo/" + name),
            let rules = ZoneRules(zoneFile: Array(file))
        else { return nil }
        self.init(name: name, rules: rules)
        knownZones.withLock { [zone = self] in $0[name] = zone }
    }

    private init(name: String, rules: ZoneRules) {
        self.name = name
        self.rules = rules
    }

    /// The place as people say it: `New York`.
    package var city: String {
        let last = name.split(separator: "/").last ?? ""
        return String(last.map { $0 == "_" ? " " : $0 })
    }

    /// How many seconds its clocks are ahead of universal time; negative west of Greenwich.
    package func offsetSeconds(at instant: Timestamp) -> Int {
        rules.offset(at: Int(Timestamp.floorDivide(instant.microseconds, 1_000_000).quotient))
    }

    /// The instant its clocks show this date and time.
    ///
    /// Of a time shown twice the first; a time that is skipped counts on as if no clock had been changed.
    package func timestamp(_ date: CalendarDate, hour: Int, minute: Int = 0, second: Int = 0) -> Timestamp {
        let local = date.daysSince1970 * 86_400 + hour * 3600 + minute * 60 + second
        let before = rules.offset(at: local - 86_400)
        let after = rules.offset(at: local + 86_400)
        let exact = [before, after].map { local - $0 }.filter { rules.offset(at: $0) + $0 == local }
        return Timestamp(seconds: Int64(exact.min() ?? local - before))
    }

    package static func == (left: Zone, right: Zone) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) { hasher.combine(name) }

    private static func isName(_ name: String) -> Bool {
        let steps = name.split(separator: "/", omittingEmptySubsequences: false)
        return name.utf8.count <= 64
            && steps.allSatisfy { step in
                !step.isEmpty
                    && step.utf8.allSatisfy {
                        switch $0 {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"):
                            true
                        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
                        case UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "+"): true
                        default: false
                        }
                    }
            }
    }
}

/// Zones read so far; the names are those of existing files, so it cannot grow without end.
private let knownZones = Mutex<[String: Zone]>([:])
