import CMicroHTTPD
import Synchronization

/// The buffer between a stream of events and the connection that sends them.
///
/// The connection is suspended ("parked") while the buffer is empty and resumed by the next event.
final class EventFeed: Sendable {
    private struct State {
        var buffer: [UInt8] = Array(":\n\n".utf8)
        var offset = 0
        var isEnded = false
        var isParked = false
        var lastWriteMicroseconds = monotonicMicroseconds()
        var totalBytes = 0
        var task: Task<Void, Never>?
        var whenDone: (@Sendable (Int) -> Void)?

        mutating func consume(_ count: Int) {
            offset += count
            totalBytes += count
            if offset == buffer.count {
                buffer.removeAll(keepingCapacity: true)
                offset = 0
            } else if offset > 65_536 {
                buffer.removeFirst(offset)
                offset = 0
            }
        }
    }

    private let stream: ServerSentEventStream
    private let connection: Connection
    private let state = Mutex(State())

    init(_ stream: ServerSentEventStream, connection: Connection) {
        self.stream = stream
        self.connection = connection
    }

    /// Begins to carry events over, before the response is queued; `whenDone` learns how many bytes were sent.
    func start(whenDone: @escaping @Sendable (Int) -> Void) {
        let task = Task {
            // Left by cancellation only, never by break: that is what tells the source that its reader is gone.
            for await event in stream.events { append(event.serialized) }
            end()
        }
        let isEnded = state.withLock { state in
            state.task = task
            state.whenDone = whenDone
            return state.isEnded
        }
        if isEnded { task.cancel() }
    }

    /// Ends the stream once what is buffered has been sent.
    func end() {
        let (task, wasParked) = state.withLock { state in
            let wasParked = state.isParked
            state.isParked = false
            state.isEnded = true
            return (state.task, wasParked)
        }
        task?.cancel()
        if wasParked { connection.handle.resume() }
    }

    /// The connection is done with the stream, whether sent or cut.
    func released() {
        let last = state.withLock { state in
            let last = state
            state = State()
            state.isEnded = true
            return last
        }
        last.task?.cancel()
        last.whenDone?(last.totalBytes)
    }

    /// Sends a comment if nothing has been sent for long.
    func beat(now: Int64) {
        let silence = Int64(stream.heartbeatSeconds * 1_000_000)
        guard state.withLock({ now - $0.lastWriteMicroseconds >= silence }) else { return }
        append(Array(":\n\n".utf8))
    }

    /// Whether the connection waits here, so that nobody but us may touch it.
    var isParked: Bool { state.withLock { $0.isParked } }

    /// Fills libmicrohttpd's buffer, or parks the connection; called on its thread only.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int {
        state.withLock { state in
            let count = min(buffer.count, state.buffer.count - state.offset)
            guard count == 0 else {
                state.buffer.withUnsafeBytes {
                    buffer.copyMemory(
                        from: UnsafeRawBufferPointer(rebasing: $0[state.offset..<state.offset + count]))
                }
                state.consume(count)
                return count
            }
            if state.isEnded { return mhd_end_of_stream() }
            // Under the lock, or an event could resume the connection before it is suspended.
            state.isParked = true
            connection.handle.suspend()
            return 0
        }
    }

    private enum Appended { case buffered, unparks, ended, overflows }

    private func append(_ bytes: [UInt8]) {
        let outcome: Appended = state.withLock { state in
            guard !state.isEnded else { return .ended }
            guard state.buffer.count - state.offset + bytes.count <= stream.maxBufferedBytes else {
                return .overflows
            }
            state.buffer += bytes
            state.lastWriteMicroseconds = monotonicMicroseconds()
            guard state.isParked else { return .buffered }
            state.isParked = false
            return .unparks
        }
        switch outcome {
        case .buffered, .ended: break
        case .unparks: connection.handle.resume()
        case .overflows:
            connection.cut()
            end()
        }
    }
}
