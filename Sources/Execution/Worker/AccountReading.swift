import Broker
import Domain
import JSON
import Logging

/// The account as the broker showed it at one moment, in the words that go to the server.
struct AccountReading: Sendable {
    let members: JSONObject
    let openOrders: [BrokerOrder]
    /// Seconds on the clock that is never set.
    let readAt: Double
    /// Whether the server has it.
    var isTold = false
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
            var members: JSONObject = [
                "account": try await account.json, "positions": .array(try await positions.map(\.json)),
                "open_orders": .array(openOrders.map(\.json)), "clock": try await brokerClock.json,
            ]
            members["quotes"] = .array(await quotes(watch).map(\.json))
            snapshot = AccountReading(members: members, openOrders: openOrders, readAt: readAt)
            isSnapshotDue = false
        } catch {
            isSnapshotDue = true
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
