// What the broker says of the symbols that people are asked about, so that nobody signs what cannot be sent.

import Broker
import Domain
import JSON
import Logging

/// What the broker said of each symbol, and when it was asked.
struct SymbolStandings: Sendable {
    private struct Standing {
        /// Why it takes no order in it; nil where it does.
        let untraded: UntradedReason?
        let askedAt: Double
    }

    private static let perRound = 5
    private static let secondsWithoutQuote = 60.0
    private static let secondsWithQuote = 3600.0

    private var standings: [String: Standing] = [:]

    /// Why the broker takes no order in that symbol; nil where it does, and where it was not asked.
    func untraded(_ symbol: String) -> UntradedReason? { standings[symbol]?.untraded }

    /// Whether the broker has said anything of that symbol.
    func isAsked(_ symbol: String) -> Bool { standings[symbol] != nil }

    /// A few watched symbols that are to be asked about: those without a quote first and soon again, the others
    /// now and then, because a symbol that has quotes may have ceased to be traded.
    func due(_ watch: [String], quoted: Set<String>, at now: Double) -> [String] {
        let due = watch.filter { symbol in
            guard let asked = standings[symbol]?.askedAt else { return true }
            return now - asked >= (quoted.contains(symbol) ? Self.secondsWithQuote : Self.secondsWithoutQuote)
        }
        let urgentFirst = due.filter { !quoted.contains($0) } + due.filter(quoted.contains)
        return Array(urgentFirst.prefix(Self.perRound))
    }

    /// Keeps an answer; true where it is news that the symbol is not traded.
    mutating func note(_ symbol: String, _ untraded: UntradedReason?, at now: Double) -> Bool {
        let isNews = untraded != nil && standings[symbol]?.untraded != untraded
        standings[symbol] = Standing(untraded: untraded, askedAt: now)
        return isNews
    }

    /// Forgets what is watched no longer.
    mutating func keep(_ watch: Set<String>) { standings = standings.filter { watch.contains($0.key) } }

    /// What is known, in the words that go to the server.
    var members: JSONObject {
        let sorted = standings.sorted { $0.key < $1.key }
        let unknown = sorted.compactMap { symbol, standing -> JSONValue? in
            standing.untraded.map { ["symbol": .string(symbol), "reason": .string($0.rawValue)] }
        }
        let known = sorted.filter { $0.value.untraded == nil }.map { JSONValue.string($0.key) }
        return ["unknown_symbols": .array(unknown), "known_symbols": .array(known)]
    }
}

extension ExecutionWorker {
    /// Brings what the broker says of symbols that the server asks about for the first time, without waiting for
    /// the next reading of the account: people are being asked about them now.
    func bringQuotes(ofNew symbols: [String]) async {
        guard !symbols.isEmpty else { return }
        let quotes = await quotes(symbols)
        await askAboutWatched(quoted: (snapshot?.quoted ?? []).union(quotes.map(\.symbol)))
        let body: JSONObject = [
            "worker_id": .string(configuration.workerID), "mode": .string(configuration.mode.rawValue),
            "quotes": .array(quotes.map(\.json)),
        ]
        // What does not arrive comes with the account.
        _ = try? await server.sync(.object(body.merging(standings.members)))
    }

    /// Asks the broker about some of the watched symbols, for the next sync.
    func askAboutWatched(quoted: Set<String>) async {
        standings.keep(Set(watch))
        for symbol in standings.due(watch, quoted: quoted, at: clock.uptimeSeconds()) {
            guard await ask(about: symbol) else { return }
        }
    }

    /// Asks the broker about one symbol; false where it did not answer.
    @discardableResult
    func ask(about symbol: String) async -> Bool {
        do {
            let reason = try await broker.untradedReason(of: symbol)
            if standings.note(symbol, reason, at: clock.uptimeSeconds()) {
                log.warning(
                    "symbol.not-traded", ["symbol": .string(symbol), "reason": .text(reason?.rawValue)])
            }
            return true
        } catch {
            log.warning("symbol.not-asked", ["symbol": .string(symbol), "reason": .string(error.message)])
            return false
        }
    }
}
