import Domain
import JSON
import Testing

struct ReportBriefTests {
    private static let decisions: JSONValue = [
        "proposed": 9, "approved": 4, "rejected": 2, "expired": 1, "blocked": 2, "withdrawn": 0,
        "cancelled": 0, "pending": 0, "median_seconds": "45.2", "hasty_approvals": 1,
        "slowest": ["symbol": "NVDA", "by": "alice", "seconds": "725", "proposal_id": "x"],
        "blocked_by": [
            ["code": "max_position_pct", "count": 2], ["code": "gone_check", "count": 1],
        ],
    ]

    private static let day: JSONValue = [
        "date": "2026-11-20", "status": "final", "starting_value": "100000", "ending_value": "101000",
        "daily_pnl": "1000", "daily_pnl_pct": "0.01", "drawdown": "0.002", "cash_balance": "-500",
        "margin_used": "500", "wins": 1, "trades_executed": 4, "decisions": decisions,
        "positions_closed": [
            [
                "symbol": "NVDA", "direction": "long", "qty": "40", "entry_price": "118.2",
                "exit_price": "121.4", "realized_pnl": "128", "r_multiple": "1.6",
            ],
            [
                "symbol": "GOOGL", "direction": "short", "qty": "5", "entry_price": "1181.25",
                "exit_price": "1190", "realized_pnl": "-43.75", "r_multiple": nil,
            ],
        ],
        "open_positions": [
            [
                "symbol": "AAPL", "qty": "100", "market_value": "20300", "unrealized_pnl": "300",
                "stop_status": "live", "stop_price": "190",
            ]
        ],
        "seven_days": ["total_trades": 3, "total_pnl": "-20"],
        "limits": [
            ["title": "Largest position", "is_breached": true],
            ["title": "Cash of equity", "is_breached": false],
        ],
        "halts": [
            [
                "scope": "symbol", "target": "AMD", "cause": "position_loss", "reason": "lost 2 %",
                "opened_at": "2026-11-20T15:00:00Z", "cleared_at": "2026-11-20T16:30:00Z",
            ]
        ],
    ]

