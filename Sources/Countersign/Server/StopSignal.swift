import Dispatch
import Glibc

/// SIGTERM and SIGINT: the first asks to stop, a second one stops at once.
enum StopSignal {
    /// Returns when the process is asked to stop.
    static func wait() async {
        let (signals, continuation) = AsyncStream.makeStream(of: Int32.self)
        let queue = DispatchQueue(label: "signals")
        let sources = [SIGTERM, SIGINT].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { continuation.yield(number) }
            source.resume()
            return source
        }
        var iterator = signals.makeAsyncIterator()
        _ = await iterator.next()
        // From here on nobody asks a second time in vain.
        for source in sources { source.setEventHandler { _exit(130) } }
    }
}
