import Domain
import JSON
import Store

/// What a worker sends, read once: what is not there stays nil, what makes no sense is refused as a whole.
struct WorkerMessage: Sendable {
    let workerID: String
    /// What the worker trades with; nil where it does not say.
    let mode: TradingMode?
    /// The account that the message names, with or without the rest of its report.
    let accountNumber: String?
    /// The account's report with its snapshot, where the message carries one.
    let account: (report: JSONValue, snapshot: AccountSnapshot)?
    let quotes: [Quote]
    /// New entries of the account's statement; nil where the worker does not tell them.
    let activities: ActivityReport?
    let symbols: SymbolReport
    /// Daily bars that were asked for.
    let bars: [BarReport]
    let isLeaving: Bool
    /// What keeps the worker from reading the account at the broker, and for how many seconds; nil where nothing does.
    let brokerTrouble: (words: String, seconds: Int)?
    /// Why the worker refused the answer to its last sync, and for how many seconds it does; nil where it took it.
    let answerTrouble: (words: String, seconds: Int)?

    /// Reads a sync (`quotes`) or a claim (`quote`), received at `now` by the database's clock.
    ///
    /// An account without its positions and orders is no report to judge by: it only tells whose account it is.
    static func parse(_ body: JSONValue, now: Timestamp) throws -> WorkerMessage {
        let reader = JSONReader(body)
        let workerID = reader.workerID()
        let mode = reader.choice("mode", TradingMode.self)
        let isLeaving = reader.bool("leaving") ?? false
        let brokerTrouble = trouble("broker_trouble", reader)
        let answerTrouble = trouble("answer_trouble", reader)
        var symbols = SymbolReport(reader)
        let bars = BarReport.list(reader)
        var faults = reader.faults
        let quotes = quotes(body, now, &faults)
        let activities = ActivityReport.parse(body, now: now, &faults)
        var account: (JSONValue, AccountSnapshot)?
        let isNamedOnly = body["quote"] != nil && body["positions"] == nil && body["open_orders"] == nil
        if !isNamedOnly, ["account", "positions", "open_orders"].contains(where: { body[$0] != nil }) {
            do throws(ValidationFailure) {
                account = (body, try AccountSnapshot.parse(body, receivedAt: now))
            } catch {
                faults += error.faults
            }
        }
        guard faults.isEmpty, let workerID else { throw Refusal.invalid(faults) }
        symbols.weigh(against: quotes)
        return WorkerMessage(
            workerID: workerID, mode: mode,
            accountNumber: account?.1.accountNumber ?? body["account"]?["account_number"]?.stringValue,
            account: account, quotes: quotes, activities: activities, symbols: symbols,
            bars: bars, isLeaving: isLeaving, brokerTrouble: brokerTrouble, answerTrouble: answerTrouble)
    }

    private static func trouble(_ key: String, _ reader: JSONReader) -> (words: String, seconds: Int)? {
        guard let trouble = reader.object(key),
            let seconds = trouble.int("seconds", in: 0...Int(Int32.max))
        else { return nil }
        return (trouble.string("message", maxCharacters: 1000) ?? "", seconds)
    }

    private static func quotes(_ body: JSONValue, _ now: Timestamp, _ faults: inout [JSONFault]) -> [Quote] {
        var places: [(pointer: String, value: JSONValue)] = []
        if let quote = body["quote"], !quote.isNull { places.append(("/quote", quote)) }
        if let list = body["quotes"], !list.isNull {
            guard let values = list.arrayValue, values.count <= maxQuotes else {
                faults.append(
                    JSONFault(pointer: "/quotes", detail: "must be an array of at most \(maxQuotes)"))
                return []
            }
            places += values.enumerated().map { ("/quotes/\($0)", $1) }
        }
        var quotes: [Quote] = []
        for place in places {
            do throws(ValidationFailure) {
                quotes.append(try Quote.parse(place.value, receivedAt: now))
            } catch {
                faults += error.faults.map {
                    JSONFault(pointer: place.pointer + $0.pointer, detail: $0.detail)
                }
            }
        }
        for (quote, place) in zip(quotes, places) {
            func refuse(_ key: String, _ brokersKey: String, _ detail: String) {
                let name = place.value[key].map { $0.isNull } ?? true ? brokersKey : key
                faults.append(JSONFault(pointer: "\(place.pointer)/\(name)", detail: detail))
            }
            if !OrderShape.isSymbol(quote.symbol) { refuse("symbol", "S", "must be a symbol") }
            if quote.bid.isNegative { refuse("bid", "bp", "must be a price from 0") }
            if quote.ask.isNegative { refuse("ask", "ap", "must be a price from 0") }
        }
        return quotes
    }

    static let maxQuotes = 1000
}

extension JSONReader {
    /// The worker's name for itself.
    func workerID() -> String? {
        guard let text = string("worker_id", maxCharacters: 128) else {
            if value("worker_id") == nil { missing("worker_id") }
            return nil
        }
        guard !text.isEmpty, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            fault("worker_id", "must be letters, digits and signs without spaces")
            return nil
        }
        return text
    }

    /// The field as an exact decimal from nought on.
    func amount(_ key: String) -> ExactDecimal? {
        guard let value = value(key), value.stringValue != "" else { return nil }
        guard let decimal = value.numberText.flatMap(ExactDecimal.fromBroker), !decimal.isNegative else {
            fault(key, "must be a decimal such as \"118.20\", from 0")
            return nil
        }
        return decimal
    }

    /// The field as an instant.
    func instant(_ key: String) -> Timestamp? {
        guard let value = value(key) else { return nil }
        guard let time = value.stringValue.flatMap(Timestamp.init(rfc3339:)) else {
            fault(key, "must be a time such as \"2026-11-23T14:30:00Z\"")
            return nil
        }
        return time
    }
}