    @Test func `a day fits on a screen, in columns, with checks and causes in words`() {
        #expect(
            ReportBrief.daily(Self.day) == """
                Fri 2026-11-20

                Result          +$1,000 (+1.00%)
                Equity          $100,000 to $101,000, 0.20% below the high-water mark
                Cash            −$500, $500 borrowed
                Seven days      −$20 taken, 3 positions closed
                Proposed        9: 4 approved, 2 rejected, 1 expired (nobody answered), 2 blocked
                Blocked by      largest position as part of equity 2, gone_check 1
                Time to decide  median 45 s, slowest 12 min 5 s (NVDA by alice), 1 approved within five seconds
                Beyond limits   largest position

                Closed (1 with a profit)
                  NVDA   long   40  $118.20 to $121.40      +$128.00  +1.60 R
                  GOOGL  short  5   $1,181.25 to $1,190.00  −$43.75   no stop given

                Open
                  AAPL  100  $20,300  +$300  stop live at $190.00

                Halts
                  symbol AMD  loss of a position  from Fri 2026-11-20 10:00  until Fri 2026-11-20 11:30  lost 2 %

                More: the page /reports/daily/2026-11-20, or --json.
                """)
    }

    @Test func `what is not known is said, and what steers a terminal is taken out`() {
        let brief = ReportBrief.daily([
            "date": "2026-11-20", "status": "preliminary", "positions_closed": [], "seven_days": [:],
            "decisions": ["proposed": 0, "blocked_by": [["code": "a\u{1B}[2J", "count": 1]]],
        ])
        #expect(brief.hasPrefix("Fri 2026-11-20  (the day is not over yet)\n\nAccount     no worker"))
        #expect(brief.contains("Proposed    0\n") && !brief.contains("\u{1B}"))
        #expect(!brief.contains("Closed") && !brief.contains("Halts") && !brief.contains("Time to decide"))
    }

    @Test func `a week leaves its questions to the review`() {
        let brief = ReportBrief.weekly([
            "week": "2026-W47", "status": "final", "decisions": Self.decisions,
            "performance": [
                "pnl": "-250", "return_pct": "-0.0025", "starting_value": "100000", "ending_value": "99750",
                "max_drawdown": "0.0125",
                "days": [
                    [
                        "date": "2026-11-16", "ending_value": "99750", "pnl": "-250", "return_pct": "-0.0025",
                        "trades": 1,
                    ]
                ],
            ],
            "trades": [
                "count": 6, "wins": 4, "win_rate": "0.666666667", "total": "120.5", "average_win": "60",
                "average_loss": "59.75",
                "r_multiple": ["value": "0.35", "count": 5, "without_stop": 1, "standing": "insufficient"],
            ],
            "hindsight": [
                "days": 90,
                "total": [
                    "assessable": 46, "settled": 40, "entered": 12, "standing": "insufficient", "total": nil,
                ],
            ],
            "execution": ["executions": 0], "sizing": ["violations": []], "unexpected": ["count": 0],
            "strategies": [
                ["strategy": "momentum", "proposed": 9, "approved": 4, "trades": 6, "total": "120.5"]
            ],
            "questions": [["number": 1, "question": "What is the win rate?", "answer": "66.67%"]],
        ])
        #expect(
            brief == """
                Week 2026-W47

                Result          −$250 (−0.25%)
                Equity          $100,000 to $99,750, at most 1.25% below the high-water mark
                Closed          6 positions, 4 with a profit (66.67%), +$120.50 taken
                On average      profit $60.00, loss $59.75, R multiple +0.35 (insufficient data: 5 round trips; 1 without a stop left out)
                Proposed        9: 4 approved, 2 rejected, 1 expired (nobody answered), 2 blocked
                Blocked by      largest position as part of equity 2, gone_check 1
                Time to decide  median 45 s, slowest 12 min 5 s (NVDA by alice), 1 approved within five seconds
                Not traded      46 in 90 days, 40 settled, 12 entered: too few to say what they would have made
                Unexpected      No.

                By strategy
                  momentum  4 of 9 approved  6 positions closed  +$120.50

                By day
                  2026-11-16  $99,750  −$250  −0.25%  1 position closed

                More: the page /reports/weekly/2026-W47, or --json. Its questions: countersign review 2026-W47
                """)
    }

    @Test(
        arguments: [
            (
                ["value": nil, "count": 0, "without_stop": 3, "standing": "insufficient"],
                "insufficient data: no stop was given"
            ),
            (
                ["value": "-0.5", "count": 1, "without_stop": 0, "standing": "insufficient"],
                "−0.50 (insufficient data: 1 round trip)"
            ),
            (["value": "1.235", "count": 20, "without_stop": 0, "standing": "sufficient"], "+1.24"),
            (
                ["value": "0", "count": 21, "without_stop": 2, "standing": "sufficient"],
                "0.00 (2 without a stop left out)"
            ),
        ] as [(JSONValue, String)])
    func `an average of R multiples says what it rests on`(figure: JSONValue, words: String) {
        let sheet = ReportSheet.weekly(["trades": ["r_multiple": figure]])
        let part = sheet.sections.first { $0.title == "Round trips that ended" }
        #expect(part?.facts.first { $0.label == "R multiple, average" }?.value.text == words)
    }

    @Test func `of R multiples only those with a stop count`() {
        let multiples = RiskMultiples([ExactDecimal(2), nil, ExactDecimal(-1), ExactDecimal(1)])
        #expect(multiples.average?.description == "0.666667" && multiples.withoutStop == 1)
        #expect(multiples.isInsufficient && RiskMultiples([nil]).average == nil)
        #expect(!RiskMultiples(Array(repeating: .one, count: 20)).isInsufficient)
        #expect(RiskMultiples(Array(repeating: .one, count: 19)).isInsufficient)
    }
}
