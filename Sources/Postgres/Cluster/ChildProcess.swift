import CPostgres
import Glibc

/// Runs a program to its end with a clean environment and collects what it prints.
enum ChildProcess {
    struct Outcome {
        let status: Int32
        let output: String
        var isSuccess: Bool { status == 0 }
    }

    private static let environment = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "HOME=/"]

    /// Runs `arguments[0]`, an absolute path, in the root directory.
    ///
    /// A daemon left behind inherits no descriptor above standard error. Output goes to memory, not through
    /// a pipe, so nobody waits for such a daemon to close it.
    static func run(_ arguments: [String], input: String = "") throws(ClusterError) -> Outcome {
        let program = arguments.first ?? ""
        let (standardInput, standardOutput) = (memfd_create("input", 0), memfd_create("output", 0))
        defer {
            close(standardInput)
            close(standardOutput)
        }
        guard standardInput >= 0, standardOutput >= 0, write(input, to: standardInput) else {
            throw ClusterError(
                .commandFailed, "\(program) cannot be run: \(String(cString: strerror(errno))).")
        }
        let (pid, failure) = spawn(arguments, standardInput, standardOutput)
        guard failure == 0 else {
            throw ClusterError(
                .commandFailed, "\(program) cannot be run: \(String(cString: strerror(failure))).")
        }
        var status: Int32 = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        // An exit code where there is one, otherwise 128 plus the signal, as shells say it.
        let code = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
        return Outcome(status: code, output: contents(of: standardOutput))
    }

    private static func spawn(
        _ arguments: [String], _ input: Int32, _ output: Int32
    ) -> (pid: pid_t, failure: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        posix_spawn_file_actions_addchdir_np(&actions, "/")

        // Signals we ignore or block are no business of the child.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

        var pid: pid_t = 0
        let failure = CStrings.withMutablePointers(arguments) { words in
            CStrings.withMutablePointers(environment) { environment in
                posix_spawn(&pid, arguments.first ?? "", &actions, &attributes, words, environment)
            }
        }
        return (pid, failure)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return lseek(descriptor, 0, SEEK_SET) == 0
    }

    private static func contents(of descriptor: Int32) -> String {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = pread(descriptor, &block, block.count, off_t(bytes.count))
            guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(contentsOf: block[..<count])
        }
    }
}
