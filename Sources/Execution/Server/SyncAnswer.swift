import Domain
import JSON

/// What the server tells a worker that synced.
struct SyncAnswer: Sendable {
    /// An order that waits to be claimed.
    struct Claimable: Sendable, Hashable {
        let id: String
        let symbol: String
    }

    /// An order that is, or may be, at the broker.
    struct Watched: Sendable, Hashable {
        let id: String
        let clientOrderID: String
        let state: String
        let filledQty: String
        let brokerOrderID: String?
        let brokerStatus: String?
        let claimAgeSeconds: Int
        let claimedAt: String?
        let isCancelDue: Bool
        /// Whether it turned up at the broker after it was held never to have arrived.
        let isAstray: Bool
    }

    let isActive: Bool
    let generation: Int
    let activeWorker: String?
    let claimable: [Claimable]
    let watch: [String]
    let orders: [Watched]
    /// From when on the account's executions are wanted; nil where the server does not keep books.
    let activitiesSince: Timestamp?
    let commands: [WorkerCommand]
    /// Daily bars that the server wants.
    let bars: [Bars]

    /// The days of a symbol whose bars are wanted.
    struct Bars: Sendable, Hashable {
        let symbol: String
        let from: CalendarDate
        let until: CalendarDate
    }

    /// Nil where the answer is none that we understand: then nothing is done.
    init?(_ json: JSONValue) {
        guard let lease = json["lease"], let isActive = lease["active"]?.boolValue else { return nil }
        self.isActive = isActive
        generation = lease["generation"]?.intValue ?? 0
        activeWorker = lease["worker_id"]?.stringValue
        claimable = (json["claimable"]?.arrayValue ?? []).compactMap { order in
            guard let id = order["id"]?.stringValue, let symbol = order["symbol"]?.stringValue else {
                return nil
            }
            return Claimable(id: id, symbol: symbol)
        }
        watch = (json["watch"]?.arrayValue ?? []).compactMap(\.stringValue)
        activitiesSince = json["activities_since"]?.stringValue.flatMap(Timestamp.init(rfc3339:))
        commands = (json["commands"]?.arrayValue ?? []).compactMap(WorkerCommand.init)
        bars = (json["bars"]?.arrayValue ?? []).compactMap { series in
            guard let symbol = series["symbol"]?.stringValue, OrderShape.isSymbol(symbol),
                let from = series["from"]?.stringValue.flatMap({ CalendarDate($0) }),
                let until = series["until"]?.stringValue.flatMap({ CalendarDate($0) }), from <= until
            else { return nil }
            return Bars(symbol: symbol, from: from, until: until)
        }
        orders = (json["orders"]?.arrayValue ?? []).compactMap(Watched.init)
    }
}

extension SyncAnswer.Watched {
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, let clientOrderID = json["client_order_id"]?.stringValue,
            let state = json["state"]?.stringValue
        else { return nil }
        self.init(
            id: id, clientOrderID: clientOrderID, state: state,
            filledQty: json["filled_qty"]?.stringValue ?? "0",
            brokerOrderID: json["broker_order_id"]?.stringValue,
            brokerStatus: json["broker_status"]?.stringValue,
            claimAgeSeconds: json["claim_age_seconds"]?.intValue ?? 0,
            claimedAt: json["claimed_at"]?.stringValue, isCancelDue: json["cancel_due"]?.boolValue ?? false,
            isAstray: json["astray"]?.boolValue ?? false)
    }
}
