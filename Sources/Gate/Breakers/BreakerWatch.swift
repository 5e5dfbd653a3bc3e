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
        try await Self.transaction(context) { [context] session, phase in
            try Self.evaluate(context, phase, upSeconds: upSeconds, in: session).count
        }
    }

    /// Whether breakers may act in a transaction, or only look.
    enum Phase: Sendable {
        /// Nobody is kept waiting; what there is to do is left to the next phase.
        case looking
        /// The account's lock is held alone.
        case acting
    }

    /// That a breaker has something to do, for which the account's lock is needed.
    private struct Due: Error {}

    /// Runs a transaction in which breakers are evaluated: without the account's lock as long as there is nothing to do.
    ///
    /// The lock comes before any row, and it keeps admissions waiting; nearly always no breaker has anything to do. So
    /// the work is done without it first; where a breaker trips or changes, all of it is undone and done again under the
    /// lock. Two transactions side by side may each miss what the other brought: the next look, seconds later, does not.
    static func transaction<R: Sendable>(
        _ context: GateContext, _ body: @escaping @Sendable (PostgresSession, Phase) throws -> R
    ) async throws -> R {
        do {
            return try await context.pool.transaction { session in try body(session, .looking) }
        } catch is Due {
            return try await context.pool.transaction { session in
                try AccountLock.exclusive(in: session)
                return try body(session, .acting)
            }
        }
    }

    /// Has a transaction that only looked be done again under the account's lock, because there is something to stop.
    static func requireActing(_ phase: Phase) throws {
        if phase == .looking { throw Due() }
    }

    /// Evaluates every breaker; tells which halts were opened.
    static func evaluate(
        _ context: GateContext, _ phase: Phase, upSeconds: Int = .max, in session: PostgresSession
    ) throws -> [HaltRecord] {
        let stop = context.breakerStopwatch?()
        defer { stop?() }
        guard let scene = try BreakerScene.load(in: session) else { return [] }
        var ground = scene.ground
        ground.snapshotAgeSeconds = ground.snapshotAgeSeconds.map { min($0, upSeconds) }
        var panel = BreakerPanel(scene.records.map(\.breaker))
        let (trips, changed) = panel.read(ground, scene.policy)
        if !changed.isEmpty { try requireActing(phase) }
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
        try AlertRaising.raise(.tripped(trip, halt, data), in: session)
        try follow(trip, rule, halt, context, in: session)
        return halt
    }

    private static func follow(
        _ trip: BreakerTrip, _ rule: BreakerRule, _ halt: HaltRecord, _ context: GateContext,
        in session: PostgresSession
    ) throws {
        switch rule.onTrip {
        case .halt: break
        case .haltCancel: try Commanding.issue(.cancelEntries, for: halt, by: actor, context, in: session)
        case .haltCancelFlatten where rule.scope == .symbol:
            try Commanding.issue(.closePosition, for: halt, by: actor, context, in: session)
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
            "halt_id": .string(halt.id.text), "scope": .string(halt.scope.rawValue),
            "reason": .string(trip.words), "allows_reducing": .bool(halt.allowsReducing),
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
