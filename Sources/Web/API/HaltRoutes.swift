import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// Stopping trading and letting it go on.
    mutating func addHalts() {
        api(.post, "/emergency-stop") { call in try await emergencyStop(call) }
        api(.post, "/emergency-resume") { call in try await emergencyResume(call) }
        api(.post, "/halts") { call in try await openHalt(call) }
        api(.get, "/halts") { call in try await listHalts(call) }
        api(.post, "/halts/{id}/clear") { call in
            try call.require(call.caller.mayOperate, to: "clear a halt")
            let id = try call.identifier(of: "halt")
            let reader = JSONReader(try call.request.json())
            let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
            let acknowledges = reader.bool("acknowledge") ?? false
            try reader.finish()
            let halting = call.context.halting
            return .json(
                try await halting.clear(id, reason: reason, acknowledges: acknowledges, by: call.caller).json)
        }
    }
}

private func emergencyStop(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayOperate, to: "stop trading")
    let reader = JSONReader(try call.request.json())
    let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
    let isFlattening = reader.bool("flatten") ?? false
    let isDryRun = reader.bool("dry_run") ?? false
    try reader.finish()
    let outcome = try await call.context.stop(
        HaltRequest(reason: reason, atBroker: isFlattening ? .flatten : .cancelEntries),
        by: call.caller.journalActor, isDryRun: isDryRun, requestID: call.request.id)
    return .json(outcome.json)
}

private func emergencyResume(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayOperate, to: "let trading go on")
    let reader = JSONReader(try call.request.json())
    let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
    let factor = reader.limitsFactor()
    let acknowledges = reader.bool("acknowledge") ?? false
    try reader.finish()
    let halting = call.context.halting
    let cleared = try await halting.resume(
        ResumeRequest(reason: reason, limitsFactor: factor, acknowledges: acknowledges), by: call.caller)
    let open = try await halting.listOpen()
    return .json([
        "cleared": .array(cleared.map(\.json)),
        "trading_state": .string(TradingState(halts: open).rawValue), "halts": .array(open.map(\.json)),
        "limits_lowered": try await halting.limitsLowered()?.json ?? .null,
    ])
}

extension JSONReader {
    /// The part of the limits that holds after a resume: above nought, at most one.
    fileprivate func limitsFactor() -> ExactDecimal? {
        guard let value = value("limits_factor") else { return nil }
        guard let factor = value.numberText.flatMap({ ExactDecimal($0) }), factor.isPositive, factor <= .one,
            factor.decimalPlaces <= 4
        else {
            fault(
                "limits_factor",
                "must be above 0 and at most 1, with at most 4 decimal places, such as \"0.5\" for half of every limit"
            )
            return nil
        }
        return factor
    }
}

private func openHalt(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayOperate, to: "stop trading")
    let reader = JSONReader(try call.request.json())
    let scope = reader.choice("scope", OpenHalt.Scope.self)
    if reader.value("scope") == nil { reader.missing("scope") }
    let target = reader.string("target", maxCharacters: 64)
    let reason = reader.requiredText("reason", maxCharacters: TextLimits.reason)
    let allowsReducing = reader.bool("allows_reducing") ?? false
    let isDryRun = reader.bool("dry_run") ?? false
    let cancels = reader.bool("cancel") ?? false
    if cancels, scope == .bot {
        reader.fault(
            "cancel", "cannot be asked for one bot: the broker's orders are told apart by strategy and symbol"
        )
    }
    switch scope {
    case .account:
        if target != nil { reader.fault("target", "must be left out where the scope is the whole account") }
    case .strategy, .symbol, .bot:
        if target?.isBlank ?? true {
            reader.fault("target", "must name the \(scope?.rawValue ?? "target") to stop")
        }
    case nil: break
    }
    try reader.finish()
    guard let scope else { throw Refusal.invalid(reader.faults) }
    let named = scope == .symbol ? target?.uppercased() : target
    let outcome = try await call.context.stop(
        HaltRequest(
            scope: scope, target: named ?? "", reason: reason, allowsReducing: allowsReducing,
            atBroker: cancels ? .cancelEntries : nil),
        by: call.caller.journalActor, isDryRun: isDryRun, requestID: call.request.id)
    return .json(outcome.json, status: isDryRun ? 200 : 201)
}

private func listHalts(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead || call.caller.mayOperate, to: "read halts")
    var query = QueryReader(call.request)
    let isOpenOnly = query.flag("open") ?? false
    let (limit, after) = query.pageAfterName()
    let last = after.flatMap(Identifier.init)
    if after != nil, last == nil { query.fault("cursor", "is none of this list") }
    try query.finish()
    let halts = try await call.context.halting.list(
        limit: limit + 1, olderThan: last, isOpenOnly: isOpenOnly)
    let page = halts.prefix(limit)
    return .json([
        "items": .array(page.map(\.json)),
        "next_cursor": .text(halts.count > limit ? page.last.map { Cursor.text(after: $0.id.text) } : nil),
    ])
}
