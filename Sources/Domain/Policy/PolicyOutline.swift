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
        var lines = leaves(document, "")
        var groups: [Group] = []
        for title in PolicySetting.groupTitles + others(lines) {
            let (own, rest) = lines.split { group($0.pointer) == title }
            lines = rest
            guard !own.isEmpty else { continue }
            groups.append(Group(title: title, lines: sorted(own).map { line($0.pointer, $0.value) }))
        }
        return groups
    }

    /// What differs between two documents, in the order in which they are read.
    package static func changes(from old: JSONValue, to new: JSONValue) -> [Change] {
        let before = Dictionary(leaves(old, "")) { first, _ in first }
        let after = Dictionary(leaves(new, "")) { first, _ in first }
        let all = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
        let titles = PolicySetting.groupTitles
        let ordered = sorted(all.map { ($0, JSONValue.null) }).sorted { one, other in
            (titles.firstIndex(of: group(one.pointer)) ?? titles.count)
                < (titles.firstIndex(of: group(other.pointer)) ?? titles.count)
        }
        return ordered.map { pointer, _ in
            Change(
                name: "\(group(pointer)): \(line(pointer, .null).name.firstLetterLowered)",
                from: before[pointer].map { line(pointer, $0).value } ?? "not said",
                to: after[pointer].map { line(pointer, $0).value } ?? "not said")
        }
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
    private static func others(_ leaves: [Leaf]) -> [String] {
        var titles: [String] = []
        for leaf in leaves {
            let title = group(leaf.pointer)
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
    fileprivate var firstLetterLowered: String { prefix(1).lowercased() + dropFirst() }
}
