import JSON

// How the reports stand in a policy document, and how people read it.

extension ReportPolicy {
    /// The reports as they stand in a document.
    var json: JSONValue { ["routes": .array(routes.map(\.json))] }

    /// Takes in what a document says.
    mutating func read(_ reader: JSONReader) {
        if reader.has("routes") {
            if reader.value("routes") == nil {
                reader.fault("routes", "cannot be null; [] sends every report to every channel")
            }
            routes = (reader.objects("routes", maxCount: 50) ?? []).compactMap(ReportRoute.read)
        }
        reader.refuseUnknown()
    }
}

extension ReportRoute {
    fileprivate var json: JSONValue {
        [
            "reports": .array(reports.map { .string($0.rawValue) }),
            "roles": .array(roles.map { .string($0.rawValue) }),
            "people": .array(people.map(JSONValue.string)),
            "channels": .array(channels.map(JSONValue.string)),
            "kinds": .array(kinds.map { .string($0.rawValue) }), "shared": .bool(isShared),
            "page_only": .bool(isPageOnly),
        ]
    }

    fileprivate static func read(_ reader: JSONReader) -> ReportRoute? {
        var route = ReportRoute()
        let kinds = ReportKind.allCases.map(\.rawValue).joined(separator: " or ")
        route.reports = reader.words("reports", "a report: \(kinds)") { ReportKind(rawValue: $0) }
        let roles = Role.allCases.map(\.rawValue).joined(separator: ", ")
        route.roles = reader.words("roles", "a role: \(roles)") { Role(rawValue: $0) }
        route.people = reader.words("people", "the name of a person") {
            Names.isPersonName($0) ? $0 : nil
        }
        route.channels = reader.words("channels", "the name of a channel") {
            Names.isThingName($0) ? $0 : nil
        }
        route.kinds = reader.words("kinds", "a kind of channel such as email") { ChannelKind(rawValue: $0) }
        route.isShared = reader.bool("shared") ?? false
        route.isPageOnly = reader.bool("page_only") ?? false
        let hasTarget =
            route.namesPeople || !route.channels.isEmpty || !route.kinds.isEmpty || route.isShared
        if route.isPageOnly == hasTarget {
            reader.fault(
                "page_only",
                hasTarget
                    ? "cannot stand beside roles, people, channels, kinds or shared"
                    : "a route names roles, people, channels, kinds or shared, or is for the page only")
        }
        reader.refuseUnknown()
        return route
    }

    /// Routes in words, in the order in which they are tried; nil where they are none.
    static func words(_ value: JSONValue) -> String? {
        guard let routes = value.arrayValue else { return nil }
        let isComplete = routes.contains { ($0["reports"]?.arrayValue ?? []).isEmpty }
        let rest = "every \(routes.isEmpty ? "" : "other ")report to every channel"
        return (routes.map { words(route: $0) } + (isComplete ? [] : [rest])).joined(separator: "; ")
    }

    private static func words(route: JSONValue) -> String {
        func list(_ key: String) -> [String] { (route[key]?.arrayValue ?? []).compactMap(\.stringValue) }
        let reports = list("reports")
        let what = reports.isEmpty ? "every report" : "\(reports.joined(separator: " and ")) reports"
        if route["page_only"]?.boolValue == true { return "\(what) only on the page" }
        let whom =
            list("roles").map { "\($0)s" } + list("people") + list("channels")
            + list("kinds").map { "every \($0) channel" }
            + (route["shared"]?.boolValue == true ? ["channels that belong to nobody"] : [])
        return "\(what) to \(whom.joined(separator: ", "))"
    }
}

extension JSONReader {
    /// An array of words; what is none of them is a fault.
    fileprivate func words<Word>(_ key: String, _ what: String, _ make: (String) -> Word?) -> [Word] {
        let elements = array(key, maxCount: 100) ?? []
        return elements.enumerated().compactMap { index, element in
            guard let word = element.stringValue.flatMap(make) else {
                fault(key, "element \(index + 1) must be \(what)")
                return nil
            }
            return word
        }
    }
}
