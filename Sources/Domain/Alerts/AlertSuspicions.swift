/// What may be worth an alert and has not stood long enough, and what seems to be over and has not been long enough.
///
/// A stop that is replaced is gone for a moment; a snapshot may be read between two steps. So a condition is believed
/// only after it stood for a while, and its end likewise.
package struct AlertSuspicions: Sendable {
    /// What is to be done.
    package struct Outcome: Sendable {
        package var raise: [AlertDraft] = []
        /// Keys of alerts whose conditions are gone.
        package var resolve: [String] = []
    }

    private var since: [String: Timestamp] = [:]
    private var goneSince: [String: Timestamp] = [:]

    /// Nothing is suspected.
    package init() {}

    /// Compares what stands now with the alerts that are open, by their keys; `held` are open ones of which nothing can
    /// be said at the moment, `believed` what is believed at once.
    package mutating func compare(
        _ conditions: [AlertDraft], open: Set<String>, held: (String) -> Bool, believed: (String) -> Bool,
        confirmSeconds: Int, now: Timestamp
    ) -> Outcome {
        var outcome = Outcome()
        let standing = Set(conditions.map(\.dedupKey))
        since = since.filter { standing.contains($0.key) || held($0.key) }
        for draft in conditions where !open.contains(draft.dedupKey) && !held(draft.dedupKey) {
            let key = draft.dedupKey
            let first = since[key] ?? now
            since[key] = first
            guard believed(key) || now.seconds(since: first) >= confirmSeconds else { continue }
            outcome.raise.append(draft)
            since[key] = nil
        }
        goneSince = goneSince.filter { open.contains($0.key) && !standing.contains($0.key) }
        for key in open.sorted() where !standing.contains(key) && !held(key) {
            let first = goneSince[key] ?? now
            goneSince[key] = first
            guard now.seconds(since: first) >= confirmSeconds else { continue }
            outcome.resolve.append(key)
            goneSince[key] = nil
        }
        return outcome
    }
}
