import FoundationEssentials
import Glibc

/// How much memory there is, and how much of it a private database may share among its connections.
enum MachineMemory {
    /// Megabytes of `shared_buffers`: a quarter of the memory, as PostgreSQL's manual advises, a gigabyte at most; 128, which is
    /// PostgreSQL's own choice, where there is little or nobody knows how much.
    static func sharedBufferMegabytes(of bytes: Int?) -> Int {
        guard let bytes else { return 128 }
        return min(1024, max(128, bytes / 4 / 1_048_576))
    }

    /// The machine's memory in bytes, or what the group of processes that this one belongs to may use of it.
    static var bytes: Int? {
        let pages = sysconf(Int32(_SC_PHYS_PAGES))
        let pageBytes = sysconf(Int32(_SC_PAGESIZE))
        guard pages > 0, pageBytes > 0 else { return nil }
        return limits(of: "/proc/self/cgroup", below: "/sys/fs/cgroup").reduce(pages * pageBytes, min)
    }

    /// The limits of a group (version 2 of Linux's control groups) and of those it belongs to; none where there are none.
    static func limits(of membership: String, below root: String) -> [Int] {
        let lines = (try? String(contentsOfFile: membership, encoding: .utf8))?.split(separator: "\n") ?? []
        let path = lines.first { $0.hasPrefix("0::") }?.dropFirst(3).split(separator: "/") ?? []
        return (0...path.count).compactMap { depth in
            let group = ([root] + path.prefix(depth).map(String.init)).joined(separator: "/")
            let text = try? String(contentsOfFile: "\(group)/memory.max", encoding: .utf8)
            return text.flatMap { Int($0.prefix { $0 != "\n" }) }
        }
    }
}
