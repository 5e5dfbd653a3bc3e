package import Domain
package import JSON
import Postgres
package import Store

/// How trading is let go on.
package struct ResumeRequest: Sendable, Hashable {
    package var reason: String
    /// The part of the policy's limits that holds for the next 24 hours; nil for all of them.
    package var limitsFactor: ExactDecimal?
    /// Whether what the breakers saw is taken note of, so that they watch on from there at once.
    package var acknowledges: Bool

    /// A resume.
    package init(reason: String, limitsFactor: ExactDecimal? = nil, acknowledges: Bool = false) {
        self.reason = reason
        self.limitsFactor = limitsFactor
        self.acknowledges = acknowledges
    }

    /// How long lowered limits hold.
    static let reductionHours = 24
}

extension Halting {
    /// How far the limits are lowered now; nil where they are as the policy has them.
    package func limitsLowered() async throws -> LimitReduction? {
        try await context.pool.withSession { session in try LimitReductionStore.current(in: session) }
    }

    /// The breakers whose halts were cleared wait for a new crossing, or watch on from what is known.
    static func letBreakersGo(
        _ halts: [HaltRecord], _ request: ResumeRequest, by actor: String, in session: PostgresSession
    ) throws {
        let ids = Set(halts.map(\.id))
        guard !ids.isEmpty else { return }
        let mine = try BreakerStore.all(in: session).filter { $0.haltID.map(ids.contains) ?? false }
        guard !mine.isEmpty else { return }
        try BreakerStore.noteCleared(Array(ids), in: session)
        guard request.acknowledges, let scene = try BreakerScene.load(in: session) else { return }
        let readings = BreakerPanel(scene.records.map(\.breaker)).readings(scene.ground, scene.policy)
        for record in mine {
            var breaker = record.breaker
            guard
                let reading = readings.first(where: {
                    $0.kind == breaker.kind && $0.target == breaker.target
                })
            else { continue }
            breaker.acknowledge(reading)
            try BreakerStore.save(breaker, in: session)
            let known = reading.values.reduce(into: JSONObject()) {
                $0[$1.key.rawValue] = $1.key.json($1.value)
            }
            try JournalStore.append(
                [
                    JournalDraft(
                        kind: "breaker.acknowledged", actor: actor,
                        subject: "breaker:\(breaker.kind.rawValue)",
                        data: [
                            "target": .text(breaker.target.isEmpty ? nil : breaker.target),
                            "values": .object(known),
                            "reason": .string(request.reason),
                        ])
                ], in: session)
        }
    }

    /// A halt under which positions are being closed stays until they are, or until that is taken back.
    static func requireNoFlatten(_ halts: [HaltRecord], in session: PostgresSession) throws {
        let open = try CommandStore.open(under: halts.map(\.id), in: session)
        guard let flatten = open.first(where: { $0.kind == .flatten }) else { return }
        throw Refusal(
            .conflict,
            "Positions are being closed under this halt. Wait until that is done, or withdraw it first.",
            facts: ["command_id": .string(flatten.id.text), "command_state": .string(flatten.state.rawValue)])
    }

    /// Has this part of the policy's limits hold for a day; the whole of them ends what lowered them before.
    static func setLimits(
        to factor: ExactDecimal, _ request: ResumeRequest, by actor: String, _ context: GateContext,
        in session: PostgresSession
    ) throws {
        // Where nothing lowers them there is nothing to end.
        let isWhole = factor == .one
        if isWhole, try LimitReductionStore.current(in: session) == nil { return }
        let reduction = try LimitReductionStore.insert(
            id: context.newIdentifier(at: DatabaseClock.now(in: session)), factor: factor,
            hours: ResumeRequest.reductionHours, reason: request.reason, by: actor, in: session)
        try JournalStore.append(
            [
                JournalDraft(
                    kind: isWhole ? "limits.restored" : "limits.lowered", actor: actor,
                    subject: "limits:account",
                    data: reduction.json.objectValue ?? [:])
            ], in: session)
    }
}

extension LimitReduction {
    /// How far the limits are lowered, as the API shows it.
    package var json: JSONValue {
        [
            "factor": .string(factor.description), "reason": .string(reason), "set_by": .string(setBy),
            "set_at": .string(setAt.rfc3339), "expires_at": .string(expiresAt.rfc3339),
        ]
    }
}
