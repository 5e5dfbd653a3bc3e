import Domain
import Postgres
import Store
import Synchronization

/// Looks after alerts by the clock: raises what has come to stand, ends what is over, tells again what nobody took note
/// of.
///
/// Any number of servers may do it; one at a time does.
package final class AlertWatch: Sendable {
    /// What one look did, for the log.
    package struct Look: Sendable {
        package var raised: [String] = []
        package var resolved = 0
        package var told = 0
    }

    private static let limit = 100

    private let context: GateContext
    private let confirmSeconds: Int
    private let suspicions = Mutex(AlertSuspicions())

    /// The use case; a condition is believed after it stood so many seconds.
    package init(_ context: GateContext, confirmSeconds: Int = 30) {
        self.context = context
        self.confirmSeconds = confirmSeconds
    }

    /// One look; nothing where another server is looking.
    package func look(upSeconds: Int) async throws -> Look {
        try await context.pool.transaction { [self] session in
            guard try AlertQueries.tryWatching(in: session) else { return Look() }
            var look = Look()
            if let scene = try AlertScene.load(upSeconds: upSeconds, in: session) {
                try compare(scene, &look, in: session)
            }
            look.raised += try ExitAlerts.raise(in: session)
            look.told = try AlertRaising.tellDue(limit: Self.limit, in: session).count
            for alert in try AlertStore.takeSettled(limit: Self.limit, in: session) {
                let reason =
                    alert.priority == .info
                    ? "nobody has to acknowledge it" : "acknowledged, and nothing came after"
                try AlertRaising.end(
                    alert.id, by: AlertDraft.system, reason: reason, told: .nobody, in: session)
            }
            return look
        }
    }

    private func compare(_ scene: AlertScene, _ look: inout Look, in session: PostgresSession) throws {
        let open = try AlertStore.open(AlertScene.types, in: session)
        let types = Dictionary(open.map { ($0.dedupKey, $0.type) }) { first, _ in first }
        let once = try AlertStore.everRaised(scene.conditions.filter(\.isOnce).map(\.dedupKey), in: session)
        let conditions = scene.conditions.filter {
            !$0.isOnce || !once.contains($0.dedupKey) || types[$0.dedupKey] != nil
        }
        let heldTypes = Set(scene.held.map(\.rawValue))
        let outcome = suspicions.withLock { suspicions in
            suspicions.compare(
                conditions, open: Set(types.keys),
                held: { key in types[key].map(heldTypes.contains) ?? false || scene.keptKeys.contains(key) },
                believed: { key in !key.hasPrefix("position-without-stop:") },
                confirmSeconds: confirmSeconds, now: scene.now)
        }
        for draft in outcome.raise {
            if try AlertRaising.raise(draft, counts: false, in: session).isNew {
                look.raised.append(draft.title)
            }
        }
        for key in outcome.resolve {
            guard let alert = open.first(where: { $0.dedupKey == key }) else { continue }
            let ended = try AlertRaising.end(
                alert.id, by: AlertDraft.system, reason: nil, told: alert.endsQuietly ? .quietly : .everybody,
                in: session)
            if ended != nil { look.resolved += 1 }
        }
    }
}

extension AlertDraft {
    /// Whether it is told once and never again, also where its condition comes and goes.
    fileprivate var isOnce: Bool {
        type == AlertType.positionGain.rawValue || type == AlertType.positionLosing.rawValue
    }
}

extension AlertRecord {
    /// Whether its end is no news: nobody waits for it, or something else tells it.
    fileprivate var endsQuietly: Bool {
        let quiet: [AlertType] = [.positionGain, .positionLosing, .orderUnknown, .limitNear]
        return quiet.contains { $0.rawValue == type }
    }
}
