import Domain
import JSON
import Testing

/// How amounts of money are written.
@Suite struct AmountTextTests {
    private static func amounts(_ texts: String...) -> [ExactDecimal] {
        texts.compactMap { ExactDecimal($0) }
    }

    @Test func `alone an amount has cents where it has some`() {
        #expect(
            Self.amounts("47280", "1999.5", "-50", "0.004").map(AmountText.money) == [
                "$47,280", "$1,999.50", "−$50", "$0",
            ])
        #expect(
            Self.amounts("120", "-50.25", "0", "0.004").map(AmountText.gain) == [
                "+$120", "−$50.25", "$0", "$0",
            ])
    }

    @Test func `among others it has cents where any of them has some`() {
        let column = Self.amounts("100000", "99999.6", "-5")
        #expect(column.map(AmountForm(column).money) == ["$100,000.00", "$99,999.60", "−$5.00"])
        #expect(column.map(AmountForm(column).gain) == ["+$100,000.00", "+$99,999.60", "−$5.00"])
        let whole = Self.amounts("100000", "7.001")
        #expect(whole.map(AmountForm(whole + [nil]).money) == ["$100,000", "$7"])
    }

    @Test func `a column of a report has one form, on the page, in mail and at the command line`() throws {
        let day: JSONValue = [
            "date": "2026-11-20", "account_as_of": "2026-11-20T21:00:00Z", "starting_value": "100000",
            "ending_value": "99999.6", "daily_pnl": "-0.4", "cash_balance": "90000",
            "positions_closed": [["realized_pnl": "12"], ["realized_pnl": "-0.5"]],
            "open_positions": [
                ["symbol": "NVDA", "market_value": "4728.4", "unrealized_pnl": "3"],
                ["symbol": "AAPL", "market_value": "200", "unrealized_pnl": "-1"],
            ],
        ]
        let sheet = ReportSheet.daily(day)
        func column(_ section: String, _ name: String) throws -> [String] {
            let part = try #require(sheet.sections.first { $0.title == section })
            let place = try #require(part.columns.firstIndex(of: name))
            return part.rows.map { $0[place].text }
        }
        #expect(try column("Closed today", "Profit or loss") == ["+$12.00", "−$0.50"])
        #expect(try column("Open positions", "Value") == ["$4,728.40", "$200.00"])
        #expect(try column("Open positions", "Not yet taken") == ["+$3", "−$1"])
        let result = try #require(sheet.sections.first { $0.title == "Result" })
        let facts = result.facts.filter { ["Starting value", "Ending value", "Cash"].contains($0.label) }
        #expect(facts.map(\.value.text) == ["$100,000.00", "$99,999.60", "$90,000.00"])
        #expect(sheet.lead.contains("from $100,000.00 to $99,999.60"))
        let brief = ReportBrief.daily(day)
        #expect(brief.contains("$4,728.40  +$3") && brief.contains("$200.00    −$1"))
    }

    @Test func `days of a week begin as the ones before them end`() throws {
        let week: JSONValue = [
            "week": "2026-W47",
            "performance": [
                "days": [
                    ["starting_value": "100000", "ending_value": "100001", "pnl": "1"],
                    ["starting_value": "100001", "ending_value": "100000.5", "pnl": "-0.5"],
                ]
            ],
        ]
        let part = try #require(ReportSheet.weekly(week).sections.first { $0.title == "Day by day" })
        #expect(
            part.rows.map { $0[1...3].map(\.text) } == [
                ["$100,000.00", "$100,001.00", "+$1.00"], ["$100,001.00", "$100,000.50", "−$0.50"],
            ])
    }
}
