import Domain
import JSON
import Testing

struct ReportSheetTests {
    @Test func `a summary says what is not known, and takes out what would steer a terminal`() {
        let sheet = ReportSheet.daily([
            "date": "2026-11-24", "status": "preliminary", "trades_executed": 1, "wins": 0,
            "positions_closed": [
                [
                    "symbol": "NV\u{1B}[31mDA", "direction": "short", "qty": "1200",
                    "entry_price": "118.12345",
                    "realized_pnl": "-50.5",
                ]
            ],
        ])
        #expect(sheet.path == "/reports/daily/2026-11-24")
        #expect(
            sheet.lead
                == "No worker reported the account on this day, so its worth is not known; 1 trade executed.")
        let text = sheet.plainText
        #expect(!text.contains("\u{1B}") && text.contains("NV [31mDA"))
        #expect(text.contains("1,200") && text.contains("$118.1234 ") && text.contains("−$50.50"))
        #expect(text.contains("Starting value:") && text.contains("–"))
        #expect(text.split(separator: "\n").allSatisfy { $0.last != " " })
    }

    @Test func `lengths of time stand in a row without a gap`() {
        let bounds: [JSONValue] = [5, 15, 60, nil]
        let sheet = ReportSheet.daily([
            "decisions": [
                "time_to_decide": .array(bounds.map { ["within_seconds": $0, "count": 1] })
            ]
        ])
        let rows = sheet.sections.first { $0.title == "Time to decide" }?.rows.map { $0[0].text }
        #expect(rows == ["under 5 s", "5 s to 15 s", "15 s to 1 min", "longer than 1 min"])
    }

    @Test(arguments: [
        ("0.00004", "0.00%"), ("-0.00004", "0.00%"), ("0.00006", "+0.01%"), ("-0.0001", "−0.01%"),
    ])
    func `a change that rounds to nothing has no sign`(fraction: String, words: String) {
        let sheet = ReportSheet.weekly(["performance": ["pnl": "1", "return_pct": .string(fraction)]])
        #expect(sheet.lead.hasPrefix("+$1 (\(words))"))
    }

    @Test(arguments: [
        ("0.04", "0 s"), ("4.96", "5 s"), ("9.94", "9.9 s"), ("59.4", "59 s"), ("60", "1 min"),
        ("3599.4", "59 min 59 s"), ("3600", "1 h 0 min"), ("90061", "25 h 1 min"),
    ])
    func `a length of time reads in the units that matter`(seconds: String, words: String) {
        let sheet = ReportSheet.daily(["decisions": ["median_seconds": .string(seconds)]])
        let part = sheet.sections.first { $0.title == "Decisions" }
        #expect(part?.facts.first { $0.label == "Time to decide, median" }?.value.text == words)
    }

    @Test func `a chart of one day says that it is one`() throws {
        let day: JSONValue = [
            "date": "2026-11-20", "ending_value": "99999.6", "pnl": "-0.4", "drawdown": "0.000004",
        ]
        let one: JSONValue = ["performance": ["recent": [day]]]
        let sections = ReportSheet.weekly(one).sections
        let equity = try #require(sections.first { $0.title == "Equity and drawdown" })
        #expect(equity.chart == .equity && equity.note?.contains("a point, and no line") == true)
        #expect(
            ReportChart.equity.words(one).hasPrefix(
                "A point for the equity at the close of 2026-11-20: $99,999.60"))
        #expect(ReportChart.profits.words(one) == "A bar for the profit or loss of 2026-11-20: −$0.40.")
        let two: JSONValue = [
            "performance": ["recent": [day, ["date": "2026-11-23", "pnl": "3", "ending_value": "5"]]]
        ]
        #expect(ReportSheet.weekly(two).sections.first { $0.title == equity.title }?.note == nil)
        #expect(ReportChart.equity.words(two).hasPrefix("Line of the equity at the close from 2026-11-20 to"))
        #expect(ReportChart.profits.words(two).contains("1 day with a profit, 1 with a loss"))
    }

    @Test func `a statistic of one day says one day`() throws {
        let drawdown: JSONValue = ["standing": "insufficient", "value": "0", "count": 1]
        let sheet = ReportSheet.weekly(["performance": ["statistics": ["max_drawdown": drawdown]]])
        let part = try #require(sheet.sections.first { $0.title == "Performance" })
        let fact = try #require(part.facts.first { $0.label == "Largest drawdown" })
        #expect(fact.value.text == "0.00% (insufficient data: 1 day)")
    }
}
