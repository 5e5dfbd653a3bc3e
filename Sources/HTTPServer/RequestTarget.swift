/// Why the target of a request line cannot be served.
package enum RequestTargetError: Error, Sendable, Hashable {
    case malformed
    case path(PercentDecodingError)
    case dotSegment
    case tooManySegments
    case query(FormError)
}

/// The target of a request line, taken apart.
///
/// The path is split before it is decoded, so an encoded slash stays inside its segment. Segments that are `.` or
/// `..` after decoding are refused: clients resolve them before they send, only attacks leave them in.
struct RequestTarget {
    static let maxSegments = 64

    let path: String
    let segments: [String]
    let query: QueryItems

    init(_ text: String) throws(RequestTargetError) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .malformed }
        let target = try Self.originForm(text)
        let mark = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = target[..<mark]
        segments = try Self.segments(of: path)
        self.path = String(path)
        guard mark < target.endIndex else {
            query = QueryItems()
            return
        }
        do throws(FormError) {
            query = try QueryItems(parsing: target[mark...].dropFirst())
        } catch {
            throw .query(error)
        }
    }

    /// `http://host/path` means `/path` to us; `*` (OPTIONS for the whole server) stays.
    private static func originForm(_ text: String) throws(RequestTargetError) -> Substring {
        if text.utf8.first == UInt8(ascii: "/") || text == "*" { return text[...] }
        guard text.hasPrefix("http://") || text.hasPrefix("https://") else { throw .malformed }
        let scheme = text.utf8.firstIndex(of: UInt8(ascii: "/")) ?? text.endIndex
        let authority = text[scheme...].dropFirst(2)
        guard let slash = authority.utf8.firstIndex(of: UInt8(ascii: "/")) else { return "/" }
        return authority[slash...]
    }

    private static func segments(of path: Substring) throws(RequestTargetError) -> [String] {
        guard path != "/" && path != "*" else { return [] }
        var segments: [String] = []
        let slash = UInt8(ascii: "/")
        for piece in path.utf8.dropFirst().split(separator: slash, omittingEmptySubsequences: false) {
            guard segments.count < maxSegments else { throw .tooManySegments }
            let segment: String
            do throws(PercentDecodingError) {
                segment = try percentDecoded(Substring(piece))
            } catch {
                throw .path(error)
            }
            guard segment != "." && segment != ".." else { throw .dotSegment }
            segments.append(segment)
        }
        return segments
    }
}
