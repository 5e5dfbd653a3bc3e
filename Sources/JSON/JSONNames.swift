/// The names of an object's members, in the order of canonical JSON: sorted by their UTF-8.
package struct JSONNames: Sendable {
    /// What stands before the value of each, one behind the other, and where each ends.
    private let openings: [UInt8]
    private let ends: [Int]

    /// Names that come sorted and need no escapes, written once for all objects that have them.
    package init(_ names: StaticString...) {
        precondition(!names.isEmpty, "an object without members needs no names")
        var openings: [UInt8] = []
        var ends: [Int] = []
        for name in names {
            openings += Array((openings.isEmpty ? "{\"\(name)\":" : ",\"\(name)\":").utf8)
            ends.append(openings.count)
        }
        self.openings = openings
        self.ends = ends
    }

    /// How many names there are.
    var count: Int { ends.count }
    /// How long an object is without its values, with the comma between two objects.
    var byteCount: Int { openings.count + 2 }

    /// Lends what stands before the value at each place.
    @inline(__always)
    func withOpenings(_ body: ((Int) -> UnsafeBufferPointer<UInt8>) -> Void) {
        openings.withUnsafeBufferPointer { openings in
            ends.withUnsafeBufferPointer { ends in
                body { place in
                    UnsafeBufferPointer(rebasing: openings[(place == 0 ? 0 : ends[place - 1])..<ends[place]])
                }
            }
        }
    }

    /// A member's place, and the first eight bytes of its name as a number that sorts as they do.
    typealias Sorted = (prefix: UInt64, place: Int)

    /// The order in which members are written by their names; nil where they stand in it already.
    static func order(_ members: [(key: String, value: JSONValue)]) -> [Sorted]? {
        var isSorted = true
        var order: [Sorted] = []
        order.reserveCapacity(members.count)
        for place in members.indices {
            let member = (prefix: prefix(of: members[place].key), place: place)
            if isSorted, let last = order.last { isSorted = areInOrder(last, member, members) }
            order.append(member)
        }
        if isSorted { return nil }
        order.sort { areInOrder($0, $1, members) }
        return order
    }

    /// Nearly all names differ in their first eight bytes.
    @inline(__always)
    private static func areInOrder(
        _ left: Sorted, _ right: Sorted, _ members: [(key: String, value: JSONValue)]
    ) -> Bool {
        left.prefix == right.prefix
            ? areInOrder(members[left.place].key, members[right.place].key) : left.prefix < right.prefix
    }

    /// A name of less than eight bytes sorts as if NULs followed, and equal numbers are looked at whole.
    private static func prefix(of name: String) -> UInt64 {
        var name = name
        return name.withUTF8 { bytes in
            var prefix: UInt64 = 0
            for place in 0..<min(8, bytes.count) {
                prefix |= UInt64(bytes[place]) << (56 - 8 * UInt64(place))
            }
            return prefix
        }
    }

    /// Whether one name's UTF-8 comes before the other's.
    @inline(never)
    private static func areInOrder(_ left: String, _ right: String) -> Bool {
        var (left, right) = (left, right)
        return left.withUTF8 { left in
            right.withUTF8 { right in
                for place in 0..<min(left.count, right.count) where left[place] != right[place] {
                    return left[place] < right[place]
                }
                return left.count < right.count
            }
        }
    }
}
