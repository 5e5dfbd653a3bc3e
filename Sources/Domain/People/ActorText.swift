/// Who did something, as people say it of the journal's actors.
package enum ActorText {
    /// `alice` of `user:alice`, `root (command line)` of `cli:root`, and `Countersign` of what it did by itself, whichever
    /// part of it did (`system`, `system:breaker`); nil where nobody is known.
    package static func words(_ actor: String?) -> String? {
        guard let actor else { return nil }
        let parts = actor.split(separator: ":", maxSplits: 1)
        switch parts.first {
        case "system": return "Countersign"
        case "cli": return parts.count == 2 ? "\(parts[1]) (command line)" : actor
        default: return parts.last.map(String.init) ?? actor
        }
    }
}
