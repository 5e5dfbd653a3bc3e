import Domain
import Gate
import JSON
import Postgres
import Store
import Templates

/// What is being done at the broker, and how near the breakers are: for the page of halts.
struct BrokerWork: Sendable {
    let commands: [CommandRecord]
    let breakers: [BreakerReport]
    let lowered: LimitReduction?
    /// The account as reported last; nil where none was.
    let account: AccountSnapshot?
    let isMarketOpen: Bool?

    static func load(in session: PostgresSession) throws -> BrokerWork {
        let account = try CheckingStore.accountState(in: session).flatMap {
            try? AccountSnapshot.parse($0.report, receivedAt: $0.receivedAt)
        }
        let now = try DatabaseClock.now(in: session)
        return BrokerWork(
            commands: try CommandStore.list(limit: 20, in: session).filter { $0.finishedAt == nil }
                + CommandStore.list(limit: 1, in: session).filter { $0.finishedAt != nil },
            breakers: try BreakerReport.all(in: session).filter(\.isWorthTelling),
            lowered: try LimitReductionStore.current(in: session),
            account: account, isMarketOpen: account?.isMarketOpen(at: now))
    }

    /// - Parameter chosen: The symbol whose position is offered to be closed; empty for all.
    func values(canOperate: Bool, chosen: String) -> TemplateValues {
        [
            "CHOICES": .sections(
                (account?.positions ?? []).map { position in
                    [
                        "CHOICE_SYMBOL": .text(position.symbol),
                        "CHOICE_WORDS": .text("\(position.symbol) alone: \(Self.closing(position))"),
                        "IS_CHOSEN": .shown(position.symbol == chosen),
                    ]
                }),
            "COMMANDS": .sections(commands.map { $0.values(canOperate: canOperate) }),
            "HAS_BREAKERS": .shown(!breakers.isEmpty), "BREAKERS": .sections(breakers.map(\.values)),
            "LOWERED": .text(lowered?.words ?? ""), "WOULD_CLOSE": .text(holdings),
            "WOULD_CANCEL": .text(openOrders), "WOULD_WAIT": .text(marketWords),
            "WOULD_AS_OF": .text(account?.receivedAt.newYorkWords ?? ""),
        ]
    }

    /// The orders that closing everything would send, one for each position.
    private var holdings: String {
        guard let account else { return "Not known: no worker has reported the account yet." }
        return Self.list(
            account.positions.map { "\(Self.closing($0)) \($0.symbol)" }, none: "Nothing is held.")
    }

    private static func closing(_ position: Position) -> String {
        "\(position.qty.isNegative ? "buy" : "sell") \(position.qty.magnitude.grouped())"
    }

    private var openOrders: String {
        guard let account else { return "Not known." }
        return Self.list(
            account.openOrders.filter(\.isOpen).map {
                "\($0.side.rawValue) \($0.remainingQty.grouped()) \($0.symbol) \($0.type)"
            }, none: "No order is open.")
    }

    private var marketWords: String {
        switch isMarketOpen {
        case true?: "Open: positions are closed at once."
        case false?: "Closed: orders are cancelled at once, positions are closed when it opens."
        case nil: "Not known."
        }
    }

    private static func list(_ items: [String], none: String) -> String {
        guard !items.isEmpty else { return none }
        return items.prefix(20).joined(separator: ", ")
            + (items.count > 20 ? " and \(items.count - 20) more" : "")
    }
}

extension LimitReduction {
    /// How far limits are lowered, until when, by whom and why, for people.
    var words: String {
        let part = (factor * ExactDecimal(100)).grouped()
        return "Limits are lowered to \(part)% of the policy's until \(expiresAt.newYorkWords)."
            + " \(actorWords(setBy)) did this when trading was resumed: \(reason)"
    }
}

extension CommandRecord {
    fileprivate func values(canOperate: Bool) -> TemplateValues {
        let positions = progress["positions"]?.arrayValue ?? []
        let errors = progress["errors"]?.arrayValue ?? []
        return [
            "COMMAND_ID": .text(id.text), "COMMAND_TITLE": .text(title), "COMMAND_STATE": .text(stateWords),
            "COMMAND_REASON": .text(reason),
            "COMMAND_BY": .text("\(actorWords(issuedBy)), \(issuedAt.newYorkWords)"),
            "COMMAND_ORDERS": .text(progress["open_orders"]?.numberText ?? ""),
            "COMMAND_POSITIONS": .text(
                positions.map { "\($0["qty"]?.stringValue ?? "?") \($0["symbol"]?.stringValue ?? "?")" }
                    .joined(separator: ", ")),
            "COMMAND_TROUBLE": .text(
                errors.map { "\($0["what"]?.stringValue ?? "?"): \($0["message"]?.stringValue ?? "?")" }
                    .joined(separator: "; ")),
            "CAN_WITHDRAW": .shown(canOperate && finishedAt == nil),
        ]
    }

    private var title: String {
        switch kind {
        case .cancelEntries:
            "Cancelling open orders at the broker" + ((symbol ?? strategy).map { ": \($0)" } ?? "")
        case .flatten: "Closing everything"
        case .closePosition: "Closing \(symbol ?? "?")"
        }
    }

    private var stateWords: String {
        switch state {
        case .issued: "Waits for the worker."
        case .running: "Under way."
        case .waiting:
            "Waits for the market to open"
                + (progress["next_open"]?.stringValue.flatMap(Timestamp.init(rfc3339:)).map {
                    ": \($0.newYorkWords)"
                }
                    ?? ".")
        case .done: "Done \(finishedAt?.newYorkWords ?? "")."
        case .withdrawn: "Taken back by \(actorWords(finishedBy)), \(finishedAt?.newYorkWords ?? "")."
        }
    }
}

extension BreakerReport {
    fileprivate var values: TemplateValues {
        let values = measures.map { "\($0.unit.words($0.value)) of \($0.unit.words($0.limit))" }
        return [
            "BREAKER_NAME": .text(kind.words + (target.isEmpty ? "" : " \(target)")),
            "BREAKER_STATE": .text(word), "BREAKER_VALUES": .text(values.joined(separator: ", ")),
        ]
    }
}
