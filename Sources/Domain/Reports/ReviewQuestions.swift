package import JSON

/// The ten questions of the weekly review: six that the books answer, four that only a person can.
package enum ReviewQuestions {
    /// The questions for the person, by their numbers.
    package static let forPeople: [(number: Int, question: String)] = [
        (7, "How does live trading compare with what paper trading led you to expect?"),
        (8, "Should positions become larger or smaller?"),
        (9, "Are the limits still right?"),
        (10, "Are you comfortable with how this is going?"),
    ]

    /// All ten, those that the data of a weekly report answers with their answers and where the evidence is.
    package static func answered(_ report: JSONValue) -> [JSONValue] {
        let trades = report.part("trades")
        let sample = trades["is_insufficient"] == true ? " That is too few to rely on." : ""
        let rate =
            trades["win_rate"]?.decimalValue == nil
            ? "No round trip ended."
            : "\(trades.percent("win_rate")): \(trades.count("wins")) of \(trades.count("count")).\(sample)"
        let data: [(String, String, [(String, String)])] = [
            ("What is the win rate?", rate, [("Positions", "/positions")]),
            (
                "What was the largest loss, and why?",
                trip(report.part("largest_loss"), "No round trip lost."),
                evidence(report.part("largest_loss"))
            ),
            (
                "What was the largest gain, and why?",
                trip(report.part("largest_gain"), "No round trip gained."),
                evidence(report.part("largest_gain"))
            ),
            (
                "Were the rules of sizing broken?", sizing(report.part("sizing")),
                [("Positions", "/positions")]
            ),
            ("Are all stops in place?", stops(report.part("stops")), [("Positions", "/positions")]),
            (
                "Did anything unexpected happen?", unexpected(report.part("unexpected")),
                [("Halts", "/halts"), ("Orders", "/orders"), ("Deliveries", "/deliveries")]
            ),
        ]
        let six = data.enumerated().map { index, each -> JSONValue in
            [
                "number": .integer(index + 1), "question": .string(each.0), "answered_by": "data",
                "answer": .string(each.1),
                "evidence": .array(
                    each.2.map { ["label": .string($0.0), "path": .string($0.1)] }),
            ]
        }
        return six
            + forPeople.map { each in
                [
                    "number": .integer(each.number), "question": .string(each.question),
                    "answered_by": "person", "answer": .null, "evidence": [],
                ]
            }
    }

    private static func trip(_ trip: JSONValue, _ none: String) -> String {
        guard !trip.isNull else { return none }
        let why =
            trip["rationale"]?.stringValue.map { " The bot's reason: \($0)" }
            ?? " No proposal here led to it."
        let multiple =
            trip.multiple("r_multiple").map { ", \($0) times what was risked" } ?? ""
        return
            "\(trip.gain("realized_pnl")) on \(trip.words("symbol")) (\(trip.words("direction"))), entered at "
            + "\(trip.price("entry_price")), left at \(trip.price("exit_price"))\(multiple).\(why)"
    }

    private static func evidence(_ trip: JSONValue) -> [(String, String)] {
        trip["proposal_id"]?.stringValue.map { [("Proposal", "/proposals/\($0)")] } ?? []
    }

    private static func sizing(_ sizing: JSONValue) -> String {
        let found = sizing.list("violations")
        if sizing["max_position_usd"] == .null, sizing["max_position_pct"] == .null {
            return "There was no limit on the size of a position."
        }
        guard !found.isEmpty else { return "No: no position was above its limits in any snapshot." }
        let named = found.prefix(5).map {
            "\($0.words("symbol")) with \($0.money("market_value")) (\($0.percent("share_of_equity")) of equity)"
        }
        return
            "Yes: \(named.joined(separator: ", "))\(found.count > 5 ? ", and \(found.count - 5) more" : "")."
    }

    private static func stops(_ stops: JSONValue) -> String {
        switch stops["all_in_place"] {
        case true:
            return stops.list("positions").isEmpty
                ? "Nothing is held." : "Yes: every open position has a live stop."
        case false:
            let bare = stops.list("positions").filter { $0["stop_status"] != "live" }
            return "No: \(bare.map { $0.words("symbol") }.joined(separator: ", "))."
        default: return "That is not known any more: open orders are not kept."
        }
    }

    static func unexpected(_ events: JSONValue) -> String {
        guard events["count"] != 0 else { return "No." }
        let parts = [
            (events.list("halts").count, "halt", "halts"),
            (events.list("orders").count, "order in trouble", "orders in trouble"),
            (events.list("mismatches").count, "difference from the broker", "differences from the broker"),
            (events["dead_deliveries"]?.intValue ?? 0, "message given up", "messages given up"),
            (
                events["foreign_executions"]?.intValue ?? 0, "execution not made here",
                "executions not made here"
            ),
        ].filter { $0.0 > 0 }
        let words = parts.map { counted($0.0, $0.1, $0.2) }
        return "Yes: \(words.joined(separator: ", "))."
    }
}
