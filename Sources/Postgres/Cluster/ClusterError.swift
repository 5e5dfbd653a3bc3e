/// Why the private PostgreSQL cannot be had, in words for the person at the keyboard.
package struct ClusterError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: String, Sendable, Hashable {
        case notInstalled = "not_installed"
        case tooOld = "too_old"
        /// The data belongs to another major version than the installed programs.
        case versionMismatch = "version_mismatch"
        case noUser = "no_user"
        /// Nothing to change the user with is installed.
        case noUserSwitch = "no_user_switch"
        case badDirectory = "bad_directory"
        /// Another process holds the lock for too long.
        case busy
        case commandFailed = "command_failed"
        case startFailed = "start_failed"
        /// Whoever wanted it does not wait any more.
        case abandoned
    }

    package let code: Code
    package let message: String

    init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
