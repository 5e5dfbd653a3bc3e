// Prices without a network: a base price by symbol, the same in every run, that a control call may replace.

import Domain

/// What the simulated market asks and bids.
struct SimulatedQuote: Sendable, Hashable {
    var bid: ExactDecimal
    var ask: ExactDecimal
    var last: ExactDecimal
    var bidSize = 300
    var askSize = 200
    /// When the quote was made; nil means now, always fresh.
    var at: Timestamp?

    /// A quote one tick either side of a price.
    static func around(_ price: ExactDecimal) -> SimulatedQuote {
        let tick = PriceBook.tick(at: price)
        return SimulatedQuote(bid: max(.zero, price - tick), ask: price + tick, last: price)
    }
}

/// What may be done with a symbol.
struct SimulatedAsset: Sendable, Hashable {
    var isTradable = true
    var isFractionable = true
    var isShortable = true
}

/// The quotes and properties of every symbol.
struct PriceBook: Sendable, Hashable {
    /// How far prices wander around their base, in basis points; 0 keeps them still.
    let walkBasisPoints: Int
    private(set) var quotes: [String: SimulatedQuote] = [:]
    private(set) var assets: [String: SimulatedAsset] = [:]

    init(walkBasisPoints: Int = 0) { self.walkBasisPoints = walkBasisPoints }

    /// The asset of that symbol; nil where there is none.
    func asset(_ symbol: String) -> SimulatedAsset? {
        guard Self.isSymbol(symbol) else { return nil }
        return assets[symbol] ?? SimulatedAsset()
    }

    mutating func set(_ asset: SimulatedAsset, for symbol: String) { assets[symbol] = asset }
    mutating func set(_ quote: SimulatedQuote, for symbol: String) { quotes[symbol] = quote }

    /// The quote of a symbol at an instant; nil where there is no such symbol.
    func quote(_ symbol: String, at now: Timestamp) -> SimulatedQuote? {
        guard Self.isSymbol(symbol) else { return nil }
        if let quote = quotes[symbol] { return quote }
        return .around(walked(Self.basePrice(symbol), symbol, at: now))
    }

    /// The smallest step of a price: a cent from one dollar upwards, a hundredth of a cent below.
    static func tick(at price: ExactDecimal) -> ExactDecimal {
        price >= .one ? hundredth : tenThousandth
    }

    /// One to six capital letters or dots; names that begin with ZZZ do not exist, for tests.
    static func isSymbol(_ text: String) -> Bool {
        let bytes = text.utf8
        guard (1...6).contains(bytes.count), !text.hasPrefix("ZZZ") else { return false }
        let isLetterOrDot = bytes.allSatisfy { (65...90).contains($0) || $0 == UInt8(ascii: ".") }
        return isLetterOrDot && bytes.first != UInt8(ascii: ".")
    }

    private static let hundredth = ExactDecimal("0.01") ?? .one
    private static let tenThousandth = ExactDecimal("0.0001") ?? .one

    private static let known = [
        "AAPL": "190.5", "AMD": "140.25", "AMZN": "182.1", "BRK.B": "415.6", "COIN": "221.4", "F": "11.9",
        "GOOG": "172.3", "GOOGL": "170.85", "IWM": "208.7", "JPM": "205.35", "META": "505.2",
        "MSFT": "420.75",
        "NFLX": "640.9", "NVDA": "118.2", "PLTR": "27.6", "QQQ": "480.4", "SNDL": "0.8125", "SPY": "545.3",
        "TSLA": "248.5", "XOM": "113.8",
    ]

    private static func basePrice(_ symbol: String) -> ExactDecimal {
        if let price = known[symbol].flatMap({ ExactDecimal($0) }) { return price }
        var random = SplitMix64.named("price of " + symbol)
        let cents = Int(random.next() % 49_500) + 500
        return ExactDecimal(cents) * hundredth
    }

    /// Straight lines between points a minute apart: a pure function of the time, so nothing of it need be
    /// stored.
    private func walked(_ base: ExactDecimal, _ symbol: String, at now: Timestamp) -> ExactDecimal {
        guard walkBasisPoints > 0 else { return base }
        let minute: Int64 = 60_000_000
        let (from, part) = now.microseconds.quotientAndRemainder(dividingBy: minute)
        let start = offset(symbol, minute: from)
        let end = offset(symbol, minute: from + 1)
        let millionths = (start * (minute - part) + end * part) / (minute / 100)
        let factor = ExactDecimal(1_000_000 + Int(millionths)) * Self.tenThousandth * Self.hundredth
        return (base * factor).rounded(scale: base >= .one ? 2 : 4)
    }

    private func offset(_ symbol: String, minute: Int64) -> Int64 {
        var random = SplitMix64.named("\(symbol) in minute \(minute)")
        return Int64(random.next() % UInt64(2 * walkBasisPoints + 1)) - Int64(walkBasisPoints)
    }
}
