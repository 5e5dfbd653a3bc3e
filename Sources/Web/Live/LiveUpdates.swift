import Postgres
import Synchronization

/// Keeps long polls and event streams awake: it listens for changes and beats every two seconds besides.
final class LiveUpdates: Sendable {
    private struct State {
        var listener: PostgresListener?
        var tasks: [Task<Void, Never>] = []
        var isListening = false
        var hasStarted = false
    }

    static let channel = "countersign_proposals"
    private static let beatSeconds = 2.0

    private let pool: PostgresPool
    private let hub: ProposalHub
    private let changes: ChangeSignal
    private let state = Mutex(State())

    init(pool: PostgresPool, hub: ProposalHub, changes: ChangeSignal) {
        self.pool = pool
        self.hub = hub
        self.changes = changes
    }

    /// Whether changes are heard of at once; nil where nobody listens, as in tests.
    var isListening: Bool? { state.withLock { $0.hasStarted ? $0.isListening : nil } }

    /// Begins to listen.
    func start() {
        let listener = PostgresListener(configuration: pool.configuration, channels: [Self.channel])
        state.withLock { state in
            guard !state.hasStarted else { return }
            state.hasStarted = true
            state.listener = listener
            state.tasks = [
                Task { [weak self] in
                    for await event in listener.events { await self?.heard(event) }
                },
                Task { [weak self] in
                    while !Task.isCancelled {
                        try? await Task.sleep(for: .seconds(Self.beatSeconds))
                        await self?.wake()
                    }
                },
            ]
        }
    }

    /// Stops listening and answers everybody who waits.
    func stop() async {
        let (listener, tasks) = state.withLock { state in
            let held = (state.listener, state.tasks)
            state.listener = nil
            state.tasks = []
            state.isListening = false
            return held
        }
        listener?.stop()
        for task in tasks { task.cancel() }
        changes.stop()
        await hub.stop()
    }

    private func heard(_ event: PostgresListenerEvent) async {
        switch event {
        case .listening, .reconnected: state.withLock { $0.isListening = true }
        case .notification: break
        }
        await wake()
    }

    private func wake() async {
        changes.raise()
        await hub.look()
    }
}
