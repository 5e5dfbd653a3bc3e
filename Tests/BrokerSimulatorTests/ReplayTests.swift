import Domain
import JSON
import Testing

@testable import BrokerSimulator

/// A random but repeatable life of an account, checked after every step.
@Suite struct ReplayTests {
    private static let symbols = ["AAPL", "MSFT", "F", "ZZZ"]

    private func settings(seed: UInt64) -> ExchangeSettings {
        ExchangeSettings(
            multiplier: 2, isShortingEnabled: true, replacesTouchedStops: seed % 2 == 0, seed: seed,
            partialFillPercent: 30,
            cancelDelayMicroseconds: 700_000)
    }

    private func command(_ random: inout SplitMix64, _ exchange: SimulatedExchange) -> ExchangeCommand {
        let symbol = Self.symbols[Int(random.next() % 4)]
        let anyOrder = exchange.sequence.randomElement(using: &random)?.text ?? ""
        switch random.next() % 10 {
        case 0: return ExchangeCommand(.cancel, anyOrder)
        case 1: return ExchangeCommand(.replace, anyOrder, ["qty": .integer(Int(random.next() % 9))])
        case 2: return ExchangeCommand(.close, symbol)
        case 3, 4:
            let cents = Int.random(in: 5_000...20_000, using: &random)
            let price = (ExactDecimal(cents) * decimal("0.01")).description
            return ExchangeCommand(.price, symbol, ["price": .string(price)])
        case 5: return ExchangeCommand(.closeAll, "", ["cancel_orders": .bool(random.next() % 2 == 0)])
        default: return ExchangeCommand(.submit, "", order(&random, symbol, exchange))
        }
    }

    private func order(
        _ random: inout SplitMix64, _ symbol: String, _ exchange: SimulatedExchange
    ) -> JSONValue {
        let side = random.next() % 2 == 0 ? "buy" : "sell"
        let last = exchange.quote(symbol, at: exchange.createdAt).last
        var members: JSONObject = [
            "symbol": .string(symbol), "side": .string(side), "time_in_force": "day",
            "qty": .integer(1 + Int(random.next() % 40)),
        ]
        switch random.next() % 4 {
        case 0: members["type"] = "market"
        case 1:
            members["type"] = "limit"
            members["limit_price"] = .string((last * decimal("0.98")).rounded(scale: 2).description)
        case 2:
            members["type"] = "stop"
            let factor = decimal(side == "buy" ? "1.02" : "0.98")
            members["stop_price"] = .string((last * factor).rounded(scale: 2).description)
        default:
            members["type"] = "market"
            members["order_class"] = "bracket"
            let (near, far) = (decimal("0.95"), decimal("1.05"))
            let (profit, stop) = side == "buy" ? (far, near) : (near, far)
            members["take_profit"] = [
                "limit_price": .string((last * profit).rounded(scale: 2).description)
            ]
            members["stop_loss"] = ["stop_price": .string((last * stop).rounded(scale: 2).description)]
        }
        return .object(members)
    }

    private func run(seed: UInt64, steps: Int) -> (exchange: SimulatedExchange, lines: [JSONValue]) {
        var random = SplitMix64(seed: seed)
        var now = Timestamp(seconds: 1_794_000_000)
        let start = now
        var exchange = SimulatedExchange(settings: settings(seed: seed), hours: AlwaysOpenHours(), at: start)
        var lines: [JSONValue] = []
        for step in 0..<steps {
            now = now.adding(seconds: Int(random.next() % 2000))
            let command = command(&random, exchange)
            lines.append(command.json(at: now))
            _ = try? exchange.apply(command, at: now)
            check(exchange, now, "seed \(seed) step \(step) \(command)")
        }
        return (exchange, lines)
    }

    /// What must be true of any account at any time.
    private func check(_ exchange: SimulatedExchange, _ now: Timestamp, _ place: String) {
        var cash = exchange.settings.cash
        var held: [String: ExactDecimal] = [:]
        for activity in exchange.activities {
            guard case .fill(let fill) = activity.content else { continue }
            let signed = fill.side == .buy ? fill.quantity : -fill.quantity
            cash = cash - (signed * fill.price).rounded(scale: 2)
            held[fill.symbol, default: .zero] = held[fill.symbol, default: .zero] + signed
        }
        #expect(cash == exchange.cash, "\(place)")
        #expect(held.filter { !$0.value.isZero } == exchange.positions.mapValues(\.quantity), "\(place)")
        for order in exchange.orders.values {
            let most = order.quantity ?? .zero
            #expect(order.filledQuantity <= most, "\(place)")
            #expect(order.status != .filled || order.filledQuantity == most, "\(place)")
            #expect(order.isOpen == exchange.openIDs.contains(order.id), "\(place)")
        }
        #expect(exchange.byClientOrderID.count == exchange.sequence.count, "\(place)")
        #expect(exchange.buyingPower(at: now) >= .zero, "\(place)")
    }

    @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func `the books balance whatever happens, and replaying it gives the same account`(seed: UInt64) {
        let (exchange, lines) = run(seed: seed, steps: 150)
        var again = SimulatedExchange(
            settings: settings(seed: seed), hours: AlwaysOpenHours(), at: exchange.createdAt)
        for line in lines {
            guard let read = ExchangeCommand.read(line) else {
                Issue.record("unreadable: \(line.serialized())")
                continue
            }
            _ = try? again.apply(read.command, at: read.at)
        }
        #expect(again.orders == exchange.orders)
        #expect(again.sequence == exchange.sequence)
        #expect(again.activities == exchange.activities)
        #expect(again.cash == exchange.cash)
        #expect(again.random == exchange.random)
        #expect(exchange.activities.count > 20)
    }

    @Test func `every command survives being written and read`() throws {
        for action in ExchangeCommand.Action.allCases {
            let command = ExchangeCommand(action, "X", ["a": 1])
            let now = Timestamp(microseconds: 1_794_000_000_123_456)
            let line = try JSONParser.parse(command.json(at: now).bytes())
            let read = ExchangeCommand.read(line)
            #expect(read?.command == command)
            #expect(read?.at == now)
        }
        #expect(ExchangeCommand.read(["at": 1, "command": "dance", "target": "", "body": nil]) == nil)
    }
}
