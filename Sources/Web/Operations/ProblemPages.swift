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
            kind(
                .unsupportedMediaType,
                "The body came with another Content-Type than application/json. Nothing of the request was carried out:"
                    + " send the same body under the right type."),
            kind(
                .unavailable(""),
                "The database or the server cannot answer just now. Where the answer says that nothing was stored, try"
                    + " again after Retry-After. Where it does not say so, what was asked may have happened: look first, or"
                    + " repeat the proposal with the same Idempotency-Key, which never makes a second one."),
            kind(
                .internalError,
                "A fault of the server. Whether what was asked happened is not known: look first, or repeat the proposal"
                    + " with the same Idempotency-Key, which never makes a second one. The server's log has the"
                    + " particulars under the answer's X-Request-Id."),
            kind(.of(status: 405), "The Allow header of the answer names the methods that the address has."),
            kind(
                .misdirected,
                "The server answers under its public address, localhost and IP addresses, so that nobody's name can be"
                    + " bent to it. Use one of those, or have COUNTERSIGN_PUBLIC_URL set to the name that people use."
            ),
            kind(
                .of(status: 413),
                "A body may have at most 1 MiB. Nothing of the request was carried out; the same body will be refused"
                    + " again."),
            kind(
                WebContext.tooManyStreams,
                "A caller may follow a limited number of event streams at once. Close one, or try again later."
            ),
            kind(
                WebContext.foreignForm,
                "A form is taken only from this server's own pages. Programs use the addresses below /api/v1, with a key."
            ),
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
            "One or more fields of the body, or parameters of the address, are wrong. The request was refused as a whole: no"
                + " proposal, decision, stop or setting came of it, and its Idempotency-Key is still free. The member"
                + " errors names every field that is wrong with a JSON pointer; mend them all, because the same request"
                + " will be refused again. A proposal that is well formed and beyond a limit is no such problem: it is"
                + " stored, and answered with the state blocked and its checks."
        case .malformed:
            "The JSON, a header or the address cannot be read, so nothing of the request was carried out. The same request"
                + " will be refused again."
        case .idempotencyMismatch:
            "The Idempotency-Key was used before with another body, so nothing was stored; proposal_id names the proposal"
                + " that it belongs to. Use a new key for a new proposal, and the old one only to repeat the old body."
        case .notFound:
            "There is nothing at this address, or whoever asks may not see it: a key of the scope propose sees its own"
                + " proposals only. /openapi.json lists the addresses that there are."
        case .alreadyDecided:
            "It is decided, withdrawn or ended by a check already, so this request changed nothing. Of a proposal the members"
                + " state, decided_by and decided_at say how it ended, by whom and when."
        case .expired:
            "The deadline passed before this arrived, and nobody had decided. Nothing was sent. Where it is still wanted,"
                + " propose it again with a new Idempotency-Key: the old one answers with the proposal that expired."
        case .orderChanged:
            "The order is not the one that was looked at: its order_hash differs. Nothing was decided. Read the proposal"
                + " again, and decide on the hash that it has now."
        case .halted:
            "Trading is stopped for this order: wholly, or for its strategy, its symbol or its bot. What waited was"
                + " cancelled by the halt and stays so; where the answer says that an order was claimed before, do not"
                + " send it. GET /api/v1/trading/status lists the open halts. Once they are cleared, propose again with a"
                + " new Idempotency-Key."
        case .selfApproval:
            "Whoever proposed an order, in person or by a key, does not decide on it. Somebody else does."
        case .notAllowed:
            "The scope of the key, the role of the person or the limit of what they may approve does not allow this; the"
                + " answer says which. Nothing was changed, and the same request will be refused again."
        case .wrongPIN:
            "The name, the PIN or the password is wrong, and nothing was changed. attempts_left says how many tries are left"
                + " before it is locked for a while."
        case .locked:
            "There were too many wrong tries, of a person or from an address, or too many people try at this moment. The"
                + " answer says how long to wait; locked_until has the time where a person is locked."
        case .unauthenticated:
            "The request carries no key that is good here: it is missing, unknown or revoked. Send it as Authorization:"
                + " Bearer csk_…; countersign key create makes one for a program, countersign user token one for a person."
        case .claimed:
            "A worker has taken this order already, so it is too late to take it or to take it back: it may be at the"
                + " broker. order_state says how it stands."
        case .refused:
            "A check failed as the order was released or claimed, so nothing was sent, and nothing will be: this is final."
                + " checks says which, and what was measured. Where it is still wanted, propose it again."
        case .lapsed:
            "The approval ran out. Nothing was sent where no worker had taken the order, and nothing will be: propose it"
                + " again where it is still wanted. A worker that had claimed it does not send it now, and asks the broker"
                + " what became of it."
        case .notActiveWorker:
            "Another worker holds the lease, or this one's ran out; active_worker names the one that holds it. Stand by and"
                + " sync."
        case .accountMismatch:
            "The broker's account or the mode is not the one this database belongs to. Nothing was taken from the report, and"
                + " nothing is traded. Give the worker the keys of the right account, or use another database."
        case .secondPersonRequired:
            "Whoever stopped trading, or wrote new limits, does not alone let it go on or make them count; nor does a key. Ask a"
                + " second person, whose PIN nobody else set within the last 24 hours."
        case .noPolicy:
            "No limits are applied, so nothing is allowed and nothing was stored. countersign policy apply applies them."
        case .tooManyAlerts:
            "Alerts that this key raised wait for somebody to take note of them, more than people can read. Raise the same"
                + " thing with the same dedup_key, and resolve what is over."
        case .conflict:
            "The request does not fit how things stand now, so nothing was changed. The answer says what is in the way."
        }
    }
}
