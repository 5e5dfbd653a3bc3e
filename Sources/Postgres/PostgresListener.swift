import Synchronization

/// What a listener tells those who hear by it.
package enum PostgresListenerEvent: Sendable, Hashable {
    /// LISTEN is in effect for the first time: look at the tables once.
    case listening
    /// The connection was lost and is back: notifications may have been missed, so look at the tables again.
    case reconnected
    case notification(PostgresNotification)
}

/// Listens to channels on a connection of its own and comes back by itself when that breaks.
///
/// One for a whole process: a NOTIFY wakes every connection that listens in the database, to whatever channel. `stop()` or letting
/// go of the listener closes the connection.
package final class PostgresListener: Sendable {
    private typealias Hearer = (
        channels: Set<String>?, continuation: AsyncStream<PostgresListenerEvent>.Continuation
    )

    /// Whoever hears, shared with the thread that listens.
    private final class Audience: Sendable {
        private struct State {
            var hearers: [Int: Hearer] = [:]
            var joined = 0
            var isListening = false
            var isOver = false
        }

        private let state = Mutex(State())

        func join(_ hearer: Hearer) {
            let (number, mayLook, isOver) = state.withLock { state in
                state.joined += 1
                if !state.isOver { state.hearers[state.joined] = hearer }
                return (state.joined, state.isListening, state.isOver)
            }
            hearer.continuation.onTermination = { [weak self] _ in self?.leave(number) }
            if mayLook { hearer.continuation.yield(.listening) }
            if isOver { hearer.continuation.finish() }
        }

        private func leave(_ number: Int) { state.withLock { _ = $0.hearers.removeValue(forKey: number) } }

        func tell(_ event: PostgresListenerEvent) {
            let hearers = state.withLock { state in
                if event == .listening { state.isListening = true }
                return state.hearers.values.map(\.self)
            }
            for hearer in hearers where event.concerns(hearer.channels) { hearer.continuation.yield(event) }
        }

        func end() {
            let hearers = state.withLock { state in
                state.isOver = true
                return state.hearers.values.map(\.self)
            }
            for hearer in hearers { hearer.continuation.finish() }
        }
    }

    private let loop: ListenerLoop
    private let audience = Audience()

    /// Begins to listen to these channels.
    package init(configuration: PostgresConfiguration, channels: [String], heartbeatSeconds: Double = 30) {
        loop = ListenerLoop(
            configuration: configuration, channels: channels, heartbeatSeconds: heartbeatSeconds,
            tell: { [audience] event in audience.tell(event) }, end: { [audience] in audience.end() })
        loop.start()
    }

    deinit { loop.stop() }

    /// What is heard on these channels, or on all, from now on; for one consumer.
    ///
    /// `listening` comes as soon as nothing can be missed any more. Notifications only wake; whoever falls behind by a
    /// thousand loses the oldest.
    package func events(on channels: Set<String>? = nil) -> AsyncStream<PostgresListenerEvent> {
        let (events, continuation) = AsyncStream.makeStream(
            of: PostgresListenerEvent.self, bufferingPolicy: .bufferingNewest(1000))
        audience.join((channels, continuation))
        return events
    }

    /// Closes the connection and ends what everybody hears.
    package func stop() { loop.stop() }
}

extension PostgresListenerEvent {
    fileprivate func concerns(_ channels: Set<String>?) -> Bool {
        switch self {
        case .listening, .reconnected: true
        case .notification(let notification): channels?.contains(notification.channel) ?? true
        }
    }
}
