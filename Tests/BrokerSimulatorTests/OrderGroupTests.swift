import Domain
import JSON
import Testing

@testable import BrokerSimulator

@Suite struct OrderGroupTests {
    private let bracket: JSONObject = [
        "symbol": "AAPL", "side": "buy", "type": "limit", "qty": "10", "limit_price": "190",
        "order_class": "bracket", "time_in_force": "gtc", "take_profit": ["limit_price": "210"],
        "stop_loss": ["stop_price": "180", "limit_price": "179"],
    ]

    private func submit(_ desk: inout Desk, _ changes: JSONObject = [:]) throws -> String {
        try desk.submit(bracket.merging(changes))["id"]?.stringValue ?? ""
    }

    private func legStatuses(_ desk: Desk, _ id: String) -> [String?] {
        desk.order(id)["legs"]?.arrayValue?.map { $0["status"]?.stringValue } ?? []
    }

    @Test func `legs are held until the entry has filled completely`() throws {
        var desk = Desk()
        try desk.apply(.partialFill, "", ["qty": "4"])
        let id = try submit(&desk)
        #expect(legStatuses(desk, id) == ["held", "held"])
        try desk.price("AAPL", "189.99")
        #expect(desk.status(id) == "partially_filled")
        #expect(legStatuses(desk, id) == ["held", "held"])
        try desk.price("AAPL", "175")
        #expect(legStatuses(desk, id) == ["held", "held"])
        try desk.price("AAPL", "189.99")
        try desk.apply(.release, id)
        #expect(desk.status(id) == "filled")
        #expect(legStatuses(desk, id) == ["new", "held"])
        #expect(desk.position("AAPL", "qty_available") == "0")
    }

    @Test func `the first answer shows the legs already, and so does a replacement's`() throws {
        var desk = Desk()
        let answer = try desk.submit(bracket)
        #expect(answer["legs"]?.arrayValue?.map { $0["type"]?.stringValue } == ["limit", "stop_limit"])
        #expect(answer["legs"]?[0]?["order_class"] == "bracket")
        let new = try desk.apply(.replace, answer["id"]?.stringValue ?? "", ["limit_price": "189"])
        #expect(new["legs"]?.arrayValue?.count == 2)
    }

