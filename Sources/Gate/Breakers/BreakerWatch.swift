// Where losses stop trading: in the transaction that brings the snapshot, the fill or the claim, so that a breaker and
// what it saw are stored together, and a restart forgets nothing.

import Domain
import JSON
import Postgres
import Store

/// Evaluates the breakers and carries out what they ask for.
package struct BreakerWatch: Sendable {
    /// Who trips them, in the journal's words.
    static let actor = "system:breaker"

    private let context: GateContext

    /// The use case.
    package init(_ context: GateContext) { self.context = context }

    /// Looks at what only time changes: how old the account's report is.
    ///
    /// `upSeconds` is how long this server has been running: nobody could report to one that was not there.
    package func tick(upSeconds: Int) async throws -> Int {
        try await context.pool.transaction { [context] session in
            try AccountLock.exclusive(in: session)
            return try Self.evaluate(context, upSeconds: upSeconds, in: session).count
        }
    }

    /// Evaluates every breaker; tells which halts were opened.
    ///
    /// The caller holds the account's lock alone.
    static func evaluate(
        _ context: GateContext, upSeconds: Int = .max, in session: PostgresSession
    ) throws -> [HaltRecord] {
        guard let scene = try BreakerScene.load(in: session) else { return [] }
        var ground = scene.ground
        ground.snapshotAgeSeconds = ground.snapshotAgeSeconds.map { min($0, upSeconds) }
        var panel = BreakerPanel(scene.records.map(\.breaker))
        let (trips, changed) = panel.read(ground, scene.policy)
        for breaker in changed { try BreakerStore.save(breaker, in: session) }
        return try trips.compactMap { trip in
            try scene.policy[trip.kind].map { try Self.trip(trip, $0, scene, context, in: session) }
        }
    }

    private static func trip(
        _ trip: BreakerTrip, _ rule: BreakerRule, _ scene: BreakerScene, _ context: GateContext,
        in session: PostgresSession
    ) throws -> HaltRecord {
        let (scope, target) = Self.reach(trip, rule)
        let request = HaltRequest(
            scope: scope, target: target, reason: trip.words, cause: trip.kind.rawValue,
            allowsReducing: rule.haltAllowsReducing)
        let outcome = try Halting.open(request, by: actor, context, in: session)
        guard let halt = outcome.halt else { throw Refusal.notFound("halt") }
        try BreakerStore.trip(trip, haltID: halt.id, in: session)
        let data = evidence(trip, rule, scene, halt)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: "breaker.tripped", actor: actor, subject: "breaker:\(trip.kind.rawValue)",
                    data: data)
            ], in: session)
        try DeliveryQueue.enqueue(
            [DeliveryRequest(kind: "breaker-tripped", priority: 1, data: data)], in: session)
        try follow(trip, rule, halt, context, in: session)
        return halt
    }

    private static func follow(
        _ trip: BreakerTrip, _ rule: BreakerRule, _ halt: HaltRecord, _ context: GateContext,
        in session: PostgresSession
    ) throws {
        switch rule.onTrip {
        case .halt: break
        case .haltCancel where halt.scope == .account:
            try Commanding.issue(.cancelEntries, for: halt, by: actor, context, in: session)
        case .haltCancel: break
        case .haltCancelFlatten where halt.scope == .symbol:
            try Commanding.issue(
                .closePosition, symbol: halt.target, for: halt, by: actor, context, in: session)
        case .haltCancelFlatten:
            try Commanding.issue(.flatten, for: halt, by: actor, context, in: session)
        }
    }

    private static func reach(_ trip: BreakerTrip, _ rule: BreakerRule) -> (OpenHalt.Scope, String) {
        switch rule.scope {
        case .account: (.account, "")
        case .strategy: (.strategy, trip.target)
        case .symbol: (.symbol, trip.target)
        }
    }

    private static func evidence(
        _ trip: BreakerTrip, _ rule: BreakerRule, _ scene: BreakerScene, _ halt: HaltRecord
    ) -> JSONObject {
        let (unit, ground) = (trip.measure.unit, scene.ground)
        return [
            "breaker": .string(trip.kind.rawValue), "target": .text(trip.target.isEmpty ? nil : trip.target),
            "halt_id": .string(halt.id.text), "reason": .string(trip.words),
            "unit": .string(unit.rawValue), "value": unit.json(trip.measure.value),
            "limit": unit.json(trip.measure.limit), "acknowledged": unit.json(trip.measure.known),
            "on_trip": .string(rule.onTrip.rawValue), "trading_day": .string(trip.day.description),
            "evidence": [
                "equity": .decimal(ground.equity), "previous_equity": .decimal(ground.previousEquity),
                "cash_flow": .decimal(ground.cashFlow), "high_water_mark": .decimal(ground.highWaterMark),
                "losses_in_a_row": .integer(ground.lossesInARow[trip.target] ?? 0),
                "failures_in_a_row": .integer(ground.failuresInARow),
                "mismatches": .integer(ground.mismatches),
                "snapshot_received_at": .text(scene.account?.receivedAt.rfc3339),
                "positions": .array(
                    ground.positions.map { position in
                        [
                            "symbol": .string(position.symbol), "qty": .decimal(position.qty),
                            "avg_entry_price": .decimal(position.avgEntryPrice),
                            "current_price": .decimal(position.currentPrice),
                        ]
                    }),
            ],
        ]
    }
}
