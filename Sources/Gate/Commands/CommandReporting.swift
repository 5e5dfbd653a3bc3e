package import Domain
package import JSON
import Postgres
package import Store

/// What the worker says of a command.
struct CommandReport: Sendable {
    /// Where it is.
    enum Phase: String, Sendable, CaseIterable {
        case cancelling, closing
        /// The market is closed.
        case waiting
        /// Nothing is left to do, as the broker shows.
        case done
    }

    let workerID: String
    let phase: Phase
    /// What is kept and shown: the report without who sent it.
    let progress: JSONValue
    /// What the broker refused, by symbol or order.
    let errors: [JSONValue]
    /// The orders at the broker by which positions are closed.
    let closings: [(symbol: String, brokerOrderID: String)]

    static func parse(_ body: JSONValue) throws -> CommandReport {
        let reader = JSONReader(body)
        let workerID = reader.workerID()
        let phase = reader.choice("phase", Phase.self)
        if reader.value("phase") == nil { reader.missing("phase") }
        let orders = reader.int("open_orders", in: 0...1_000_000)
        let positions = (reader.objects("positions", maxCount: 10_000) ?? []).compactMap(Self.position)
        let errors = (reader.objects("errors", maxCount: 1000) ?? []).compactMap(Self.error)
        let closings = (reader.objects("orders", maxCount: 10_000) ?? []).compactMap(Self.closing)
        let nextOpen = reader.instant("next_open")
        reader.refuseUnknown()
        guard reader.faults.isEmpty, let workerID, let phase else { throw Refusal.invalid(reader.faults) }
        return CommandReport(
            workerID: workerID, phase: phase,
            progress: [
                "phase": .string(phase.rawValue), "open_orders": orders.map { .integer($0) } ?? .null,
                "positions": .array(positions), "errors": .array(errors),
                "next_open": .text(nextOpen?.rfc3339),
            ], errors: errors, closings: closings)
    }

    private static func closing(_ reader: JSONReader) -> (symbol: String, brokerOrderID: String)? {
        let symbol = reader.string("symbol", maxCharacters: 32)
        let id = reader.string("broker_order_id", maxCharacters: 128)
        reader.refuseUnknown()
        guard let symbol, let id else {
            reader.missing(symbol == nil ? "symbol" : "broker_order_id")
            return nil
        }
        return (symbol, id)
    }

    private static func position(_ reader: JSONReader) -> JSONValue? {
        let symbol = reader.string("symbol", maxCharacters: 32)
        let qty = reader.string("qty", maxCharacters: 40)
        reader.refuseUnknown()
        guard let symbol, let qty else {
            reader.missing(symbol == nil ? "symbol" : "qty")
            return nil
        }
        return ["symbol": .string(symbol), "qty": .string(qty)]
    }

    private static func error(_ reader: JSONReader) -> JSONValue? {
        let what = reader.string("what", maxCharacters: 64)
        let message = reader.string("message", maxCharacters: 2000)
        let attempts = reader.int("attempts", in: 0...1_000_000) ?? 1
        reader.refuseUnknown()
        guard let what, let message else {
            reader.missing(what == nil ? "what" : "message")
            return nil
        }
        return ["what": .string(what), "message": .string(message), "attempts": .integer(attempts)]
    }
}

extension Commanding {
    /// Takes in how far a command is; repeats are harmless.
    package func report(_ id: Identifier, _ body: JSONValue, actor: String) async throws -> CommandRecord {
        let report = try CommandReport.parse(body)
        if !report.closings.isEmpty {
            try await context.pool.transaction { session in
                try Self.requireLease(report.workerID, in: session)
                try Bookkeeping.learn(closings: report.closings, in: session)
            }
        }
        return try await context.pool.transaction { session in
            try Self.requireLease(report.workerID, in: session)
            guard let command = try CommandStore.lock(id, in: session) else {
                throw Refusal.notFound("command")
            }
            guard command.finishedAt == nil else { return command }
            // An order whose sending is in doubt may still turn up at the broker: until that is known, it goes on.
            let isDoubtful = try CommandStore.ordersInDoubt(symbol: command.symbol, in: session) > 0
            let state = report.state(isDoubtful: isDoubtful)
            try CommandStore.note(
                id, state, progress: report.progress, workerID: report.workerID, in: session)
            try Self.tell(command, report, state, by: actor, in: session)
            return try CommandStore.lock(id, in: session) ?? command
        }
    }

    private static func requireLease(_ workerID: String, in session: PostgresSession) throws {
        let lease = try WorkerLeaseStore.read(in: session)
        guard let lease, lease.workerID == workerID, lease.isRunning else {
            throw Refusal(
                .notActiveWorker, "Only the worker that holds the lease carries out commands.",
                facts: ["active_worker": .text(lease?.workerID)])
        }
    }

    /// Only what changed is told, so that repeats tell nothing.
    private static func tell(
        _ command: CommandRecord, _ report: CommandReport, _ state: CommandRecord.State, by actor: String,
        in session: PostgresSession
    ) throws {
        let data: JSONObject = ["progress": report.progress]
        if state == .done {
            try record(
                "command.done", command, by: actor, data, message: "command-done", in: session)
        } else if state != command.state || report.progress["phase"] != command.progress["phase"] {
            try record(
                "command.\(report.phase.rawValue)", command, by: actor, data,
                message: state == .waiting ? "command-waiting" : nil, in: session)
        }
        let known = Set((command.progress["errors"]?.arrayValue ?? []).map(\.trouble))
        let new = report.errors.filter { !known.contains($0.trouble) }
        guard !new.isEmpty else { return }
        try record(
            "command.trouble", command, by: actor, ["errors": .array(new)], message: "command-trouble",
            in: session)
    }
}

extension CommandReport {
    fileprivate func state(isDoubtful: Bool) -> CommandRecord.State {
        switch phase {
        case .cancelling, .closing: .running
        case .waiting: .waiting
        case .done: isDoubtful ? .running : .done
        }
    }
}

extension JSONValue {
    /// What an error is about, whatever the number of attempts.
    fileprivate var trouble: JSONValue {
        ["what": self["what"] ?? .null, "message": self["message"] ?? .null]
    }
}
