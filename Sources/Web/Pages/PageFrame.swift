import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

/// What stands around every page: whose account it is, what is stopped, and the time.
struct Surroundings: Sendable {
    let now: Timestamp
    let accountNumber: String?
    let halts: [HaltRecord]
    /// What nobody took note of; everybody who has a menu may see alerts.
    let alerts: WaitingAlerts
    /// The newest entry of the journal: from there on an open page is told of changes.
    let journalID: Int

    var tradingState: TradingState { TradingState(halts: halts) }

    static func load(in session: PostgresSession) throws -> Surroundings {
        var batch = PostgresBatch()
        let questions = Questions(in: &batch)
        return try Surroundings(questions, try session.run(batch))
    }

    /// What is asked of the database, together with other statements.
    struct Questions {
        fileprivate let now: PostgresAnswer<Timestamp>
        fileprivate let deployment: PostgresAnswer<DeploymentRecord?>
        fileprivate let halts: PostgresAnswer<[HaltRecord]>
        fileprivate let alerts: PostgresAnswer<WaitingAlerts>
        fileprivate let journalID: PostgresAnswer<Int>

        init(in batch: inout PostgresBatch) {
            now = batch.add(DatabaseClock.now)
            deployment = batch.add(DeploymentStore.find)
            halts = batch.add(HaltStore.listOpen)
            alerts = batch.add(AlertQueries.waiting)
            journalID = batch.add(JournalFeed.newestID)
        }
    }

    init(_ questions: Questions, _ answers: PostgresAnswers) throws {
        now = try questions.now(answers)
        accountNumber = try questions.deployment(answers)?.accountNumber
        halts = try questions.halts(answers)
        alerts = try questions.alerts(answers)
        journalID = try questions.journalID(answers)
    }
}

extension WebContext {
    /// A page in its frame.
    func page(
        _ template: String, _ title: String, _ values: TemplateValues, visitor: Visitor,
        around surroundings: Surroundings? = nil, current: String? = nil, status: Int = 200
    ) throws -> HTTPResponse {
        let all = frame(title, visitor, surroundings, current).merging(values)
        let bytes = try templates.renderBytes(template, all)
        return HTTPResponse(
            status: status, headers: ["Content-Type": "text/html; charset=utf-8"], body: bytes)
    }

    /// The page that tells of a problem, in the frame of whoever is logged in.
    ///
    /// Where the server itself failed, nothing more is asked of the database: it may be what failed. What cannot be
    /// read is left out, because the page must come in any case.
    func errorPage(
        _ problem: Problem, _ request: HTTPRequest, _ known: SessionRecord? = nil
    ) async -> HTTPResponse {
        var session = known
        if session == nil, !problem.isFault { session = try? await self.session(of: request) }
        guard let session else { return errorPage(problem, request, around: .stranger, nil) }
        let surroundings =
            problem.isFault ? nil : try? await gate.pool.withSnapshot { try Surroundings.load(in: $0) }
        return errorPage(problem, request, around: .person(session), surroundings)
    }

    /// The same in a frame that is known.
    func errorPage(
        _ problem: Problem, _ request: HTTPRequest, around visitor: Visitor, _ surroundings: Surroundings?
    ) -> HTTPResponse {
        var values = problem.values
        if problem.isFault { values["REQUEST_ID"] = .text(request.id) }
        do {
            var response = try page(
                "error.html", problem.title, values, visitor: visitor, around: surroundings,
                status: problem.status)
            for field in problem.headers.fields where field.name != "WWW-Authenticate" {
                response.headers.add(field.name, field.value)
            }
            return response
        } catch {
            log(error, for: request)
            return .text("\(problem.title). \(problem.detail)\n", status: problem.status)
        }
    }

