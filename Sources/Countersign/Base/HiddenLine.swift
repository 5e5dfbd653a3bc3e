import Glibc

/// The terminal as it was before a secret was typed; there is one terminal in a process.
nonisolated(unsafe) private var terminalBefore = termios()

/// Gives the terminal its echo back before the signal ends the program as it would have.
private let restoring: @convention(c) (Int32) -> Void = { signal in
    tcsetattr(STDIN_FILENO, TCSANOW, &terminalBefore)
    Glibc.signal(signal, SIG_DFL)
    raise(signal)
}

/// A line that is typed at the terminal and does not show there.
enum HiddenLine {
    private static let signals = [SIGINT, SIGTERM, SIGHUP, SIGQUIT]

    /// The line's bytes without its end; what the person typed stands on no screen, whatever ends the program meanwhile.
    ///
    /// They are asked for it once nothing shows any more.
    static func read(prompt: String, maxBytes: Int) throws -> [UInt8] {
        guard tcgetattr(STDIN_FILENO, &terminalBefore) == 0 else {
            throw CommandFailure(
                "The terminal does not let its echo be turned off. Pipe the secret in instead.")
        }
        var silent = terminalBefore
        silent.c_lflag &= ~tcflag_t(ECHO | ECHONL)
        let handlers = signals.map { signal($0, restoring) }
        defer {
            tcsetattr(STDIN_FILENO, TCSANOW, &terminalBefore)
            for (number, handler) in zip(signals, handlers) { signal(number, handler) }
            Output.say("")
        }
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else {
            throw CommandFailure(
                "The terminal does not let its echo be turned off. Pipe the secret in instead.")
        }
        Output.say(prompt)
        return try line(maxBytes)
    }

    private static func line(_ maxBytes: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while bytes.count <= maxBytes {
            let count = Glibc.read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count > 0, byte != UInt8(ascii: "\n") else { return bytes }
            bytes.append(byte)
        }
        throw CommandFailure("What was typed is longer than \(maxBytes) bytes.")
    }
}
