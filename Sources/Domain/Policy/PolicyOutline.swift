package import JSON

/// The settings of a policy in the order and the words in which people read them.
///
/// A document may say its settings in any order; what is read, compared and signed by a second person is always
/// in this one.
package struct PolicyOutline: Sendable {
    /// Settings that belong together.
    package struct Group: Sendable, Hashable {
        package let title: String
        package let lines: [Line]
    }

    /// One setting.
    package struct Line: Sendable, Hashable {
        /// Where it stands, as a JSON Pointer.
        package let pointer: String
        package let name: String
        /// What it says, with its unit.
        package let value: String
    }

    /// One setting that differs.
    package struct Change: Sendable, Hashable {
        /// The group and the name.
        package let name: String
        package let from: String
        package let to: String
    }

    /// A document, group by group; what it does not say is left out.
    package static func groups(of document: JSONValue) -> [Group] {
        var rest = lines(of: document)
        var groups: [Group] = []
        for title in PolicySetting.groupTitles + others(rest.map(\.pointer)) {
            let (own, left) = rest.split { group($0.pointer) == title }
            rest = left
            if !own.isEmpty { groups.append(Group(title: title, lines: own)) }
        }
        return groups
    }

    /// What differs between two documents, in the order in which they are read.
    ///
    /// What one of them turns off as a whole is one line, with all that it says in the other.
    package static func changes(from old: JSONValue, to new: JSONValue) -> [Change] {
        let before = Dictionary(inEffect(leaves(old, ""))) { first, _ in first }
        let after = Dictionary(inEffect(leaves(new, ""))) { first, _ in first }
        let isOff = Set(before.keys).symmetricDifference(after.keys)
        let wholes = isOff.filter { whole in isOff.contains { $0.hasPrefix(whole + "/") } }
        let single = Set(before.keys).union(after.keys).filter { pointer in
            before[pointer] != after[pointer] && !wholes.contains { pointer.hasPrefix($0 + "/") }
        }
        let titles = PolicySetting.groupTitles
        let ordered = sorted(single.map { ($0, JSONValue.null) }).sorted { one, other in
            (titles.firstIndex(of: group(one.pointer)) ?? titles.count)
                < (titles.firstIndex(of: group(other.pointer)) ?? titles.count)
        }
        return ordered.map { pointer, _ in
            Change(
                name: "\(group(pointer)): \(line(pointer, .null).name.firstLetterLowered)",
                from: words(pointer, before), to: words(pointer, after))
        }
    }

    /// What a document says at a place, or all that it says below it.
    private static func words(_ pointer: String, _ leaves: [String: JSONValue]) -> String {
        if let value = leaves[pointer] { return line(pointer, value).value }
        let below = leaves.filter { $0.key.hasPrefix(pointer + "/") }.map {
            (pointer: $0.key, value: $0.value)
        }
        guard !below.isEmpty else { return "not said" }
        return breaker(pointer) == pointer
            ? breakerWords(pointer, sorted(below)) : joined(sorted(below).map { line($0.pointer, $0.value) })
    }

    /// The lines of a document in their order; a breaker, whose settings make sense together only, is one.
    private static func lines(of document: JSONValue) -> [Line] {
        var lines: [Line] = []
        let leaves = sorted(leaves(document, ""))
        for leaf in leaves {
            guard let whole = breaker(leaf.pointer), whole != leaf.pointer else {
                lines.append(line(leaf.pointer, leaf.value))
                continue
            }
            guard lines.last?.pointer != whole else { continue }
            let own = leaves.filter { $0.pointer.hasPrefix(whole + "/") }
            lines.append(
                Line(pointer: whole, name: line(whole, .null).name, value: breakerWords(whole, own)))
        }
        return lines
    }

    /// The breaker that a setting belongs to; nil where it belongs to none.
    private static func breaker(_ pointer: String) -> String? {
        let steps = pointer.split(separator: "/")
        guard steps.count > 1, steps[0] == "breakers" else { return nil }
        return "/breakers/\(steps[1])"
    }

    /// When a breaker trips and what it does then; in the very words of the page of risk, where all is said that these need.
    private static func breakerWords(_ whole: String, _ leaves: [Leaf]) -> String {
        func isAction(_ leaf: Leaf) -> Bool {
            ["on_trip", "scope", "allows_reducing"].contains { leaf.pointer == "\(whole)/\($0)" }
        }
        func value(_ key: String) -> JSONValue? { leaves.first { $0.pointer == "\(whole)/\(key)" }?.value }
        guard let onTrip = value("on_trip")?.stringValue.flatMap(BreakerAction.init),
            let scope = value("scope")?.stringValue.flatMap(BreakerScope.init),
            let allowsReducing = value("allows_reducing")?.boolValue
        else { return joined(leaves.map { line($0.pointer, $0.value) }) }
        let rule = BreakerRule([:], onTrip: onTrip, scope: scope, allowsReducing: allowsReducing)
        let limits = joined(leaves.filter { !isAction($0) }.map { line($0.pointer, $0.value) })
        return "\(limits); then \(rule.actionWords.dropLast().description.firstLetterLowered)"
    }

    /// The settings with what they come to: while a breaker closes positions, its `allows_reducing` lets nothing out.
    private static func inEffect(_ leaves: [Leaf]) -> [Leaf] {
        let closing = leaves.filter { $0.value.stringValue == BreakerAction.haltCancelFlatten.rawValue }
            .compactMap { breaker($0.pointer) }
        return leaves.map { leaf in
            guard leaf.value == true, closing.contains(where: { leaf.pointer == "\($0)/allows_reducing" })
            else { return leaf }
            return (leaf.pointer, .string("are stopped too, while positions are closed"))
        }
    }

    /// `trips at 2 % of the previous close; for the whole account`.
    private static func joined(_ lines: [Line]) -> String {
        lines.map { line in
            let name = line.name.split(separator: ", ").last.map(String.init) ?? line.name
            return "\(name.firstLetterLowered) \(line.value)"
        }.joined(separator: "; ")
    }

    private typealias Leaf = (pointer: String, value: JSONValue)

    /// Every single setting; a group that is turned off as a whole is one.
    private static func leaves(_ value: JSONValue, _ pointer: String) -> [Leaf] {
        guard let object = value.objectValue, !object.members.isEmpty else { return [(pointer, value)] }
        return object.members.flatMap { leaves($0.value, "\(pointer)/\($0.key)") }
    }

    private static func sorted(_ leaves: [Leaf]) -> [Leaf] {
        leaves.enumerated().sorted { one, other in
            let places = (
                PolicySetting.place(one.element.pointer), PolicySetting.place(other.element.pointer)
            )
            return places.0 == places.1
                ? one.element.pointer < other.element.pointer : places.0 < places.1
        }.map(\.element)
    }

    private static func line(_ pointer: String, _ value: JSONValue) -> Line {
        let setting = PolicySetting.find(pointer)
        return Line(
            pointer: pointer, name: setting?.name ?? plainWords(pointer),
            value: setting?.words(value) ?? PolicySetting.plain(value))
    }

    private static func group(_ pointer: String) -> String {
        PolicySetting.find(pointer)?.group
            ?? pointer.split(separator: "/").first.map { String($0).firstLetterRaised } ?? "Other"
    }

    /// Groups of settings that have no words here yet.
    private static func others(_ pointers: [String]) -> [String] {
        var titles: [String] = []
        for pointer in pointers {
            let title = group(pointer)
            if !PolicySetting.groupTitles.contains(title), !titles.contains(title) { titles.append(title) }
        }
        return titles
    }

    /// `/alerts/routes/critical` becomes `routes, critical`.
    private static func plainWords(_ pointer: String) -> String {
        let steps = pointer.split(separator: "/")
        return (steps.count > 1 ? steps.dropFirst() : steps[...]).map {
            $0.split(separator: "_").joined(separator: " ")
        }.joined(separator: ", ").firstLetterRaised
    }
}

extension Array {
    fileprivate func split(where isFirst: (Element) -> Bool) -> ([Element], [Element]) {
        (filter(isFirst), filter { !isFirst($0) })
    }
}

extension String {
    fileprivate var firstLetterRaised: String { prefix(1).uppercased() + dropFirst() }
    var firstLetterLowered: String { prefix(1).lowercased() + dropFirst() }
}
