import Glibc

/// A person at the keyboard, who is asked before something that cannot be taken back.
enum Confirmation {
    /// Whether somebody sits there, because standard input is a terminal: a script is never asked.
    static var isPossible: Bool { isatty(STDIN_FILENO) == 1 }

    /// Whether the word was typed; another one, or the end of the input, is a no.
    static func isTyped(_ word: String) -> Bool {
        readLine()?.split(whereSeparator: \.isWhitespace).map { $0.lowercased() } == [word]
    }
}
