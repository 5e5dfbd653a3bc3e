/// Something in the journal that nobody who follows the rules could have done.
package struct JournalProblem: Sendable, Hashable {
    /// The kinds of problem.
    package enum Code: String, Sendable, Hashable, CaseIterable {
        /// An entry does not fit its hash: it, its place or the hash was changed.
        case altered
        /// Positions of the chain are missing.
        case missing
        /// The chain names an entry that does not exist any more.
        case entryMissing = "entry_missing"
        /// Positions do not count up.
        case outOfOrder = "out_of_order"
        /// An entry is neither in the chain nor waiting for its place.
        case notSealed = "not_sealed"
        /// A checkpoint says another hash than the chain.
        case checkpointMismatch = "checkpoint_mismatch"
        /// A checkpoint's signature is not that of its key.
        case checkpointSignature = "checkpoint_signature"
        /// A checkpoint is signed with a key that is not trusted.
        case checkpointKey = "checkpoint_key"
        /// A checkpoint stands where the chain has no entry.
        case checkpointWithoutEntry = "checkpoint_without_entry"
        /// There are too many entries without a checkpoint.
        case checkpointMissing = "checkpoint_missing"
        /// The chain is shorter than a checkpoint that was kept elsewhere says.
        case truncated
        /// The chain is not the one that a checkpoint kept elsewhere was made of.
        case rewritten
        /// An exported file cannot be read, or was cut.
        case malformed
    }

    package let code: Code
    /// Where in the chain; nil where it has no place in it.
    package let position: Int?
    /// Which entry; nil where it is not known or not about one.
    package let entryID: Int?
    /// What is wrong, in words.
    package let detail: String

    /// A problem.
    package init(_ code: Code, position: Int? = nil, entryID: Int? = nil, _ detail: String) {
        self.code = code
        self.position = position
        self.entryID = entryID
        self.detail = detail
    }
}

/// What looking at the whole journal found.
package struct JournalReport: Sendable, Hashable {
    package var entries = 0
    package var checkpoints = 0
    /// Entries that wait for their place in the chain.
    package var waiting = 0
    package var lastPosition = 0
    package var lastHash = JournalChain.beginning
    package var newestCheckpoint: JournalCheckpoint?
    /// The first problems, at most `maxProblems`.
    package private(set) var problems: [JournalProblem] = []
    /// How many problems there are.
    package private(set) var problemCount = 0

    /// How many problems are told one by one.
    package static let maxProblems = 1000

    /// Whether nothing is wrong.
    package var isIntact: Bool { problemCount == 0 }
    /// How many entries no checkpoint covers yet.
    package var uncovered: Int { lastPosition - (newestCheckpoint?.position ?? 0) }

    package init() {}

    /// Adds a problem.
    package mutating func add(_ problem: JournalProblem) {
        problemCount += 1
        if problems.count < Self.maxProblems { problems.append(problem) }
    }
}
