package import Domain
import Gate
import HTTPServer
import JSON
import Postgres
package import Store
import Templates

/// What the page of deliveries needs from those who write and send the messages.
package struct Outbox: Sendable {
    /// The texts of messages as they were or would be sent, in their order.
    package var texts: @Sendable ([DeliveryRecord]) async throws -> [String]
    /// Queues a message again that was given up; the actor is in the journal's words.
    package var retry: @Sendable (_ id: Identifier, _ actor: String) async throws -> Void

    /// An outbox.
    package init(
        texts: @escaping @Sendable ([DeliveryRecord]) async throws -> [String],
        retry: @escaping @Sendable (_ id: Identifier, _ actor: String) async throws -> Void
    ) {
        self.texts = texts
        self.retry = retry
    }
}

extension RouteTable {
    /// The messages that went out, wait, or were given up.
    mutating func addDeliveries() {
        let context = context
        memberPage(.get, "/deliveries") { request, session in
            try await DeliveryPage(context: context, session: session).response(request)
        }
        memberPage(.post, "/deliveries") { request, session in
            try context.requireOwnForm(request)
            let form = try request.form()
            guard context.isGood(form.first("nonce"), .person(session), DeliveryPage.purpose, "") else {
                throw WebContext.staleForm
            }
            guard session.person.role.canOperate else {
                throw Refusal(.notAllowed, "Only operators and admins may send a message again.")
            }
            if let name = form.first("destination") {
                try await DeadLetters(context.gate).retryAll(of: name, by: "user:\(session.person.name)")
                return .redirect(to: "/deliveries")
            }
            guard let outbox = context.dependencies.outbox,
                let id = form.first("delivery").flatMap(Identifier.init)
            else { throw Refusal.notFound("delivery") }
            try await outbox.retry(id, "user:\(session.person.name)")
            return .redirect(to: "/deliveries")
        }
    }
}

/// The page of deliveries as one person sees it.
private struct DeliveryPage {
    static let purpose = "deliveries"
    private static let shownAtOnce = 20

    let context: WebContext
    let session: SessionRecord

    func response(_ request: HTTPRequest) async throws -> HTTPResponse {
        var query = QueryReader(request)
        let state = query.choice("state", DeliveryState.self)
        let before = query.page().before
        try query.finish()
        let canRetry = canRetry
        let (found, trades, dead, surroundings) = try await context.gate.pool.withSnapshot { database in
            let found = try DeliveryQueries.list(
                DeliveryFilter(state: state), before: before, limit: Self.shownAtOnce + 1, in: database)
            return (
                found, try ProposalQueries.find(found.compactMap(\.proposalID), in: database),
                canRetry ? try DeadLetterStore.destinations(in: database) : [],
                try Surroundings.load(in: database)
            )
        }
        let records = Array(found.prefix(Self.shownAtOnce))
        let texts = try await context.dependencies.outbox?.texts(records) ?? []
        let headlines = Dictionary(trades.map { ($0.id, $0.terms.headline) }) { first, _ in first }
        let items = records.enumerated().map { index, record in
            record.values(
                text: texts.indices.contains(index) ? texts[index] : nil,
                trade: record.proposalID.flatMap { headlines[$0] }, canRetry: canRetry)
        }
        let values: TemplateValues = [
            "DEAD_DESTINATIONS": .sections(
                dead.map {
                    ["NAME": .text($0.name), "COUNT_WORDS": .text(counted($0.count, "message", "messages"))]
                }),
            "HAS_ITEMS": .shown(!items.isEmpty), "ITEMS": .sections(items),
            "NONCE": .text(canRetry ? context.nonce(.person(session), Self.purpose, "") : ""),
            "STATE_CHOSEN": .text(state?.rawValue ?? ""),
            "STATES": .sections(
                DeliveryState.allCases.map {
                    [
                        "VALUE": .text($0.rawValue), "LABEL": .text($0.word),
                        "IS_CHOSEN": .shown($0 == state),
                    ]
                }),
            "NEXT_CURSOR": .text(
                found.count > records.count ? records.last.map { Cursor.text($0.sequence) } ?? "" : ""),
        ]
        return try context.page(
            "deliveries.html", "Deliveries", values, visitor: .person(session), around: surroundings,
            current: "/deliveries")
    }

    private var canRetry: Bool {
        session.person.role.canOperate && context.dependencies.outbox != nil
    }
}

extension DeliveryState {
    /// The state in a word or two.
    fileprivate var word: String {
        switch self {
        case .queued: "waits to be sent"
        case .sent: "sent"
        case .dead: "given up"
        case .dropped: "not needed any more"
        case .kept: "kept here"
        }
    }
}

extension DeliveryRecord {
    /// Where what it is about is to be read, and what that is called.
    private func about(_ trade: String?) -> (path: String, words: String)? {
        if let proposalID { return ("/proposals/\(proposalID)", trade ?? "the trade") }
        if let orderID { return ("/orders/\(orderID)", "the order") }
        let alert = data["alert_id"]?.stringValue.flatMap(Identifier.init)
        return alert.map { ("/alerts/\($0)", "the alert") }
    }

    fileprivate func values(text: String?, trade: String?, canRetry: Bool) -> TemplateValues {
        let target = destination == "kept" ? "nobody: no channel is set up" : destinationName
        let about = about(trade)
        return [
            "DELIVERY_ID": .text(id.text), "STATE": .text(state.rawValue), "STATE_WORD": .text(state.word),
            "KIND": .text(kind.split(separator: "-").joined(separator: " ")), "DESTINATION": .text(target),
            "CREATED": .text(createdAt.newYorkWords),
            "ATTEMPTS": .text(attempts == 0 ? "" : counted(attempts, "attempt", "attempts")),
            "NEXT": .text(
                state == .queued && attempts > 0 ? "next try \(nextAttemptAt.newYorkClock)" : ""),
            "ABOUT_ADDRESS": .text(about?.path ?? ""), "ABOUT": .text(about?.words ?? ""),
            "ERROR": .text(lastError ?? ""),
            "HAS_BODY": .shown(text != nil), "MESSAGE": .sections(lines(of: text)),
            "CAN_RETRY": .shown(canRetry && state == .dead),
        ]
    }
}
