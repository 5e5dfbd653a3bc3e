package import Cryptography
package import Domain
import Postgres
import Store

/// Follows the whole chain in the database and tells every problem.
package struct JournalVerification: Sendable {
    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// What is wrong with the journal, seen at one instant while others go on writing.
    ///
    /// Checkpoints must be signed with this deployment's key or one of those in `trusting`: the keys in the database
    /// prove nothing, since whoever rewrites the journal can add one. `earlier` is a checkpoint that was kept
    /// elsewhere; it shows whether the end was cut off or everything was written anew.
    package func verify(
        trusting others: [PublicKey] = [], earlier: JournalCheckpoint? = nil, pageSize: Int = 5000
    ) async throws -> JournalReport {
        let trusted = TrustedKeys([context.secrets.signingKey.publicKey] + others)
        return try await context.pool.withSnapshot { session in
            var verifier = ChainVerifier(
                digest: { SHA256.hash($0) }, judge: trusted.judge, earlier: earlier)
            try ChainReading.read(in: session, pageSize: pageSize) { part in
                switch part {
                case .link(let link):
                    verifier.take(
                        position: link.position, entryID: link.entryID, hash: link.hash, entry: link.entry)
                case .checkpoint(let checkpoint): verifier.take(checkpoint)
                }
            }
            try Self.noteUnsealed(&verifier, in: session)
            return verifier.finish(waiting: try JournalQueries.waitingCount(in: session))
        }
    }

    private static func noteUnsealed(_ verifier: inout ChainVerifier, in session: PostgresSession) throws {
        for id in try JournalQueries.forgotten(limit: JournalReport.maxProblems, in: session) {
            verifier.note(
                JournalProblem(
                    .notSealed, entryID: id,
                    "The entry \(id) is neither in the chain nor waiting for its place: its link was deleted."
                ))
        }
        for id in try JournalQueries.vanished(limit: JournalReport.maxProblems, in: session) {
            verifier.note(
                JournalProblem(
                    .entryMissing, entryID: id,
                    "The entry \(id) waited for its place in the chain and was deleted."))
        }
    }
}

/// Reads the chain page by page, each checkpoint after the link it is about.
enum ChainReading {
    enum Part {
        case link(ChainLink)
        case checkpoint(JournalCheckpoint)
    }

    static func read(
        in session: PostgresSession, pageSize: Int, _ take: (Part) throws -> Void
    ) throws {
        var position = 0
        while true {
            let links = try JournalQueries.links(after: position, limit: pageSize, in: session)
            let last = links.last?.position ?? Int(Int64.max)
            var checkpoints = try JournalQueries.checkpoints(
                after: position, through: last, in: session)[...]
            for link in links {
                while let checkpoint = checkpoints.first, checkpoint.position < link.position {
                    try take(.checkpoint(checkpoint))
                    checkpoints.removeFirst()
                }
                try take(.link(link))
            }
            for checkpoint in checkpoints { try take(.checkpoint(checkpoint)) }
            guard let next = links.last?.position else { return }
            position = next
        }
    }
}
