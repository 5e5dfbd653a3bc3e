package import Domain
import HTTPClient
import JSON

extension AlpacaClient: Broker {
    /// The account as the broker shows it now.
    package func account() async throws(BrokerError) -> BrokerAccount {
        guard let account = AlpacaReading.account(try await ask("/v2/account")) else {
            throw AlpacaErrors.unreadable("it is not an account", .question)
        }
        return account
    }

    /// The broker's clock.
    package func clock() async throws(BrokerError) -> BrokerClock {
        guard let clock = AlpacaReading.clock(try await ask("/v2/clock")) else {
            throw AlpacaErrors.unreadable("it is not a clock", .question)
        }
        return clock
    }

    /// The market's days between two dates such as `2026-11-23`, both included.
    package func calendar(from first: String, through last: String) async throws(BrokerError) -> [BrokerDay] {
        let document = try await ask("/v2/calendar", [("start", first), ("end", last)])
        return try Self.list(document, "days", AlpacaReading.day)
    }

    /// Everything the account holds.
    package func positions() async throws(BrokerError) -> [BrokerPosition] {
        try Self.list(await ask("/v2/positions"), "positions", AlpacaReading.position)
    }

    /// Why the broker takes no order in that symbol; nil where it does.
    package func untradedReason(of symbol: String) async throws(BrokerError) -> UntradedReason? {
        // The symbol becomes part of a path: only what is certainly one is asked for.
        guard OrderShape.isSymbol(symbol) else { return .unknown }
        do throws(BrokerError) {
            let asset = try await ask("/v2/assets/\(symbol)")
            guard let isTradable = asset["tradable"]?.boolValue else {
                throw AlpacaErrors.unreadable("it is not an asset", .question)
            }
            return isTradable ? nil : .notTradable
        } catch {
            guard error.kind == .notFound else { throw error }
            return .unknown
        }
    }

    /// The latest quotes of those of the symbols that the broker knows.
    ///
    /// One unknown symbol has the whole question refused, so a refused question is split until it is found.
    package func quotes(_ symbols: [String]) async throws(BrokerError) -> [Quote] {
        guard !symbols.isEmpty else { return [] }
        guard symbols.count <= Self.quotesPerRequest else {
            return try await quotesInHalves(symbols)
        }
        let document: JSONValue
        do {
            let query = [("symbols", symbols.joined(separator: ","))]
            document = try await ask(configuration.dataURL, "/v2/stocks/quotes/latest", query)
        } catch {
            switch error.kind {
            case .rejected, .notFound: return symbols.count == 1 ? [] : try await quotesInHalves(symbols)
            case .duplicateClientOrderID, .rateLimited, .unauthorised, .outcomeUnknown, .unreachable,
                .noAnswer:
                throw error
            }
        }
        return Self.quotes(document, symbols, receivedAt: now())
    }

    private static let quotesPerRequest = 200

    private func quotesInHalves(_ symbols: [String]) async throws(BrokerError) -> [Quote] {
        let middle = symbols.count / 2
        return try await quotes(Array(symbols[..<middle])) + quotes(Array(symbols[middle...]))
    }

    /// What cannot be read is no quote, and without a quote nothing is sent.
    private static func quotes(_ document: JSONValue, _ symbols: [String], receivedAt: Timestamp) -> [Quote] {
        symbols.compactMap { symbol in
            guard var quote = document["quotes"]?[symbol]?.objectValue else { return nil }
            quote["S"] = .string(symbol)
            return try? Quote.parse(.object(quote), receivedAt: receivedAt)
        }
    }

    /// Every execution after that instant, oldest first.
    package func fills(since: Timestamp) async throws(BrokerError) -> [BrokerFill] {
        var fills: [BrokerFill] = []
        var token: String?
        for _ in 1...Self.maxFillPages {
            var query = [
                ("after", since.rfc3339), ("direction", "asc"), ("page_size", "\(Self.fillsPerPage)"),
            ]
            if let token { query.append(("page_token", token)) }
            let document = try await ask("/v2/account/activities/FILL", query)
            let page = try Self.list(document, "executions", AlpacaReading.fill)
            fills += page
            guard page.count >= Self.fillsPerPage, let last = page.last?.executionID, last != token else {
                return fills
            }
            token = last
        }
        return fills
    }

    /// Every entry of that kind in the account's statement after that instant, oldest first.
    package func activities(
        _ kind: BrokerActivity.Kind, since: Timestamp
    ) async throws(BrokerError) -> [BrokerActivity] {
        var path = "/v2/account/activities"
        var filter = [("after", since.rfc3339), ("direction", "asc"), ("page_size", "\(Self.fillsPerPage)")]
        switch kind {
        case .fills: path += "/FILL"
        case .cash: filter.append(("category", "non_trade_activity"))
        }
        var entries: [BrokerActivity] = []
        for _ in 1...Self.maxFillPages {
            let token = entries.last.map { [("page_token", $0.id)] } ?? []
            let document = try await ask(path, filter + token)
            let page = try Self.list(document, "entries") { AlpacaReading.activity($0, kind) }
            entries += page
            guard page.count >= Self.fillsPerPage, entries.last?.id != token.first?.1 else { break }
        }
        return entries
    }

    private static let fillsPerPage = 100
    private static let maxFillPages = 100
}
