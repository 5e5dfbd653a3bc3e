// The one place where the exchange meets time, memory and scripts: everything goes through its lock.

import Domain
import JSON
import Synchronization

/// A simulated exchange that many requests may use at once.
final class SimulatorCore: Sendable {
    fileprivate struct State {
        var exchange: SimulatedExchange
        var file: StateFile?
        var faults = FaultTable()
        var received: [ReceivedOrder] = []
        var updates: [OrderUpdate] = []
        /// How far the simulated time is ahead of the real one.
        var shiftMicroseconds: Int64 = 0
        var frozenAt: Timestamp?
        var rate = RateMeter()
        /// Daily bars that a test gave, by symbol and day.
        var bars: [String: [CalendarDate: DailyBar]] = [:]
    }

    private let state: Mutex<State>
    private let now: @Sendable () -> Timestamp
    let configuration: BrokerSimulatorConfiguration

    init(configuration: BrokerSimulatorConfiguration, hours: any MarketHours) throws(BrokerSimulatorError) {
        self.configuration = configuration
        now = configuration.now
        guard let path = configuration.stateFile else {
            let exchange = SimulatedExchange(
                settings: configuration.settings, hours: hours, at: configuration.now())
            state = Mutex(State(exchange: exchange))
            return
        }
        let (file, lines) = try StateFile.open(path)
        let header = try Self.header(lines, configuration, path)
        var exchange = SimulatedExchange(settings: header.settings, hours: hours, at: header.bornAt)
        if lines.isEmpty { try file.append(header.json) }
        var received: [ReceivedOrder] = []
        for line in lines.dropFirst() {
            if let read = ExchangeCommand.read(line) {
                // A command that was refused is refused again.
                _ = try? exchange.apply(read.command, at: read.at)
            } else if let order = line["received"].flatMap({ ReceivedOrder($0) }) {
                received.removeAll { $0.number == order.number }
                received.append(order)
            }
        }
        _ = exchange.takeUpdates()
        state = Mutex(State(exchange: exchange, file: file, received: received))
    }

    private static func header(
        _ lines: [JSONValue], _ configuration: BrokerSimulatorConfiguration, _ path: String
    ) throws(BrokerSimulatorError) -> StateHeader {
        let wanted = StateHeader(
            settings: configuration.settings, clock: configuration.clock.rawValue, bornAt: configuration.now()
        )
        guard let first = lines.first else { return wanted }
        guard let header = StateHeader(first) else {
            throw .stateFile(path, "is not a simulator's. Name another file")
        }
        guard header.settings.accountNumber == configuration.account, header.clock == wanted.clock else {
            throw .stateFile(
                path,
                "belongs to account \(header.settings.accountNumber) with clock \(header.clock), not to "
                    + "\(configuration.account) with \(wanted.clock). Name another file, or start with those")
        }
        return header
    }
}

extension SimulatorCore {
    /// Writes a command down and performs it.
    func perform(_ command: ExchangeCommand) throws(BrokerRejection) -> JSONValue {
        try state.withLock { (state) throws(BrokerRejection) in
            let now = time(state)
            try remember(command.json(at: now), in: state)
            defer { state.keepUpdates() }
            return try state.exchange.apply(command, at: now)
        }
    }

    /// Reads the exchange as it is now.
    func read<Value: Sendable>(
        _ body: @Sendable (SimulatedExchange, Timestamp) -> Value
    ) throws(BrokerRejection) -> Value {
        try state.withLock { (state) throws(BrokerRejection) in
            let now = time(state)
            if state.exchange.advance(to: now) {
                defer { state.keepUpdates() }
                try remember(ExchangeCommand(.tick).json(at: now), in: state)
            }
            return body(state.exchange, now)
        }
    }

    private func time(_ state: State) -> Timestamp {
        state.frozenAt ?? Timestamp(microseconds: now().microseconds + state.shiftMicroseconds)
    }

    private func remember(_ line: JSONValue, in state: State) throws(BrokerRejection) {
        do throws(BrokerSimulatorError) {
            try state.file?.append(line)
        } catch {
            throw BrokerRejection(status: 500, code: 50_010_000, message: error.message)
        }
    }

    // MARK: Time

    /// Sets the simulated time: from there it goes on, or stands still.
    func setTime(_ instant: Timestamp?, frozen: Bool) {
        state.withLock { state in
            let start = instant ?? time(state)
            state.shiftMicroseconds = start.microseconds - now().microseconds
            state.frozenAt = frozen ? start : nil
        }
    }

    /// Goes back to the real time.
    func resetTime() {
        state.withLock { state in
            state.shiftMicroseconds = 0
            state.frozenAt = nil
        }
    }

    // MARK: Scripts and evidence

    func add(_ fault: Fault) { state.withLock { $0.faults.add(fault) } }
    func removeFaults() { state.withLock { $0.faults.removeAll() } }
    var faults: [Fault] { state.withLock { $0.faults.faults } }
    var received: [ReceivedOrder] { state.withLock { $0.received } }
    var updates: [OrderUpdate] { state.withLock { $0.updates } }

    /// The faults that strike a request; they are used up by it.
    func takeFaults(method: String, path: String, symbol: String?) -> [Fault] {
        state.withLock { $0.faults.take(method: method, path: path, symbol: symbol) }
    }

    /// Notes an order request before anything is done with it; returns its number.
    func note(_ body: JSONValue, fault: String?) throws(BrokerRejection) -> Int {
        try state.withLock { (state) throws(BrokerRejection) in
            let order = ReceivedOrder(
                number: state.received.count + 1, at: time(state), body: body, fault: fault)
            try remember(["received": order.json], in: state)
            state.received.append(order)
            return order.number
        }
    }

    /// Notes what became of an order request.
    func note(_ number: Int, status: Int, orderID: String?) {
        state.withLock { state in
            guard state.received.indices.contains(number - 1) else { return }
            state.received[number - 1].status = status
            state.received[number - 1].orderID = orderID
            try? state.file?.append(["received": state.received[number - 1].json])
        }
    }

    /// Counts a request of the current minute.
    func meter() -> RateMeter.Reading {
        state.withLock { $0.rate.count(at: now(), limit: configuration.requestsPerMinute) }
    }
}

extension SimulatorCore.State {
    /// The most order updates that are kept for a script to read.
    private static var mostUpdates: Int { 10_000 }

    fileprivate mutating func keepUpdates() {
        updates += exchange.takeUpdates()
        if updates.count > Self.mostUpdates { updates.removeFirst(updates.count - Self.mostUpdates) }
    }
}

extension SimulatorCore {
    /// Takes daily bars of a symbol, in the place of those of the same days.
    func add(_ bars: [DailyBar], of symbol: String) {
        state.withLock { state in for bar in bars { state.bars[symbol, default: [:]][bar.day] = bar } }
    }

    /// The daily bars of a symbol on these days, in order: those that a test gave, else made ones.
    func bars(of symbol: String, _ days: ClosedRange<CalendarDate>) throws(BrokerRejection) -> [DailyBar] {
        let given = state.withLock { $0.bars[symbol] }
        if let given {
            return given.values.filter { days.contains($0.day) }.sorted { $0.day < $1.day }
        }
        return try read { exchange, now in
            guard let price = exchange.prices.quote(symbol, at: now)?.last else { return [] }
            return MarketCalendar.nyse.sessions(days).filter { $0.closesAt <= now }
                .compactMap { DailyBar(madeFor: symbol, $0.date, around: price) }
        }
    }
}
