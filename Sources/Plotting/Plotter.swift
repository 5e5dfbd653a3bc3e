import Dispatch
import Synchronization

/// Why a picture was not drawn.
package struct PlottingError: Error, Sendable, Hashable, CustomStringConvertible {
    package let description: String
}

/// Draws pictures with gnuplot, one at a time, each in a process of its own that may not last.
package final class Plotter: Sendable {
    /// Where Debian has it.
    package static let debianProgram = "/usr/bin/gnuplot"

    /// How long one picture may take, in seconds, and how large it may be.
    package struct Limits: Sendable, Hashable {
        package var seconds = 10.0
        package var bytes = 1 << 20
        /// How many may wait for their turn.
        package var waiting = 16
        /// How many finished pictures are remembered.
        package var remembered = 64

        package init() {}
    }

    private struct State {
        var waiting = 0
        /// Finished pictures by their scripts, the oldest first.
        var known: [(script: String, picture: [UInt8])] = []
    }

    private let program: String
    private let limits: Limits
    private let queue = DispatchQueue(label: "plotting")
    private let state = Mutex(State())

    /// A plotter that runs this program.
    package init(program: String = debianProgram, limits: Limits = Limits()) {
        self.program = program
        self.limits = limits
    }

    /// Whether the program is installed.
    package var isAvailable: Bool { DrawingProcess.isExecutable(program) }

    /// The picture as a file's bytes; one that was drawn before is not drawn again.
    package func draw(_ plot: Plot, _ format: Plot.Format, _ shade: Plot.Shade) async throws(PlottingError)
        -> [UInt8]
    {
        let script = plot.script(format, shade)
        if let known = state.withLock({ state in state.known.first { $0.script == script }?.picture }) {
            return known
        }
        let hasRoom = state.withLock { state in
            guard state.waiting < limits.waiting else { return false }
            state.waiting += 1
            return true
        }
        guard hasRoom else { throw PlottingError(description: "too many pictures wait to be drawn") }
        let result = await withCheckedContinuation { continuation in
            queue.async { [program, limits] in
                continuation.resume(returning: DrawingProcess.run(program, script, limits))
            }
        }
        state.withLock { $0.waiting -= 1 }
        let picture = try result.get()
        guard Self.isPicture(picture, format) else {
            throw PlottingError(description: "\(program) did not draw a picture")
        }
        state.withLock { state in
            if state.known.count >= limits.remembered { state.known.removeFirst() }
            state.known.append((script, picture))
        }
        return picture
    }

    /// Whether bytes begin and end as such a file does: one that was cut short is none.
    private static func isPicture(_ bytes: [UInt8], _ format: Plot.Format) -> Bool {
        switch format {
        case .png:
            return bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
                && bytes.suffix(8).starts(with: Array("IEND".utf8))
        case .svg:
            let end = String(decoding: bytes.suffix(32), as: UTF8.self)
            return bytes.starts(with: Array("<?xml".utf8)) && end.contains("</svg>")
        }
    }
}
