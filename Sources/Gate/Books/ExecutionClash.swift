import Domain
import JSON
import Postgres
import Store

/// An execution that is told otherwise than it was first: the books keep what was told first, and people hear of it.
struct ExecutionClash {
    let known: Execution
    let told: Execution

    /// Journals and raises those of the repeats that say another thing than what is stored, each once for what it says.
    static func tell(_ repeats: [Execution], in session: PostgresSession) throws {
        guard !repeats.isEmpty else { return }
        let stored = try ExecutionStore.find(Array(Set(repeats.map(\.id))), in: session)
        let byID = Dictionary(stored.map { ($0.id, $0) }) { first, _ in first }
        for told in repeats {
            guard let known = byID[told.id], !known.isSame(as: told) else { continue }
            try ExecutionClash(known: known, told: told).tell(in: session)
        }
    }

    private func tell(in session: PostgresSession) throws {
        let draft = alert
        guard try AlertStore.everRaised([draft.dedupKey], in: session).isEmpty else { return }
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "account.execution-contradicted", actor: "system", subject: subject,
                    data: draft.evidence)
            ], in: session)
        try AlertRaising.raise(draft, in: session)
    }

    private var subject: String {
        known.orderID.map { "order:\($0.text)" } ?? "symbol:\(known.symbol)"
    }

    private var alert: AlertDraft {
        AlertDraft(
            .executionContradicted,
            title: "An execution is told otherwise than before: \(known.symbol)",
            detail:
                "Execution \(known.id) is in the books as \(known.words), and the account's statement has it as"
                + " \(told.words) now. The books keep what was told first. Look at the broker's statement; where the books are"
                + " wrong a difference shows on the page of positions, and an operator can take over the broker's word there.",
            evidence: ["known": known.json, "told": told.json], subject: subject,
            dedupKey: "execution-contradicted:\(known.id):\(told.words)")
    }
}

extension Execution {
    /// Whether another telling of it says the same of what was traded.
    fileprivate func isSame(as other: Execution) -> Bool {
        symbol == other.symbol && side == other.side && qty == other.qty && price == other.price
    }

    fileprivate var words: String { "\(side.rawValue) \(qty) \(symbol) at \(price)" }
}
