import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

extension RouteTable {
    /// How much is at stake, and how near each limit is.
    mutating func addRiskPages() {
        let context = context
        memberPage(.get, "/risk") { request, session in
            var query = QueryReader(request)
            try query.finish()
            let scene: RiskScene = try await context.gate.pool.withSnapshot { session in
                try RiskScene.load(in: session)
            }
            // What changes without an entry in the journal, such as prices, the page asks for by the clock.
            let live: TemplateValues = [
                "LIVE_ADDRESS": .text("/live?after=\(scene.surroundings.journalID)")
            ]
            return try context.page(
                "risk.html", "Risk", scene.values.merging(live), visitor: .person(session),
                around: scene.surroundings, current: "/risk")
        }
    }
}

/// Everything that the page of risk shows, read in one session.
private struct RiskScene: Sendable {
    let surroundings: Surroundings
    let account: AccountView?
    /// The limits as they count now; nil where no policy is applied.
    let policy: Policy?
    let lowered: LimitReduction?
    let breakers: [BreakerReport]
    let opened: (today: Int, thisWeek: Int)
    let committed: CommittedExposure
    let worker: WorkerLease?
    let metrics: JSONValue?

    static func load(in session: PostgresSession) throws -> RiskScene {
        let hasAccount = try CheckingStore.accountState(in: session) != nil
        let account = hasAccount ? try AccountView.read(in: session) : nil
        let lowered = try LimitReductionStore.current(in: session)
        var policy = try CheckingStore.newestPolicy(in: session).map { try PolicyDocument.parse($0.document) }
        if let lowered, let limits = policy?.limits { policy?.limits = limits.lowered(by: lowered.factor) }
        let snapshot = account?.snapshot
        let held = Set(snapshot?.positions.map(\.symbol) ?? [])
        return RiskScene(
            surroundings: try Surroundings.load(in: session), account: account, policy: policy,
            lowered: lowered, breakers: try BreakerReport.all(in: session),
            opened: try CheckingStore.newPositions(in: session),
            committed: try ExposureStore.committed(
                symbols: held, shownAt: snapshot?.receivedAt,
                shownAlready: Set(snapshot?.openOrders.compactMap(\.clientOrderID) ?? []), in: session),
            worker: try WorkerLeaseStore.read(in: session),
            metrics: hasAccount ? try RiskReading.metrics(in: session) : nil)
    }

    var values: TemplateValues {
        let exposure = RiskExposure(account: account, committed: committed)
        var values: TemplateValues = [
            "STATE": .text(Self.words(surroundings)), "LOWERED": .text(lowered?.words ?? ""),
            "HAS_POLICY": .shown(policy != nil), "HAS_ACCOUNT": .shown(account != nil),
            "BREAKERS": .sections(breakers.filter { $0.rule != nil }.flatMap(\.rows)),
            "OFF": .text(breakers.filter { $0.rule == nil }.map(\.kind.words).joined(separator: ", ")),
            "LIMITS": .sections(limitRows), "WORKER": .text(workerWords), "WORKER_CLASS": .text(workerClass),
            "WORKER_WORD": .text(worker == nil ? "none" : worker?.isRunning ?? false ? "there" : "silent"),
            "REPORT": .text(reportWords), "METRICS": .sections(metrics.map(RiskFigures.rows) ?? []),
        ]
        values = values.merging(exposure.values)
        return values
    }

    private static func words(_ surroundings: Surroundings) -> String {
        guard !surroundings.halts.isEmpty else { return "Nothing is stopped: approved orders go out." }
        return surroundings.tradingState.title + " "
            + counted(surroundings.halts.count, "halt is", "halts are") + " open."
    }

    // MARK: what limits new positions

    private var limitRows: [TemplateValues] {
        guard let limits = policy?.limits else { return [] }
        let held = account.map { $0.positions.count }
        var rows = [
            RiskBar("Open positions", held, of: limits.maxOpenPositions),
            RiskBar("New positions today", opened.today, of: limits.maxNewPositionsPerDay),
            RiskBar("New positions this week", opened.thisWeek, of: limits.maxNewPositionsPerWeek),
        ].compactMap(\.self)
        let largest = account?.positions.max {
            $0.position.marketValue.magnitude < $1.position.marketValue.magnitude
        }
        let value = largest?.position.marketValue.magnitude ?? (account == nil ? nil : .zero)
        let symbol = largest.map { " (\($0.position.symbol))" } ?? ""
        if let limit = limits.maxPositionUSD, let value {
            rows.append(RiskBar("Largest position\(symbol)", value, of: limit, \.money))
        }
        if let limit = limits.maxPositionPct, let value, let equity = account?.snapshot.equity,
            equity.isPositive,
            let part = value.ratio(to: equity)
        {
            rows.append(RiskBar("Largest position, part of equity\(symbol)", part, of: limit, \.percentWords))
        }
        if let bar = cashBar(limits) { rows.append(bar) }
        if let limit = limits.maxSnapshotAgeSeconds, let account {
            rows.append(
                RiskBar(
                    "Age of the account's report, to send an order", ExactDecimal(account.ageSeconds),
                    of: ExactDecimal(limit), BreakerUnit.seconds.words))
        }
        return rows.map(\.values)
    }

