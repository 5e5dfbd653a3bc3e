import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store

// How whatever goes wrong below becomes a problem for the one who asked. What is not known to be fit for their eyes
// is told as an internal error and nothing more.

extension Problem {
    /// The problem that an error makes.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let refusal as Refusal: self.init(refusal)
        case let failure as ValidationFailure: self.init(Refusal.invalid(failure.faults))
        case let error as JSONError: self = .malformed("The body is not valid JSON: \(error).")
        case let error as FormError: self = .malformed(error.message)
        case let error as PostgresError: self.init(error)
        case is CancellationError:
            self = .unavailable("The request took too long and was given up. Try again.")
        default: self = .internalError
        }
    }

    init(_ refusal: Refusal) {
        self.init(
            slug: refusal.code.rawValue, title: refusal.code.title, status: refusal.code.status,
            detail: refusal.detail, facts: refusal.facts, faults: refusal.faults)
        if status == 401 { headers.set("WWW-Authenticate", "Bearer realm=\"countersign\"") }
    }

    private init(_ error: PostgresError) {
        if error.isOutcomeUnknown {
            self = .unavailable(
                "The connection to the database broke at the very end: it is not known whether this was stored. "
                    + "Look before you repeat it, or repeat it with the same Idempotency-Key.")
        } else if let refused = error.databaseGuard {
            self.init(
                Refusal(.conflict, "The database refused it: \(refused.sentence) Nothing was stored."))
        } else if error.meansUnavailable {
            self = .unavailable("The database cannot be reached or is busy. Nothing was stored; try again.")
        } else {
            self = .internalError
        }
    }

    /// Whether the log should tell of it.
    var isFault: Bool { status >= 500 }
}

extension PostgresError {
    var meansUnavailable: Bool {
        switch kind {
        case .connection, .poolExhausted, .closed: true
        case .server, .decoding, .parameter, .misuse:
            isSerializationFailure || isLockUnavailable || isStatementCancelled
        }
    }
}
