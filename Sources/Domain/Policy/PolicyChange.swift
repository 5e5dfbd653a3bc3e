package import JSON

/// One setting that differs between two policies.
package struct PolicyChange: Sendable, Hashable {
    /// Where it stands, as a JSON Pointer: `/limits/max_position_usd`.
    package let pointer: String
    package let from: JSONValue
    package let to: JSONValue

    /// A change.
    package init(pointer: String, from: JSONValue, to: JSONValue) {
        self.pointer = pointer
        self.from = from
        self.to = to
    }

    /// What differs between two documents, in the order of the new one; nothing means that they say the same.
    package static func between(_ old: JSONValue, _ new: JSONValue) -> [PolicyChange] {
        changes(old, new, pointer: "")
    }

    private static func changes(_ old: JSONValue, _ new: JSONValue, pointer: String) -> [PolicyChange] {
        guard let oldMembers = old.objectValue, let newMembers = new.objectValue else {
            return old == new ? [] : [PolicyChange(pointer: pointer, from: old, to: new)]
        }
        let gone = oldMembers.keys.filter { newMembers[$0] == nil }
        return (newMembers.keys + gone).flatMap { key in
            changes(oldMembers[key] ?? .null, newMembers[key] ?? .null, pointer: "\(pointer)/\(key)")
        }
    }
}