    /// What is not kept in cash, of what need not be: a full bar is a reserve that is used up.
    private func cashBar(_ limits: PolicyLimits) -> RiskBar? {
        guard let reserve = limits.cashReserveMinPct, reserve < .one,
            let book = account.map({ AccountBook($0.snapshot) }), book.snapshot.equity.isPositive,
            let free = (book.ownCash - book.orders.reserve - committed.reserve)
                .ratio(to: book.snapshot.equity)
        else { return nil }
        var bar = RiskBar(
            "Invested or set aside", max(.zero, .one - free), of: .one - reserve, \.percentWords)
        bar.note = "\(free.percentWords) is free cash; at least \(reserve.percentWords) stays."
        return bar
    }

    // MARK: the worker

    private var isMarketOpen: Bool { account?.snapshot.isMarketOpen(at: surroundings.now) ?? false }

    private var workerWords: String {
        guard let worker else { return "No worker has ever been here. Nothing is sent." }
        let ago = Self.ago(surroundings.now.seconds(since: worker.lastSeenAt))
        return worker.isRunning
            ? "\(worker.workerID), heard \(ago)."
            : "\(worker.workerID), last heard \(ago). Nothing is sent."
    }

    private static func ago(_ seconds: Int) -> String {
        seconds < 1 ? "a moment ago" : "\(DurationText.short(seconds: seconds)) ago"
    }

    private var workerClass: String { worker?.isRunning ?? false ? "good" : "bad" }

    private var reportWords: String {
        guard let account else { return "The account was never reported." }
        let told = "Told \(Self.ago(account.ageSeconds)), \(account.snapshot.receivedAt.newYorkWords)."
        return told + (isMarketOpen ? " The market is open." : " The market is closed.")
    }
}

/// A value beside its limit: as a bar, and in words.
struct RiskBar: Sendable {
    let label: String
    /// The part of the limit that is used; above one where it is exceeded.
    let part: ExactDecimal
    let words: String
    var note = ""
    var state = ""

    init(_ label: String, _ value: ExactDecimal, of limit: ExactDecimal, _ words: (ExactDecimal) -> String) {
        self.label = label
        part = limit.isPositive ? value.ratio(to: limit) ?? .zero : value.isPositive ? .one : .zero
        self.words = "\(words(value)) of \(words(limit))"
    }

    init?(_ label: String, _ value: Int?, of limit: Int?) {
        guard let value, let limit else { return nil }
        self.init(label, ExactDecimal(value), of: ExactDecimal(limit)) { "\($0)" }
    }

    var values: TemplateValues {
        let state = state.isEmpty ? standing : state
        return [
            "LABEL": .text(label), "WORDS": .text(words), "NOTE": .text(note), "STANDING": .text(state),
            "STANDING_CLASS": .text(Self.badges[state] ?? ""),
            "PART": .text(max(.zero, min(.one, part)).rounded(scale: 4).description),
            "PERCENT": .text(part.percentWords),
        ]
    }

    /// In a word, so that colour says nothing alone.
    private var standing: String {
        part > .one
            ? "exceeded"
            : part == .one ? "full" : part * ExactDecimal(5) >= ExactDecimal(4) ? "near" : "within"
    }

    private static let badges = [
        "exceeded": "bad", "full": "warn", "near": "warn", "within": "good", "tripped": "bad",
        "armed": "good",
        "cleared": "info", "unknown": "warn",
    ]
}

extension BreakerReport {
    /// A row for each of its limits; one without a bar where nothing is known or nothing is there to lose.
    fileprivate var rows: [TemplateValues] {
        let name =
            kind.words.prefix(1).uppercased() + kind.words.dropFirst() + (target.isEmpty ? "" : " \(target)")
        guard !measures.isEmpty else {
            let nothing = word == "unknown" ? "Nothing to measure yet." : "Nothing to lose at the moment."
            return [
                [
                    "LABEL": .text(name), "WORDS": .text(nothing), "NOTE": .text(actionWords),
                    "STANDING": .text(word), "STANDING_CLASS": .text(word == "tripped" ? "bad" : "info"),
                ]
            ]
        }
        return measures.map { measure in
            // Two limits of one breaker are told apart by what they measure in.
            let unit = measures.count > 1 ? measure.unit == .pct ? ", in percent" : ", in dollars" : ""
            var bar = RiskBar(
                name + unit, max(.zero, measure.counted), of: measure.limit, measure.unit.words)
            bar.state = isArmed ? measure.isNear ? "near" : "armed" : word
            bar.note = (measure.counted.isNegative ? "In profit. " : "") + actionWords
            return bar.values
        }
    }

