/// When the clocks of a zone changed, and the rule by which they will.
struct ZoneRules: Sendable {
    /// Seconds since 1970 of each change, and the offsets from then on.
    private let changes: [(instant: Int, offset: Int)]
    private let firstOffset: Int
    /// For instants after the last change.
    private let rule: PosixZoneRule?

    init(rule: PosixZoneRule) {
        changes = []
        firstOffset = rule.standardOffset
        self.rule = rule
    }

    /// From a zone file of version 2 or later (RFC 9636); nil where the bytes are none, or count leap seconds.
    init?(zoneFile bytes: [UInt8]) {
        var reader = ZoneFileReader(bytes)
        guard let old = reader.header(), old.version >= 2, reader.skip(old.byteCount(timeSize: 4)),
            let header = reader.header(), header.typeCount > 0, header.leapCount == 0
        else { return nil }
        let instants = (0..<header.changeCount).map { _ in reader.integer(8) }
        let types = (0..<header.changeCount).map { _ in reader.integer(1) }
        let offsets = (0..<header.typeCount).map { _ in
            let offset = reader.integer(4)
            return reader.skip(2) ? offset : nil
        }
        guard reader.skip(header.byteCountAfterTypes(timeSize: 8)), let footer = reader.footer() else {
            return nil
        }
        var changes: [(instant: Int, offset: Int)] = []
        for (instant, type) in zip(instants, types) {
            guard let instant, let type, offsets.indices.contains(type), let offset = offsets[type] else {
                return nil
            }
            guard instant > changes.last?.instant ?? .min else { return nil }
            changes.append((instant, offset))
        }
        guard let firstOffset = offsets[0] else { return nil }
        self.changes = changes
        self.firstOffset = firstOffset
        rule = footer.isEmpty ? nil : PosixZoneRule(footer)
        guard footer.isEmpty || rule != nil else { return nil }
    }

    func offset(at instant: Int) -> Int {
        guard let last = changes.last else { return rule?.offset(at: instant) ?? firstOffset }
        if instant >= last.instant { return rule?.offset(at: instant) ?? last.offset }
        var range = changes.indices
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range =
                changes[middle].instant <= instant ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound == 0 ? firstOffset : changes[range.lowerBound - 1].offset
    }
}

/// Reads the parts of a zone file; nil wherever the bytes end too soon.
private struct ZoneFileReader {
    struct Header {
        let version: Int
        let universalCount, standardCount, leapCount, changeCount, typeCount, characterCount: Int

        func byteCount(timeSize: Int) -> Int {
            changeCount * (timeSize + 1) + typeCount * 6 + byteCountAfterTypes(timeSize: timeSize)
        }

        func byteCountAfterTypes(timeSize: Int) -> Int {
            characterCount + leapCount * (timeSize + 4) + standardCount + universalCount
        }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    mutating func header() -> Header? {
        guard rest.starts(with: Array("TZif".utf8)), skip(4), let version = rest.popFirst(), skip(15) else {
            return nil
        }
        let counts = (0..<6).compactMap { _ in integer(4) }
        guard counts.count == 6, counts.allSatisfy({ (0...100_000).contains($0) }) else { return nil }
        return Header(
            version: Int(version) - 0x30, universalCount: counts[0], standardCount: counts[1],
            leapCount: counts[2], changeCount: counts[3], typeCount: counts[4], characterCount: counts[5])
    }

    /// A big-endian number: signed where it has more than one byte.
    mutating func integer(_ size: Int) -> Int? {
        guard rest.count >= size else { return nil }
        let value = rest.prefix(size).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(size)
        return size == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(truncatingIfNeeded: value)
    }

    mutating func skip(_ count: Int) -> Bool {
        guard rest.count >= count else { return false }
        rest = rest.dropFirst(count)
        return true
    }

    /// The rule between two line feeds at the end.
    mutating func footer() -> String? {
        guard rest.popFirst() == 0x0A, let end = rest.firstIndex(of: 0x0A) else { return nil }
        return String(decoding: rest[..<end], as: UTF8.self)
    }
}
