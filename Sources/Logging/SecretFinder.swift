/// Finds secrets in one pass over a text, and over what the text says when it is decoded.
struct SecretFinder: Sendable {
    private struct Needle {
        let bytes: [UInt8]
        /// Nil for a secret known to the letter; patterns are found in any case.
        let pattern: SecretPattern?

        /// Whether the first two bytes agree: nearly no place comes further.
        func mayBegin(_ bytes: [UInt8], at start: Int) -> Bool {
            let end = start + self.bytes.count
            guard end <= bytes.count, self.bytes.count > 1 else { return end <= bytes.count }
            return bytes[start + 1] == self.bytes[1]
                || pattern != nil && lower(bytes[start + 1]) == self.bytes[1]
        }
    }

    private let needlesByFirstByte: [[Needle]]
    /// For every two bytes whether a needle begins with them, or the `:/` before a password: a bit for each second byte, four
    /// words for each first one.
    private let beginnings: [UInt64]

    init(secrets: Set<String>) {
        var needles = [[Needle]](repeating: [], count: 256)
        for secret in secrets {
            let bytes = Array(secret.utf8)
            needles[Int(bytes[0])].append(Needle(bytes: bytes, pattern: nil))
        }
        for pattern in SecretPattern.all {
            let needle = Needle(bytes: Array(pattern.start.utf8), pattern: pattern)
            for first in Set([needle.bytes[0], upper(needle.bytes[0])]) {
                needles[Int(first)].append(needle)
            }
        }
        needlesByFirstByte = needles
        beginnings = Self.beginnings(needles)
    }

    private static func beginnings(_ needles: [[Needle]]) -> [UInt64] {
        var bits = [UInt64](repeating: 0, count: 4 * 256)
        func note(_ first: UInt8, _ second: UInt8) {
            bits[4 * Int(first) + Int(second >> 6)] |= 1 << UInt64(second & 63)
        }
        note(UInt8(ascii: ":"), UInt8(ascii: "/"))
        for first in needles.indices {
            let first = UInt8(first)
            for needle in needles[Int(first)] {
                guard needle.bytes.count > 1 else {
                    // A single byte begins with whatever follows it, also at the end.
                    return [UInt64](repeating: .max, count: 4 * 256)
                }
                note(first, needle.bytes[1])
                if needle.pattern != nil { note(first, upper(needle.bytes[1])) }
            }
        }
        return bits
    }

    /// Whether a text cannot hold a secret, as a look at each two bytes of it shows for nearly all texts.
    ///
    /// What may stand for other bytes is left to whoever decodes it.
    private func isHarmless(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        beginnings.withUnsafeBufferPointer { beginnings in
            for place in bytes.indices {
                let byte = bytes[place]
                if Self.standsForOthers(byte) { return false }
                let second = place + 1 < bytes.count ? bytes[place + 1] : 0
                let bit = beginnings[4 * Int(byte) + Int(second >> 6)] >> UInt64(second & 63)
                if bit & 1 != 0, mayBegin(bytes, at: place) { return false }
            }
            return true
        }
    }

    /// Whether `DecodedText` may read something else there.
    private static func standsForOthers(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "\\") || byte == UInt8(ascii: "%") || byte == UInt8(ascii: "+")
    }

    private func mayBegin(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        if bytes[start] == UInt8(ascii: ":") { return true }
        return needlesByFirstByte[Int(bytes[start])].contains { needle in
            start + needle.bytes.count <= bytes.count
                && needle.bytes.indices.allSatisfy { lower(bytes[start + $0]) == lower(needle.bytes[$0]) }
        }
    }

    /// Where secrets stand, in bytes of the text's UTF-8: in order, apart from each other.
    func ranges(in text: String) -> [Range<Int>] {
        var text = text
        return text.withUTF8(isHarmless) ? [] : thoroughRanges(in: text)
    }

    /// The same without the short look.
    func thoroughRanges(in text: String) -> [Range<Int>] {
        let plain = DecodedText(Array(text.utf8))
        var views = [plain]
        if let unescaped = plain.unescaped() { views.append(unescaped) }
        views += views.compactMap { $0.percentDecoded() }
        return merged(views.flatMap { view in ranges(in: view.bytes).map(view.source) })
    }

    private func ranges(in bytes: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        for start in bytes.indices {
            for needle in needlesByFirstByte[Int(bytes[start])] where needle.mayBegin(bytes, at: start) {
                if let range = range(of: needle, in: bytes, at: start) { found.append(range) }
            }
            if let password = passwordOfAddress(in: bytes, at: start) { found.append(password) }
        }
        return found
    }

    private func range(of needle: Needle, in bytes: [UInt8], at start: Int) -> Range<Int>? {
        let end = start + needle.bytes.count
        guard let pattern = needle.pattern else {
            return bytes[start..<end].elementsEqual(needle.bytes) ? start..<end : nil
        }
        guard bytes[start..<end].elementsEqual(needle.bytes, by: { lower($0) == $1 }) else { return nil }
        if pattern.beginsWord, start > 0, SecretPattern.Tail.token.contains(bytes[start - 1]) { return nil }
        let tailEnd = bytes[end...].firstIndex { !pattern.tail.contains($0) } ?? bytes.count
        return tailEnd - end >= pattern.minTailBytes ? end..<tailEnd : nil
    }

    /// The password in `scheme://user:password@host`, where `start` is at `://`.
    private func passwordOfAddress(in bytes: [UInt8], at start: Int) -> Range<Int>? {
        guard bytes[start] == UInt8(ascii: ":"), bytes[start...].starts(with: Array("://".utf8)) else {
            return nil
        }
        let rest = bytes[(start + 3)...]
        let end = rest.firstIndex { $0 <= 0x20 || Array("/?#\"<>".utf8).contains($0) } ?? bytes.count
        guard let at = rest[..<end].lastIndex(of: UInt8(ascii: "@")),
            let colon = rest[..<at].firstIndex(of: UInt8(ascii: ":")), colon + 1 < at
        else { return nil }
        return colon + 1..<at
    }

    private func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}

private func lower(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte + 32 : byte
}

private func upper(_ byte: UInt8) -> UInt8 {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z") ? byte - 32 : byte
}