    private var isArmed: Bool {
        switch state {
        case .armed: rule != nil
        case .tripped, .cleared: false
        }
    }

    private var actionWords: String { rule?.actionWords ?? "" }
}

/// What is held and set aside, by symbol and in all.
private struct RiskExposure {
    let account: AccountView?
    let committed: CommittedExposure

    /// What orders at the broker add up to, as the account shows them; what it does not show yet is in `committed`.
    private var atBroker: AccountBook? { account.map { AccountBook($0.snapshot) } }

    var values: TemplateValues {
        let held = account?.positions ?? []
        let equity = account?.snapshot.equity
        let values = held.map(\.position.marketValue)
        let gross = values.reduce(ExactDecimal.zero) { $0 + $1.magnitude }
        let net = values.reduce(.zero, +)
        return [
            "EQUITY": .text(equity?.money ?? "–"), "GROSS": .text(gross.money), "NET": .text(net.money),
            "GROSS_PART": .text(Self.part(gross, equity)),
            "SET_ASIDE": .text((committed.reserve + (atBroker?.orders.reserve ?? .zero)).money),
            "WAITING": .text(committed.openingNotional.money),
            "UNKNOWN_VALUE": .text(committed.symbolsOfUnknownValue.sorted().joined(separator: ", ")),
            "HAS_POSITIONS": .shown(!held.isEmpty),
            "SYMBOLS": .sections(
                held.sorted { $0.position.marketValue.magnitude > $1.position.marketValue.magnitude }
                    .map { row($0, equity) }),
        ]
    }

    private func row(_ view: PositionView, _ equity: ExactDecimal?) -> TemplateValues {
        let position = view.position
        let share = equity.flatMap { $0.isPositive ? position.marketValue.magnitude.ratio(to: $0) : nil }
        let waiting = [committed[position.symbol], atBroker?.orders[position.symbol]].compactMap { $0 }
            .reduce(ExactDecimal.zero) { $0 + $1.buys.openingNotional + $1.sells.openingNotional }
        return [
            "SYMBOL": .text(position.symbol), "SIDE": .text(position.qty.isNegative ? "short" : "long"),
            "VALUE": .text(position.marketValue.magnitude.cents), "SHARE": .text(share?.percent ?? "–"),
            "SHARE_PART": .text(share.map { min(.one, $0).rounded(scale: 4).description } ?? "0"),
            "WAITING": .text(waiting.isZero ? "–" : waiting.cents),
            "STOP": .text(
                view.stop.standing == .live ? "live" : view.stop.standing == .partial ? "for a part" : "none"),
            "STOP_CLASS": .text(
                view.stop.standing == .live ? "good" : view.stop.standing == .partial ? "warn" : "bad"),
        ]
    }

    private static func part(_ value: ExactDecimal, _ equity: ExactDecimal?) -> String {
        equity.flatMap { $0.isPositive ? value.ratio(to: $0)?.percent : nil } ?? "–"
    }
}

/// A few of the metrics, with what they may be trusted for.
private enum RiskFigures {
    static func rows(_ metrics: JSONValue) -> [TemplateValues] {
        let drawdown = metrics["drawdown"]
        var rows = [
            row("Result of the day", money(metrics["result"]?["daily_pnl"]), ""),
            row("Drawdown now", percent(drawdown?["current"]), "from \(money(drawdown?["high_water_mark"]))"),
            row("Largest drawdown", percent(drawdown?["max"]), "within the last 252 days"),
            row(
                "Largest position of equity", percent(metrics["exposure"]?["concentration"]), "concentration"),
        ]
        for (name, label) in [
            ("var_95", "Value at risk, one day, 95%"), ("cvar_95", "Expected shortfall, one day, 95%"),
            ("volatility", "Volatility, a year"),
        ] {
            rows.append(measure(label, metrics["returns"]?[name]))
        }
        return rows
    }

    private static func row(_ label: String, _ value: String, _ note: String) -> TemplateValues {
        ["FIGURE": .text(label), "FIGURE_VALUE": .text(value), "FIGURE_NOTE": .text(note)]
    }

    private static func measure(_ label: String, _ value: JSONValue?) -> TemplateValues {
        let count = value?["count"]?.intValue ?? 0
        guard let number = value?["value"]?.numberText.flatMap({ Double($0) }), abs(number) < 1000 else {
            return row(label, "–", "of \(counted(count, "day", "days")), too few to tell")
        }
        let hundredths = ExactDecimal(Int((number * 10_000).rounded()))
        let fraction = hundredths.divided(by: ExactDecimal(10_000), scale: 4)
        return row(label, fraction?.percent ?? "–", "of \(counted(count, "day", "days"))")
    }

    private static func money(_ value: JSONValue?) -> String {
        value?.numberText.flatMap { ExactDecimal($0) }?.money ?? "–"
    }

    private static func percent(_ value: JSONValue?) -> String {
        value?.numberText.flatMap { ExactDecimal($0) }?.percent ?? "–"
    }
}
