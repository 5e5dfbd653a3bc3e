import Broker
import Domain
import JSON
import Logging

extension ExecutionWorker {
    /// How long a symbol rests whose bars could not be read, in seconds.
    private static let barPauseSeconds = 600.0

    /// Asks the broker for daily bars that the server wants, one symbol in a round; the next sync brings them.
    func readBars(_ wanted: [SyncAnswer.Bars]) async {
        let now = clock.uptimeSeconds()
        barsFailedAt = barsFailedAt.filter { now - $0.value < Self.barPauseSeconds }
        guard untoldBars.isEmpty, let series = wanted.first(where: { barsFailedAt[$0.symbol] == nil }) else {
            return
        }
        do throws(BrokerError) {
            let bars = try await broker.dailyBars(series.symbol, from: series.from, through: series.until)
            untoldBars.append([
                "symbol": .string(series.symbol), "from": .string(series.from.description),
                "until": .string(series.until.description), "days": .array(bars.map(Self.json)),
            ])
        } catch {
            barsFailedAt[series.symbol] = now
            log.warning(
                "worker.bars-unread",
                ["symbol": .string(series.symbol), "reason": .string(error.message)])
        }
    }

    private static func json(_ bar: DailyBar) -> JSONValue {
        [
            "day": .string(bar.day.description), "open": .string(bar.open.description),
            "high": .string(bar.high.description), "low": .string(bar.low.description),
            "close": .string(bar.close.description),
        ]
    }
}
