import Cryptography
import Domain
import JSON
import Postgres
import Store

/// An approver lowers the quantity before approving: the order gets a new hash, and the journal says what it was.
enum Reduction {
    static func apply(
        _ terms: OrderTerms, to record: ProposalRecord, by person: Person, in session: PostgresSession
    ) throws {
        let canonical = terms.canonical(clientOrderID: record.clientOrderID)
        let hash = SHA256.hexadecimal(canonical)
        let share = terms.qty.divided(by: record.terms.qty, scale: 18) ?? .one
        try ProposalTransitions.reduce(
            record.id, qty: terms.qty, notional: (record.notional * share).rounded(scale: 9, .up),
            canonicalOrder: canonical, orderHash: hash, in: session)
        try JournalStore.append(
            [
                record.entry(
                    "reduced", by: "user:\(person.name)",
                    ["new_qty": .string(terms.qty.description), "new_order_hash": .string(hash)])
            ], in: session)
    }
}
