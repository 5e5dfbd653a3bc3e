/// Whose signature a checkpoint bears.
package enum CheckpointVerdict: Sendable, Hashable {
    /// A trusted key's.
    case signed
    /// Not that of the trusted key it names.
    case forged
    /// Perhaps that of the key it names, but that key is not trusted.
    case untrusted
}

/// Follows the chain from its beginning and notes all that does not fit.
///
/// Links are given in the order of their positions, each checkpoint after the link that it is about.
package struct ChainVerifier {
    /// What has been found so far.
    package private(set) var report = JournalReport()

    private let digest: JournalChain.Digest
    private let judge: (JournalCheckpoint) -> CheckpointVerdict
    /// A checkpoint that was kept elsewhere.
    private let earlier: JournalCheckpoint?
    private var hasReachedEarlier = false

    /// A verifier at the beginning of the chain.
    package init(
        digest: @escaping JournalChain.Digest, judge: @escaping (JournalCheckpoint) -> CheckpointVerdict,
        earlier: JournalCheckpoint? = nil
    ) {
        self.digest = digest
        self.judge = judge
        self.earlier = earlier
        if let earlier { noteVerdict(of: earlier, name: "The checkpoint kept elsewhere") }
    }

    /// Takes the next link; `entry` is nil where the entry it names does not exist.
    package mutating func take(position: Int, entryID: Int, hash: [UInt8], entry: JournalEntry?) {
        let expected = report.lastPosition + 1
        guard position >= expected else {
            report.add(
                JournalProblem(
                    .outOfOrder, position: position, entryID: entryID,
                    "Position \(position) comes after position \(report.lastPosition)."))
            return
        }
        if position > expected { noteGap(expected..<position) }
        if let entry {
            report.entries += 1
            // After a gap the hash before is not known, so this one cannot be computed.
            if position == expected { noteFit(entry, position: position, hash: hash) }
        } else {
            report.add(
                JournalProblem(
                    .entryMissing, position: position, entryID: entryID,
                    "The entry \(entryID) at position \(position) was deleted."))
        }
        report.lastPosition = position
        report.lastHash = hash
        if let earlier, earlier.position == position { noteEarlier(earlier, hash: hash) }
    }

    /// Takes the next checkpoint.
    package mutating func take(_ checkpoint: JournalCheckpoint) {
        report.checkpoints += 1
        noteVerdict(of: checkpoint, name: "The checkpoint at position \(checkpoint.position)")
        guard checkpoint.position == report.lastPosition else {
            report.add(
                JournalProblem(
                    .checkpointWithoutEntry, position: checkpoint.position,
                    "A checkpoint stands at position \(checkpoint.position), where the chain has no entry."))
            return
        }
        report.newestCheckpoint = checkpoint
        guard checkpoint.hash != report.lastHash else { return }
        report.add(
            JournalProblem(
                .checkpointMismatch, position: checkpoint.position,
                "The checkpoint at position \(checkpoint.position) was made of another chain than this one."))
    }

    /// Notes something that was found beside the chain.
    package mutating func note(_ problem: JournalProblem) { report.add(problem) }

    /// Ends the chain and says what was found.
    ///
    /// `waiting` entries have no place in it yet.
    package mutating func finish(waiting: Int) -> JournalReport {
        report.waiting = waiting
        if report.lastPosition > 0, report.newestCheckpoint == nil {
            report.add(
                JournalProblem(
                    .checkpointMissing,
                    "The chain has no checkpoint, though one is made with its first entry."))
        } else if report.uncovered >= JournalCheckpoint.maxEntriesBetween {
            report.add(
                JournalProblem(
                    .checkpointMissing, position: report.lastPosition,
                    "The last \(report.uncovered) entries have no checkpoint, though one is made every"
                        + " \(JournalCheckpoint.maxEntriesBetween): checkpoints were deleted."))
        }
        if let earlier, !hasReachedEarlier, earlier.position > 0 { noteTruncation(earlier) }
        return report
    }

    // MARK: notes

    private mutating func noteGap(_ positions: Range<Int>) {
        let told =
            positions.count == 1
            ? "Position \(positions.lowerBound) is missing."
            : "Positions \(positions.lowerBound) to \(positions.upperBound - 1) are missing."
        report.add(JournalProblem(.missing, position: positions.lowerBound, told))
    }

    private mutating func noteFit(_ entry: JournalEntry, position: Int, hash: [UInt8]) {
        let computed = JournalChain.hash(
            after: report.lastHash, position: position, entry: entry, digest: digest)
        guard computed != hash else { return }
        report.add(
            JournalProblem(
                .altered, position: position, entryID: entry.id,
                "The entry \(entry.id) at position \(position) does not fit its hash: it, its place or a hash was"
                    + " changed."))
    }

    private mutating func noteVerdict(of checkpoint: JournalCheckpoint, name: String) {
        switch judge(checkpoint) {
        case .signed: break
        case .forged:
            report.add(
                JournalProblem(
                    .checkpointSignature, position: checkpoint.position,
                    "\(name) does not bear the signature of the key \(checkpoint.keyID)."))
        case .untrusted:
            report.add(
                JournalProblem(
                    .checkpointKey, position: checkpoint.position,
                    "\(name) is signed with the key \(checkpoint.keyID), which is not trusted. Where the secret key"
                        + " was changed on purpose, trust the public key from before as well."))
        }
    }

    private mutating func noteEarlier(_ earlier: JournalCheckpoint, hash: [UInt8]) {
        hasReachedEarlier = true
        guard earlier.hash != hash else { return }
        report.add(
            JournalProblem(
                .rewritten, position: earlier.position,
                "The chain up to position \(earlier.position) is not the one that the checkpoint kept elsewhere was"
                    + " made of: it was rewritten."))
    }

    private mutating func noteTruncation(_ earlier: JournalCheckpoint) {
        report.add(
            JournalProblem(
                .truncated, position: earlier.position,
                "The checkpoint kept elsewhere is of position \(earlier.position), and the chain"
                    + (report.lastPosition < earlier.position
                        ? " ends at \(report.lastPosition): its end was cut off." : " has no such position."))
        )
    }
}
