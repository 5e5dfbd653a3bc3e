import Gate
import HTTPServer
import Templates

extension RouteTable {
    /// What each type of problem means: the address that a problem document names.
    mutating func addProblemPages() {
        let context = context
        page(.get, "/problems/{slug}") { request in
            guard let kind = ProblemKind.all.first(where: { $0.slug == request.parameters["slug"] }) else {
                throw Refusal.notFound("type of problem")
            }
            return try context.page(
                "problem.html", kind.title,
                [
                    "KIND_TITLE": .text(kind.title), "SLUG": .text(kind.slug),
                    "STATUS": .text("\(kind.status)"), "MEANING": .text(kind.meaning),
                ], visitor: .stranger)
        }
    }
}

/// One type of problem, for those who meet it in an answer.
struct ProblemKind: Sendable {
    let slug: String
    let title: String
    let status: Int
    /// What it means and what to do.
    let meaning: String

    /// Every type that answers of this server may have.
    static let all: [ProblemKind] =
        RefusalCode.allCases.map { code in
            ProblemKind(slug: code.rawValue, title: code.title, status: code.status, meaning: code.meaning)
        }
        + [
            kind(.unsupportedMediaType, "The body came with another Content-Type than application/json."),
            kind(
                .unavailable(""),
                "The database or the server cannot answer just now. Where the answer says that nothing was stored, try"
                    + " again after Retry-After; where it says that this is not known, look first, or repeat the"
                    + " request with the same Idempotency-Key."),
            kind(
                .internalError,
                "A fault of the server. Its log has the particulars under the answer's X-Request-Id."),
            kind(.of(status: 405), "The Allow header of the answer names the methods that the address has."),
            kind(
                .misdirected,
                "The server answers under its public address, localhost and IP addresses, so that nobody's name can be"
                    + " bent to it. Use one of those, or have COUNTERSIGN_PUBLIC_URL set to the name that people use."
            ),
            kind(.of(status: 413), "A body may have at most 1 MiB."),
            kind(
                WebContext.tooManyStreams,
                "A caller may follow a limited number of event streams at once. Close one, or try again later."
            ),
            kind(WebContext.foreignForm, "A form is taken only from this server's own pages."),
            kind(
                WebContext.staleForm,
                "A form is good for one login and a limited time. Load the page again and send it anew."),
        ]

    private static func kind(_ problem: Problem, _ meaning: String) -> ProblemKind {
        ProblemKind(slug: problem.slug, title: problem.title, status: problem.status, meaning: meaning)
    }
}

extension RefusalCode {
    /// What the refusal means and what to do, wherever it is met.
    fileprivate var meaning: String {
        switch self {
        case .validation:
            "One or more fields are wrong, and nothing was stored. The member errors names each with a JSON pointer."
        case .malformed: "The request is not well-formed: its JSON or its headers cannot be read."
        case .idempotencyMismatch:
            "The Idempotency-Key was used before with another body. Use a new key for a new proposal."
        case .notFound: "It does not exist, or whoever asks may not see it."
        case .alreadyDecided:
            "The proposal was decided, withdrawn or cancelled before. The answer says by whom, when and how."
        case .expired:
            "The deadline passed before this arrived. Nothing was sent; propose it again if it is wanted."
        case .orderChanged:
            "The order is not the one that was looked at: its hash differs. Read it again before deciding."
        case .halted: "A halt is open. Nothing goes out until somebody who may clears it."
        case .selfApproval: "Whoever proposed an order, in person or by a key, does not decide on it."
        case .notAllowed: "The key, token or role does not allow this."
        case .wrongPIN: "The PIN or password is wrong. After five wrong ones it is locked for a while."
        case .locked: "There were too many wrong attempts. Wait until the time that the answer names."
        case .unauthenticated: "The request carries no key that is good here."
        case .claimed: "A worker has claimed this order before."
        case .refused: "A check failed as the order was released or claimed, so nothing was sent. See checks."
        case .lapsed: "The approval ran out before a worker took the order. Nothing was sent."
        case .notActiveWorker: "Another worker holds the lease. Stand by and sync."
        case .accountMismatch:
            "The broker's account or the mode is not the one this database belongs to. Nothing is traded."
        case .secondPersonRequired:
            "Whoever stopped trading, or wrote new limits, does not alone let it go on or make them count. Ask a second"
                + " person, whose PIN nobody else set within the last 24 hours."
        case .noPolicy: "No limits are applied, so nothing is allowed. Apply a policy first."
        case .tooManyAlerts:
            "Alerts that this key raised wait for somebody to take note of them, more than people can read. Raise the same"
                + " thing with the same dedup_key, and resolve what is over."
        case .conflict: "The request does not fit how things stand now. The answer says what is in the way."
        }
    }
}
