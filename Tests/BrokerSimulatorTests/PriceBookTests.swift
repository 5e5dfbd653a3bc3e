import Domain
import Testing

@testable import BrokerSimulator

@Suite struct PriceBookTests {
    private let now = Timestamp(seconds: 1_794_000_000)

    @Test func `quotes a known symbol a cent either side of its price`() {
        let quote = PriceBook().quote("NVDA", at: now)
        #expect(quote?.bid == decimal("118.19"))
        #expect(quote?.ask == decimal("118.21"))
        #expect(quote?.last == decimal("118.2"))
    }

    @Test func `a price below a dollar moves in hundredths of a cent`() {
        #expect(PriceBook().quote("SNDL", at: now)?.ask == decimal("0.8126"))
    }

    @Test func `makes up one price for a symbol and keeps to it`() {
        let price = PriceBook().quote("QWERT", at: now)?.last
        #expect(price == PriceBook().quote("QWERT", at: now.adding(minutes: 999))?.last)
        #expect(price ?? .zero >= decimal("5"))
        #expect(price ?? .zero < decimal("500"))
    }

    @Test(arguments: ["ZZZ", "ZZZQ", "", "TOOLONG", "aapl", "AB1", ".A", "A/B"])
    func `knows no such symbol`(symbol: String) {
        #expect(PriceBook().quote(symbol, at: now) == nil)
        #expect(PriceBook().asset(symbol) == nil)
    }

    @Test func `wanders within its bounds, the same way every time`() {
        let book = PriceBook(walkBasisPoints: 100)
        var seen: Set<ExactDecimal> = []
        for minute in 0..<200 {
            let at = now.adding(seconds: minute * 37)
            let price = book.quote("NVDA", at: at)?.last ?? .zero
            #expect(price >= decimal("117.01") && price <= decimal("119.39"))
            #expect(price == PriceBook(walkBasisPoints: 100).quote("NVDA", at: at)?.last)
            seen.insert(price)
        }
        #expect(seen.count > 20)
    }
}
