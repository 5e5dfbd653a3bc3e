import Glibc
import Synchronization

/// Where finished lines go; each call gets one line with its line feed.
package struct LogSink: Sendable {
    let write: @Sendable ([UInt8]) -> Void

    /// A sink of one's own.
    package init(_ write: @escaping @Sendable ([UInt8]) -> Void) {
        self.write = write
    }

    /// The standard error of this process.
    package static let standardError = LogSink.descriptor(STDERR_FILENO)

    /// An open file descriptor: a line is one `write(2)`, lines of two threads never mix, and what cannot be
    /// written is lost without a word, because logging must not stop the work.
    package static func descriptor(_ descriptor: Int32) -> LogSink {
        let turn = Turn()
        return LogSink { line in
            turn.take { writeWhole(line, to: descriptor) }
        }
    }

    /// Nowhere.
    package static let discard = LogSink { _ in }
}

/// Keeps the lines it is given, for tests and for the last lines of an incident report.
package final class RecordedLog: Sendable {
    private let kept: Mutex<[String]>
    private let capacity: Int

    /// Keeps the newest lines, at most so many.
    package init(capacity: Int = 1000) {
        self.capacity = capacity
        kept = Mutex([])
    }

    /// The lines so far, oldest first, without their line feeds.
    package var lines: [String] {
        kept.withLock { $0 }
    }

    /// What a logger writes to.
    package var sink: LogSink {
        LogSink { [self] line in
            kept.withLock { lines in
                if lines.count == capacity { lines.removeFirst() }
                lines.append(String(decoding: line.dropLast(), as: UTF8.self))
            }
        }
    }
}

/// One writer at a time; a class, because a closure cannot hold a mutex by itself.
private final class Turn: Sendable {
    private let mutex = Mutex<Void>(())

    func take(_ body: () -> Void) {
        mutex.withLock { _ in body() }
    }
}

private func writeWhole(_ line: [UInt8], to descriptor: Int32) {
    line.withUnsafeBytes { bytes in
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(
                descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
