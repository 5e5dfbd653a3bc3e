import CSpawn
import Glibc

/// Runs the plotting program for one picture.
enum DrawingProcess {
    private static let environment = ["PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "TZ=UTC", "HOME=/nonexistent"]
    /// How often is looked whether it is done, in microseconds.
    private static let lookMicroseconds: UInt32 = 2000

    static func isExecutable(_ program: String) -> Bool { access(program, X_OK) == 0 }

    /// What the program writes when it reads the script; it is ended when it takes too long or writes too much.
    ///
    /// It inherits no descriptor and no variable of ours, and reads nobody's start-up files (`-d`).
    static func run(
        _ program: String, _ script: String, _ limits: Plotter.Limits
    ) -> Result<[UInt8], PlottingError> {
        let (input, output) = (memfd_create("script", 1), memfd_create("picture", 1))
        defer {
            close(input)
            close(output)
        }
        guard input >= 0, output >= 0, write(script, to: input) else {
            return .failure(PlottingError(description: "no memory for a picture"))
        }
        let (pid, failure) = spawn(program, input, output)
        guard failure == 0 else {
            return .failure(
                PlottingError(description: "\(program) cannot be run: \(String(cString: strerror(failure)))"))
        }
        guard let status = wait(for: pid, output, limits) else {
            return .failure(
                PlottingError(
                    description: "\(program) took more than \(limits.seconds) s or \(limits.bytes) bytes"))
        }
        guard status == 0 else {
            return .failure(PlottingError(description: "\(program) failed with status \(status)"))
        }
        return .success(contents(of: output, upTo: limits.bytes))
    }

    /// The status that the process ended with; nil where it had to be ended.
    private static func wait(for pid: pid_t, _ output: Int32, _ limits: Plotter.Limits) -> Int32? {
        var status: Int32 = 0
        let deadline = ContinuousClock.now + .seconds(limits.seconds)
        while true {
            let ended = waitpid(pid, &status, WNOHANG)
            if ended == pid { return size(of: output) <= limits.bytes ? status : nil }
            if ended < 0, errno != EINTR { return nil }
            if ContinuousClock.now > deadline || size(of: output) > limits.bytes {
                kill(pid, SIGKILL)
                while waitpid(pid, &status, 0) < 0, errno == EINTR {}
                return nil
            }
            usleep(lookMicroseconds)
        }
    }

    private static func spawn(
        _ program: String, _ input: Int32, _ output: Int32
    ) -> (pid: pid_t, failure: Int32) {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
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

        let words: [UnsafeMutablePointer<CChar>?] = [strdup(program), strdup("-d"), strdup("-"), nil]
        let variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
        defer { for text in words + variables { free(text) } }
        var pid: pid_t = 0
        let failure = posix_spawn(&pid, program, &actions, &attributes, words, variables)
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

    private static func size(of descriptor: Int32) -> Int {
        var state = stat()
        return fstat(descriptor, &state) == 0 ? Int(state.st_size) : Int.max
    }

    private static func contents(of descriptor: Int32, upTo limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 65_536)
        while bytes.count <= limit {
            let count = pread(descriptor, &block, block.count, off_t(bytes.count))
            guard count > 0 else { break }
            bytes.append(contentsOf: block[..<count])
        }
        return bytes
    }
}
