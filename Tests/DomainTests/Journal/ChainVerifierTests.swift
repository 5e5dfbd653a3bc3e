import Domain
import Testing

/// A hash that is easy to see through: enough to follow a chain, not to be safe.
private let toyDigest: JournalChain.Digest = { bytes in
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return [UInt8](repeating: 0, count: 24)
        + (0..<8).map { UInt8(truncatingIfNeeded: hash >> UInt64(8 * $0)) }
}

@Suite struct ChainVerifierTests {
    private typealias Link = (position: Int, entryID: Int, hash: [UInt8], entry: JournalEntry?)

    private func chain(_ count: Int) -> [Link] {
        var previous = JournalChain.beginning
        return (1...count).map { position in
            let entry = JournalEntry(
                id: position * 10, at: Timestamp(seconds: Int64(position)), kind: "k", actor: "a",
                subject: "s",
                data: "{}")
            previous = JournalChain.hash(
                after: previous, position: position, entry: entry, digest: toyDigest)
            return (position, entry.id, previous, entry)
        }
    }

    private func checkpoint(_ link: Link, keyID: String = "good") -> JournalCheckpoint {
        JournalCheckpoint(
            position: link.position, hash: link.hash, signedAt: Timestamp(seconds: 1), keyID: keyID,
            signature: [])
    }

    private func report(
        _ links: [Link], _ checkpoints: [JournalCheckpoint], earlier: JournalCheckpoint? = nil
    ) -> JournalReport {
        var verifier = ChainVerifier(
            digest: toyDigest, judge: { CheckpointVerdict($0.keyID) }, earlier: earlier)
        for link in links {
            verifier.take(
                position: link.position, entryID: link.entryID, hash: link.hash, entry: link.entry)
            for checkpoint in checkpoints where checkpoint.position == link.position {
                verifier.take(checkpoint)
            }
        }
        return verifier.finish(waiting: 0)
    }

    private func codes(_ report: JournalReport) -> [JournalProblem.Code] { report.problems.map(\.code) }

    @Test func `an untouched chain is intact`() {
        let links = chain(5)
        let found = report(
            links, [checkpoint(links[0]), checkpoint(links[4])], earlier: checkpoint(links[2]))
        #expect(found.isIntact && found.entries == 5 && found.checkpoints == 2 && found.uncovered == 0)
        #expect(found.lastHash == links[4].hash)
        #expect(report([], []).isIntact)
    }

    @Test(arguments: [
        JournalEntry(id: 31, at: Timestamp(seconds: 3), kind: "k", actor: "a", subject: "s", data: "{}"),
        JournalEntry(
            id: 30, at: Timestamp(microseconds: 3_000_001), kind: "k", actor: "a", subject: "s", data: "{}"),
        JournalEntry(id: 30, at: Timestamp(seconds: 3), kind: "ka", actor: "", subject: "s", data: "{}"),
        JournalEntry(id: 30, at: Timestamp(seconds: 3), kind: "k", actor: "a", subject: "", data: "s{}"),
        JournalEntry(id: 30, at: Timestamp(seconds: 3), kind: "k", actor: "a", subject: "s", data: "{ }"),
    ])
    func `a changed entry is found at its position`(changed: JournalEntry) {
        var links = chain(5)
        links[2].entry = changed
        let found = report(links, [checkpoint(links[4])])
        #expect(codes(found) == [.altered])
        #expect(found.problems.first?.position == 3)
    }

    @Test func `two entries swapped are both found`() {
        var links = chain(5)
        (links[1].entry, links[2].entry) = (links[2].entry, links[1].entry)
        #expect(report(links, [checkpoint(links[4])]).problems.map(\.position) == [2, 3])
    }

    @Test func `a deleted entry and a deleted link are told apart`() {
        var links = chain(5)
        links[1].entry = nil
        links.remove(at: 2)
        let found = report(links, [checkpoint(links[3])])
        #expect(codes(found) == [.entryMissing, .missing])
        #expect(found.problems.map(\.position) == [2, 3])
    }

    @Test func `links in another order are found`() {
        var links = chain(3)
        links.swapAt(0, 1)
        #expect(codes(report(links, [checkpoint(links[2])])) == [.missing, .outOfOrder])
    }

    @Test func `an end that was cut off shows only beside an earlier checkpoint`() {
        let links = chain(5)
        let short = Array(links.prefix(3))
        #expect(report(short, [checkpoint(links[0])]).isIntact)
        let found = report(short, [checkpoint(links[0])], earlier: checkpoint(links[4]))
        #expect(codes(found) == [.truncated])
    }

    @Test func `a chain written anew shows beside an earlier checkpoint`() {
        let links = chain(5)
        var other = checkpoint(links[2])
        other = JournalCheckpoint(
            position: 3, hash: links[3].hash, signedAt: other.signedAt, keyID: "good", signature: [])
        #expect(codes(report(links, [checkpoint(links[4])], earlier: other)) == [.rewritten])
    }

    @Test func `checkpoints are judged by signature, key, hash and place`() {
        let links = chain(3)
        #expect(
            codes(report(links, [checkpoint(links[2], keyID: "forged")])) == [.checkpointSignature])
        #expect(codes(report(links, [checkpoint(links[2], keyID: "other")])) == [.checkpointKey])
        let wrong = JournalCheckpoint(
            position: 3, hash: links[1].hash, signedAt: Timestamp(seconds: 1), keyID: "good", signature: [])
        #expect(codes(report(links, [wrong])) == [.checkpointMismatch])
        var verifier = ChainVerifier(digest: toyDigest, judge: { _ in .signed })
        verifier.take(checkpoint(links[2]))
        #expect(codes(verifier.finish(waiting: 0)) == [.checkpointWithoutEntry])
    }

    @Test func `a long stretch without a checkpoint shows that some were deleted`() {
        let links = chain(JournalCheckpoint.maxEntriesBetween + 1)
        #expect(codes(report(links, [])) == [.checkpointMissing])
        #expect(codes(report(links, [checkpoint(links[0])])) == [.checkpointMissing])
        #expect(report(links, [checkpoint(links[1])]).isIntact)
    }

    @Test func `so many problems are told and all are counted`() {
        var links = chain(JournalReport.maxProblems + 5)
        for index in links.indices { links[index].entry = nil }
        let found = report(links, [checkpoint(links[links.count - 1])])
        #expect(found.problems.count == JournalReport.maxProblems)
        #expect(found.problemCount == links.count)
    }
}

extension CheckpointVerdict {
    fileprivate init(_ keyID: String) {
        self =
            switch keyID {
            case "good": .signed
            case "forged": .forged
            default: .untrusted
            }
    }
}
