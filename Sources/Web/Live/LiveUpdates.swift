import Postgres
import Store
import Synchronization

/// Keeps long polls and event streams awake: it listens for changes and beats every two seconds besides.
final class LiveUpdates: Sendable {
    private struct State {
        var tasks: [Task<Void, Never>] = []
        var isListening = false
        var hasStarted = false
    }

    private static let beatSeconds = 2.0

    private let listener: PostgresListener?
    private let hub: ProposalHub
    private let changes: ChangeSignal
    private let state = Mutex(State())

    init(listener: PostgresListener?, hub: ProposalHub, changes: ChangeSignal) {
        self.listener = listener
        self.hub = hub
        self.changes = changes
    }

    /// Whether changes are heard of at once; nil where nobody listens, as in tests.
    var isListening: Bool? { state.withLock { $0.hasStarted ? $0.isListening : nil } }

    /// Begins to listen.
    func start() {
        let events = listener?.events(on: [ProposalNotice.channel])
        state.withLock { state in
            guard !state.hasStarted else { return }
            state.hasStarted = true
            state.tasks = [
                Task { [weak self] in
                    guard let events else { return }
                    for await event in events { await self?.heard(event) }
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
        let tasks = state.withLock { state in
            let tasks = state.tasks
            state.tasks = []
            state.isListening = false
            return tasks
        }
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
