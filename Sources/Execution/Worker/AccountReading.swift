import Broker
import Domain
import JSON
import Logging

/// The account as the broker showed it at one moment, in the words that go to the server.
struct AccountReading: Sendable {
    let members: JSONObject
    let openOrders: [BrokerOrder]
    /// The watched symbols of which there was a quote.
    let quoted: Set<String>
    /// Seconds on the clock that is never set.
    let readAt: Double
    /// Whether the server has it.
    var isTold = false
    /// The entries of the statement that were there; nil where it could not be read.
    let activityIDs: Set<String>?

    /// The broker's number of the account.
    var accountNumber: String? { members["account"]?["account_number"]?.stringValue }
}

extension ExecutionWorker {
    /// Reads account, positions, open orders, the broker's clock and the quotes of what is watched.
    ///
    /// All or nothing: half an account would look like less risk than there is.
    func readAccount() async {
        let readAt = clock.uptimeSeconds()
        do {
            async let account = broker.account()
            async let positions = broker.positions()
            async let orders = broker.openOrders()
            async let brokerClock = broker.clock()
            let openOrders = try await orders
            let clockReading = try await brokerClock
            var members: JSONObject = [
                "account": try await account.json, "positions": .array(try await positions.map(\.json)),
                "open_orders": .array(openOrders.map(\.json)), "clock": clockReading.json,
            ]
            let statement = await statement(at: clockReading.timestamp)
            if let statement {
                if statement.fresh.contains(where: { $0.kind == .cash }) {
                    // Equity and the entry that explains it go together.
                    members["account"] = try await broker.account().json
                }
                members["activities"] = .array(await tellable(statement.fresh))
            }
            let quotes = await quotes(watch)
            members["quotes"] = .array(quotes.map(\.json))
            snapshot = AccountReading(
                members: members, openOrders: openOrders, quoted: Set(quotes.map(\.symbol)), readAt: readAt,
                activityIDs: statement?.ids)
            isSnapshotDue = false
            brokerTrouble = nil
        } catch {
            isSnapshotDue = true
            brokerTrouble = (brokerTrouble?.since ?? readAt, "\(error)")
            log.warning("worker.broker-unreachable", ["reason": .string("\(error)")])
        }
    }

    /// Quotes where there are any: without one the server lets nothing through.
    func quotes(_ symbols: [String]) async -> [Quote] {
        do {
            return try await broker.quotes(symbols)
        } catch {
            log.warning("worker.no-quotes", ["reason": .string(error.message)])
            return []
        }
    }
}

extension ExecutionWorker {
    /// The account's statement since the server wants it, and a week of what moved cash; nil where it cannot be read,
    /// which says nothing about the account itself.
    private func statement(at now: Timestamp) async -> (ids: Set<String>, fresh: [BrokerActivity])? {
        do {
            var entries = try await broker.activities(.cash, since: now.adding(minutes: -7 * 24 * 60))
            if let activitiesSince { entries += try await broker.activities(.fills, since: activitiesSince) }
            // What does not fit into this message comes with the next.
            let fresh = entries.filter { !toldActivities.contains($0.id) }.prefix(Self.mostEntries)
            let known = entries.map(\.id).filter(toldActivities.contains)
            return (Set(known).union(fresh.map(\.id)), Array(fresh))
        } catch {
            log.warning("worker.no-statement", ["reason": .string(error.message)])
            return nil
        }
    }

    /// The entries as they are told: an execution says whose place its order took, for a stop that was touched is
    /// another order at the broker than the one that was placed.
    private func tellable(_ entries: [BrokerActivity]) async -> [JSONValue] {
        if replacements.count > Self.mostReplacements { replacements = [:] }
        var told: [JSONValue] = []
        for entry in entries {
            guard let orderID = entry.orderID, var members = entry.json.objectValue else {
                told.append(entry.json)
                continue
            }
            if replacements[orderID] == nil, let order = try? await broker.order(id: orderID) {
                replacements[orderID] = .some(order.replaces)
            }
            if let other = replacements[orderID] ?? nil { members["replaces"] = .string(other) }
            told.append(.object(members))
        }
        return told
    }

    private static var mostEntries: Int { 500 }
    private static var mostReplacements: Int { 10_000 }
}