    private func frame(
        _ title: String, _ visitor: Visitor, _ surroundings: Surroundings?, _ current: String?
    ) -> TemplateValues {
        var values: TemplateValues = [
            "TITLE": .text(title), "MODE_NAME": .text(mode.rawValue.uppercased()),
            "MODE_WORDS": .text(mode == .live ? "real money" : "simulated money"),
            "IS_LIVE": .shown(mode == .live), "STYLE_ADDRESS": .text(files.address("style.css")),
            "SCRIPT_ADDRESS": .text(files.address("page.js")),
            "ICON_ADDRESS": .text(files.address("icon.svg")),
        ]
        if let session = visitor.session {
            values["PERSON_NAME"] = .text(session.person.name)
            values["PERSON_ROLE"] = .text(session.person.role.rawValue)
            values["LOGOUT_NONCE"] = .text(nonce(visitor, "logout", ""))
            let count = surroundings?.alerts.values ?? [:]
            values = values.merging(count)
            values["NAVIGATION"] = .sections(
                Self.navigation.map { address, label in
                    let item: TemplateValues = [
                        "ADDRESS": .text(address), "LABEL": .text(label),
                        "IS_CURRENT": .shown(address == current),
                        "IS_ALERTS": .shown(address == "/alerts"),
                    ]
                    return address == "/alerts" ? item.merging(count) : item
                })
            values["ACCOUNT"] = .text(surroundings?.accountNumber ?? "")
        }
        if let halts = surroundings?.halts, !halts.isEmpty, visitor.session != nil {
            values["HALTED_TITLE"] = .text(surroundings?.tradingState.title ?? "")
            values["HALTED_WORDS"] = .text(
                halts.prefix(3).map { "\($0.scopeWords): \($0.reason)".asSentence }.joined(separator: " "))
        }
        return values
    }

    private static let navigation = [
        ("/", "Inbox"), ("/history", "History"), ("/orders", "Orders"), ("/positions", "Positions"),
        ("/risk", "Risk"),
        ("/reports", "Reports"), ("/alerts", "Alerts"), ("/halts", "Halts"), ("/deliveries", "Deliveries"),
        ("/settings", "Settings"),
    ]
}

extension WaitingAlerts {
    /// The count as the menu shows it, apart from how pressing it is in colour and words.
    fileprivate var values: TemplateValues {
        [
            "ALERT_COUNT": .text(text), "COUNT_CLASS": .text(isPressing ? "bad" : "warn"),
            "COUNT_WORDS": .text(
                isPressing ? "to take note of, critical ones among them" : "to take note of"),
        ]
    }

    /// What waits, in a sentence; empty where nothing does.
    var sentence: String {
        guard count > 0 else { return "" }
        let pressing = isPressing ? ", critical ones among them" : ""
        return (count == 1 ? "1 alert waits" : "\(text) alerts wait")
            + " for somebody to take note\(pressing)."
    }
}

extension Problem {
    /// The problem as templates show it.
    var values: TemplateValues {
        [
            "PROBLEM_TITLE": .text(title), "PROBLEM": .text(pageDetail),
            "HAS_FAULTS": .shown(!faults.isEmpty),
            "FAULTS": .sections(
                faults.map { fault in
                    let field = String(fault.pointer.dropFirst())
                    return [
                        "FAULT": .text("\(Self.label(of: field)): \(fault.detail)"), "FIELD": .text(field),
                    ]
                }),
        ]
    }

    /// The detail for pages, where the faults stand right below.
    private var pageDetail: String {
        guard slug == RefusalCode.validation.rawValue else { return detail }
        return (faults.count == 1 ? "One field is wrong" : "\(faults.count) fields are wrong")
            + ", so nothing was done. Mend it below and send it again."
    }

    /// What a field is called on the page.
    private static func label(of field: String) -> String {
        switch field {
        case "pin": "PIN"
        case "qty": "Quantity"
        case "type": "Type"
        default: field.prefix(1).uppercased() + field.dropFirst()
        }
    }
}

extension TradingState {
    /// The state as a heading.
    var title: String {
        switch self {
        case .active: "Parts of trading are stopped."
        case .reducing: "Only orders that reduce a position go out."
        case .halted: "Trading is stopped."
        }
    }
}

extension HaltRecord {
    /// What it stops, for people.
    var scopeWords: String {
        switch scope {
        case .account: "All trading"
        case .strategy: "Strategy \(target)"
        case .symbol: "Symbol \(target)"
        case .bot: "Bot \(target)"
        }
    }
}
