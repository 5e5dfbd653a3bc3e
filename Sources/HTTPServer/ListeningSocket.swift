import CMicroHTTPD
import Glibc

/// Opens the socket that the server listens on, and says in words why it cannot.
enum ListeningSocket {
    private static let backlog: Int32 = 1024

    static func open(host: String, port: Int) throws(HTTPServerError) -> (socket: Int32, port: Int) {
        guard (0...65535).contains(port) else {
            throw HTTPServerError(code: .invalidAddress, message: "\(port) is not a port: use 0 to 65535.")
        }
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &found) == 0, let address = found else {
            throw HTTPServerError(
                code: .invalidAddress,
                message:
                    "Cannot listen on \(host): no such address. Use an IP address or name of this machine.")
        }
        defer { freeaddrinfo(found) }
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let socket = socket(address.pointee.ai_family, type, address.pointee.ai_protocol)
        guard socket >= 0 else { throw failure(errno, host, port) }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        guard bind(socket, address.pointee.ai_addr, address.pointee.ai_addrlen) == 0,
            listen(socket, backlog) == 0
        else {
            let code = errno
            close(socket)
            throw failure(code, host, port)
        }
        return (socket, boundPort(of: socket) ?? port)
    }

    private static func boundPort(of socket: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &storage) { storage in
            storage.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                guard getsockname(socket, address, &length) == 0 else { return nil }
                return SocketAddress.port(of: address)
            }
        }
    }

    private static func failure(_ code: Int32, _ host: String, _ port: Int) -> HTTPServerError {
        let place = "\(host):\(port)"
        switch code {
        case EADDRINUSE:
            return HTTPServerError(
                code: .addressInUse,
                message:
                    "Cannot listen on \(place): another program already does. Stop it or choose another port."
            )
        case EACCES, EPERM:
            return HTTPServerError(
                code: .permissionDenied,
                message: "Cannot listen on \(place): permission denied. Ports below 1024 need a privilege.")
        case EADDRNOTAVAIL:
            return HTTPServerError(
                code: .invalidAddress,
                message: "Cannot listen on \(place): the address does not belong to this machine.")
        default:
            return HTTPServerError(
                code: .system, message: "Cannot listen on \(place): \(String(cString: strerror(code))).")
        }
    }
}

/// Reads socket addresses.
enum SocketAddress {
    /// The IP address as text; IPv4 in IPv6's clothes comes out as IPv4.
    static func text(of address: UnsafePointer<sockaddr>?) -> String {
        guard let address else { return "" }
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                var bytes = $0.pointee.sin_addr
                return numeric(AF_INET, &bytes)
            }
        case AF_INET6:
            let text = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                var bytes = $0.pointee.sin6_addr
                return numeric(AF_INET6, &bytes)
            }
            return text.hasPrefix("::ffff:") && text.contains(".") ? String(text.dropFirst(7)) : text
        default:
            return ""
        }
    }

    static func port(of address: UnsafePointer<sockaddr>) -> Int? {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
                Int(UInt16(bigEndian: $0.pointee.sin_port))
            }
        case AF_INET6:
            address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
                Int(UInt16(bigEndian: $0.pointee.sin6_port))
            }
        default: nil
        }
    }

    private static func numeric(_ family: Int32, _ bytes: UnsafeRawPointer) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(INET6_ADDRSTRLEN)) { buffer in
            guard let start = buffer.baseAddress,
                let text = inet_ntop(family, bytes, start, socklen_t(buffer.count))
            else { return "" }
            return String(cString: text)
        }
    }
}
