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
    let positions: [Position]?

    static func load(in session: PostgresSession) throws -> BrokerWork {
        let stored = try CheckingStore.accountState(in: session)
        return BrokerWork(
            commands: try CommandStore.list(limit: 20, in: session).filter { $0.finishedAt == nil }
                + CommandStore.list(limit: 1, in: session).filter { $0.finishedAt != nil },
            breakers: try BreakerReport.all(in: session).filter(\.isWorthTelling),
            lowered: try LimitReductionStore.current(in: session),
            positions: stored.flatMap {
                try? AccountSnapshot.parse($0.report, receivedAt: $0.receivedAt).positions
            })
    }

    func values(canOperate: Bool) -> TemplateValues {
        [
            "COMMANDS": .sections(commands.map { $0.values(canOperate: canOperate) }),
            "HAS_BREAKERS": .shown(!breakers.isEmpty), "BREAKERS": .sections(breakers.map(\.values)),
            "LOWERED": .text(lowered.map(Self.words) ?? ""), "WOULD_CLOSE": .text(holdings),
        ]
    }

    private static func words(_ lowered: LimitReduction) -> String {
        "Limits are lowered to \(lowered.factor) of the policy's until \(lowered.expiresAt.newYorkWords): \(lowered.reason)"
    }

    private var holdings: String {
        guard let positions else { return "no worker has told yet what the account holds" }
        guard !positions.isEmpty else { return "the account holds nothing now" }
        return positions.prefix(20).map { "\($0.qty) \($0.symbol)" }.joined(separator: ", ")
            + (positions.count > 20 ? " and \(positions.count - 20) more" : "")
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
        case .cancelEntries: "Cancelling open orders at the broker"
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
