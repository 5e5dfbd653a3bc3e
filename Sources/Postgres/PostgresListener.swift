/// What a listener tells its one consumer.
package enum PostgresListenerEvent: Sendable, Hashable {
    /// LISTEN is in effect for the first time: look at the tables once.
    case listening
    /// The connection was lost and is back: notifications may have been missed, so look at the tables again.
    case reconnected
    case notification(PostgresNotification)
}

/// Listens to channels on a connection of its own and comes back by itself when that breaks.
///
/// Notifications only wake; whoever falls behind by a thousand loses the oldest. `events` is for one consumer;
/// ending its loop, `stop()` or letting go of the listener closes the connection.
package final class PostgresListener: Sendable {
    package let events: AsyncStream<PostgresListenerEvent>
    private let loop: ListenerLoop

    package init(configuration: PostgresConfiguration, channels: [String], heartbeatSeconds: Double = 30) {
        let (events, continuation) = AsyncStream.makeStream(
            of: PostgresListenerEvent.self, bufferingPolicy: .bufferingNewest(1000))
        let loop = ListenerLoop(
            configuration: configuration, channels: channels, heartbeatSeconds: heartbeatSeconds,
            continuation: continuation)
        self.events = events
        self.loop = loop
        continuation.onTermination = { _ in loop.stop() }
        loop.start()
    }

    deinit { loop.stop() }

    package func stop() { loop.stop() }
}
