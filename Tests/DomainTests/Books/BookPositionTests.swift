import Domain
import Testing

/// Positions and round trips at average cost: long, short, flips, partial closes, commissions, adjustments.
@Suite struct BookPositionTests {
    static let key = BookKey(.account, "", "NVDA")

    static func decimal(_ text: String) -> ExactDecimal { ExactDecimal(text) ?? .zero }

    /// `buy 100 @ 10` and the like, one a second.
    static func play(_ lines: [String], kind: Execution.Kind = .fill) -> (BookPosition, [Booking]) {
        var position = BookPosition(key)
        var bookings: [Booking] = []
        for (second, line) in lines.enumerated() {
            let words = line.split(separator: " ").map(String.init)
            let execution = Execution(
                id: "x\(second)", kind: words.contains("adjustment") ? .adjustment : kind, symbol: "NVDA",
                side: words[0] == "buy" ? .buy : .sell, qty: decimal(words[1]), price: decimal(words[3]),
                commission: words.count > 5 && words[4] == "fee" ? decimal(words[5]) : .zero,
                executedAt: Timestamp(seconds: Int64(second)))
            bookings.append(position.book(execution))
        }
        return (position, bookings)
    }

    @Test func `consecutive entries are held at their average, and closes take it off`() {
        let (position, bookings) = Self.play(["buy 100 @ 10", "buy 100 @ 11", "sell 150 @ 12", "sell 50 @ 9"])
        #expect(bookings.map(\.realizedPnL) == ["0", "0", "225", "-75"].map(Self.decimal))
        #expect(position.qty.isZero && position.cost.isZero && position.trip == nil)
        let trip = bookings.flatMap(\.closedTrips)
        #expect(trip.count == 1)
        #expect(trip.first?.realizedPnL == Self.decimal("150"))
        #expect(trip.first?.direction == .long)
        #expect(trip.first?.averageEntryPrice == Self.decimal("10.5"))
        #expect(trip.first?.averageExitPrice == Self.decimal("11.25"))
    }

    @Test func `a short gains when the price falls`() {
        let (position, bookings) = Self.play(["sell 10 @ 50", "buy 10 @ 45"])
        #expect(position.realizedPnL == Self.decimal("50"))
        #expect(bookings.flatMap(\.closedTrips).map(\.direction) == [.short])
        let (open, _) = Self.play(["sell 10 @ 50"])
        #expect(open.qty == Self.decimal("-10"))
        #expect(open.cost == Self.decimal("-500"))
        #expect(open.unrealizedPnL(at: Self.decimal("45")) == Self.decimal("50"))
    }

    @Test func `an execution through nought ends one round trip and begins another`() {
        let (position, bookings) = Self.play(["buy 10 @ 50", "sell 25 @ 55", "buy 15 @ 60"])
        #expect(bookings.flatMap(\.closedTrips).map(\.realizedPnL) == ["50", "-75"].map(Self.decimal))
        #expect(bookings.flatMap(\.closedTrips).map(\.direction) == [.long, .short])
        #expect(position.trip == nil)
    }

    @Test func `rounding an average loses nothing over the round trip`() {
        let (position, bookings) = Self.play([
            "buy 1 @ 10", "buy 2 @ 10.01", "sell 1 @ 10", "sell 1 @ 10", "sell 1 @ 10",
        ])
        #expect(position.realizedPnL == Self.decimal("-0.02"))
        #expect(position.cost.isZero)
        #expect(bookings[2].realizedPnL == Self.decimal("-0.006666666667"))
    }

    @Test func `commissions go with the shares they were paid for`() {
        let (position, bookings) = Self.play(["buy 10 @ 50 fee 1", "sell 25 @ 55 fee 2.5"])
        let closed = bookings.flatMap(\.closedTrips)
        #expect(closed.map(\.commission) == [Self.decimal("2")])
        #expect(closed.map(\.netPnL) == [Self.decimal("48")])
        #expect(position.trip?.commission == Self.decimal("1.5"))
        #expect(position.commission == Self.decimal("3.5"))
    }

    @Test func `an adjustment takes over shares and price without a profit`() {
        let (split, bookings) = Self.play(["buy 10 @ 100", "buy 10 @ 50 adjustment", "sell 20 @ 60"])
        #expect(bookings[1].realizedPnL.isZero)
        #expect(bookings[1].costAfter == Self.decimal("1000"))
        #expect(split.realizedPnL == Self.decimal("200"))
        #expect(bookings.flatMap(\.closedTrips).map(\.isAdjusted) == [true])
        let (gone, ended) = Self.play(["buy 10 @ 100", "sell 10 @ 0 adjustment"])
        #expect(gone.qty.isZero && gone.realizedPnL.isZero)
        #expect(ended.flatMap(\.closedTrips).count == 1)
        let (turned, _) = Self.play(["buy 10 @ 100", "sell 15 @ 90 adjustment"])
        #expect(turned.qty == Self.decimal("-5") && turned.cost == Self.decimal("-450"))
        #expect(turned.trip?.direction == .short)
    }

    @Test func `the largest numbers that are taken do not overflow`() {
        let (position, _) = Self.play([
            "buy 1000000000 @ 10000000", "buy 999999999.999999999 @ 9999999.999999999",
            "sell 0.000000001 @ 0.000000001", "sell 1999999999.999999998 @ 10000000",
        ])
        #expect(position.qty.isZero)
    }

    @Test func `what was risked measures what was made`() {
        let (_, bookings) = Self.play(["buy 10 @ 100", "sell 10 @ 116"])
        let trip = bookings.flatMap(\.closedTrips).first
        #expect(trip?.riskMultiple(stopPrice: Self.decimal("92")) == Self.decimal("2"))
        #expect(trip?.riskMultiple(stopPrice: Self.decimal("100")) == nil)
        #expect(trip?.riskMultiple(stopPrice: nil) == nil)
    }
}
