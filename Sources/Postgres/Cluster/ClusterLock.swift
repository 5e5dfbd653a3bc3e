import Glibc

/// One process at a time works on a cluster's files; the kernel ends the lock with its holder.
struct ClusterLock: ~Copyable {
    private let descriptor: Int32

    init(path: String, timeoutSeconds: Int) throws(ClusterError) {
        let opened = open(path, O_CREAT | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard opened >= 0 else {
            throw ClusterError(
                .badDirectory,
                "\(path) cannot be opened: \(String(cString: strerror(errno))). Start this program as the user who"
                    + " owns that directory, or choose another one.")
        }
        // Checked in steps because a blocking flock knows no deadline.
        for _ in 0..<(timeoutSeconds * 20) {
            if flock(opened, LOCK_EX | LOCK_NB) == 0 {
                descriptor = opened
                return
            }
            usleep(50_000)
        }
        close(opened)
        throw ClusterError(
            .busy,
            "Another process has been starting or stopping the database for \(timeoutSeconds) s; try again.")
    }

    deinit { close(descriptor) }
}