    @Test func `the profit taken cancels the stop`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        try desk.price("AAPL", "211")
        #expect(legStatuses(desk, id) == ["filled", "canceled"])
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `the stop touched cancels the profit and sells`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        try desk.price("AAPL", "179.5")
        #expect(legStatuses(desk, id) == ["canceled", "filled"])
        #expect(desk.leg(id, "stop_limit")["filled_avg_price"] == "179.49")
    }

    @Test func `a stop that jumps its limit stays open without a sibling`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        try desk.price("AAPL", "150")
        #expect(legStatuses(desk, id) == ["canceled", "new"])
        #expect(desk.position("AAPL", "qty") == "10")
    }

    @Test func `part of the profit taken shrinks the stop`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        try desk.apply(.partialFill, "", ["qty": "3"])
        try desk.price("AAPL", "211")
        #expect(legStatuses(desk, id) == ["partially_filled", "held"])
        #expect(desk.leg(id, "stop_limit")["qty"] == "7")
        try desk.price("AAPL", "179.5")
        #expect(desk.position("AAPL", "qty") == nil)
        #expect(legStatuses(desk, id) == ["canceled", "filled"])
    }

    @Test func `cancelling the entry cancels the legs`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.apply(.cancel, id)
        #expect(desk.status(id) == "canceled")
        #expect(legStatuses(desk, id) == ["canceled", "canceled"])
    }

    @Test func `an entry cancelled in part leaves its shares without protection`() throws {
        var desk = Desk()
        try desk.apply(.partialFill, "", ["qty": "4"])
        let id = try submit(&desk)
        try desk.price("AAPL", "189.99")
        try desk.apply(.cancel, id)
        #expect(legStatuses(desk, id) == ["canceled", "canceled"])
        #expect(desk.position("AAPL", "qty") == "4")
    }

    @Test func `cancelling one leg cancels the group`() throws {
        var desk = Desk()
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        try desk.apply(.cancel, desk.leg(id, "limit")["id"]?.stringValue ?? "")
        #expect(legStatuses(desk, id) == ["canceled", "canceled"])
        #expect(desk.position("AAPL", "qty_available") == "10")
        #expect(throws: BrokerRejection.self) { try desk.apply(.cancel, id) }
    }

    @Test func `a touched stop may go on under another id`() throws {
        var desk = Desk { $0.replacesTouchedStops = true }
        let id = try submit(&desk)
        try desk.price("AAPL", "189")
        let stop = desk.leg(id, "stop_limit")["id"]?.stringValue ?? ""
        try desk.price("AAPL", "179.5")
        #expect(desk.status(stop) == "replaced")
        let next = desk.text(stop, "replaced_by") ?? ""
        #expect(desk.status(next) == "filled")
        #expect(desk.text(next, "replaces") == stop)
        #expect(desk.text(next, "type") == "limit")
        #expect(desk.order(id)["legs"]?.arrayValue?.last?["id"]?.stringValue == next)
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `an entry that triggers one other`() throws {
        var desk = Desk()
        let id = try submit(
            &desk, ["order_class": "oto", "take_profit": nil, "stop_loss": ["stop_price": "180"]])
        #expect(legStatuses(desk, id) == ["held"])
        try desk.price("AAPL", "189")
        #expect(legStatuses(desk, id) == ["new"])
        try desk.price("AAPL", "170")
        #expect(desk.leg(id, "stop")["filled_avg_price"] == "169.99")
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `one cancels the other on a position that is there`() throws {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        let exit: JSONObject = [
            "symbol": "AAPL", "side": "sell", "type": "limit", "qty": "10", "order_class": "oco",
            "take_profit": ["limit_price": "210"], "stop_loss": ["stop_price": "180"],
        ]
        let id = try desk.submit(exit)["id"]?.stringValue ?? ""
        #expect(desk.status(id) == "new")
        #expect(desk.text(id, "limit_price") == "210")
        #expect(legStatuses(desk, id) == ["held"])
        #expect(desk.position("AAPL", "qty_available") == "0")
        try desk.price("AAPL", "170")
        #expect(desk.status(id) == "canceled")
        #expect(legStatuses(desk, id) == ["filled"])
        try desk.trade("buy", "10", "AAPL")
        let second =
            try desk.submit(exit.merging(["stop_loss": ["stop_price": "160"]]))["id"]?.stringValue ?? ""
        try desk.price("AAPL", "211")
        #expect(desk.status(second) == "filled")
        #expect(legStatuses(desk, second) == ["canceled"])
    }

    @Test func `a bracket guards a short position upside down`() throws {
        var desk = Desk { $0.isShortingEnabled = true }
        let id =
            try desk.submit([
                "symbol": "AAPL", "side": "sell", "type": "market", "qty": "5", "order_class": "bracket",
                "take_profit": ["limit_price": "170"], "stop_loss": ["stop_price": "200"],
            ])["id"]?.stringValue ?? ""
        #expect(desk.position("AAPL", "qty") == "-5")
        #expect(desk.position("AAPL", "qty_available") == "0")
        try desk.price("AAPL", "201")
        #expect(legStatuses(desk, id) == ["canceled", "filled"])
        #expect(desk.leg(id, "stop")["filled_avg_price"] == "201.01")
        #expect(desk.position("AAPL", "qty") == nil)
    }

    @Test func `a bracket cannot close a position`() throws {
        var desk = Desk()
        try desk.trade("buy", "10", "AAPL")
        let refusal = desk.refusal([
            "symbol": "AAPL", "side": "sell", "type": "market", "qty": "5", "order_class": "bracket",
            "take_profit": ["limit_price": "170"], "stop_loss": ["stop_price": "200"],
        ])
        #expect(refusal?.message == "bracket orders must be entry orders")
    }
}
