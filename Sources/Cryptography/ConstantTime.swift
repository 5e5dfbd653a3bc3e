import CSodium

/// Compares two byte strings in time that depends on their length only.
package func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    _ = Sodium.ready
    return left.count == right.count && sodium_memcmp(left, right, left.count) == 0
}

/// Compares the UTF-8 of two texts in time that depends on their length only.
package func constantTimeEquals(_ left: String, _ right: String) -> Bool {
    constantTimeEquals(Array(left.utf8), Array(right.utf8))
}
