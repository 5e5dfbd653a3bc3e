package import JSON

/// Reads policy documents: what one leaves out comes from its preset, `null` turns a limit off.
package enum PolicyDocument {
    /// The policy a document asks for; a refusal names every fault with its place.
    package static func parse(_ document: JSONValue) throws(ValidationFailure) -> Policy {
        let reader = JSONReader(document)
        guard document.objectValue != nil else { throw ValidationFailure(faults: reader.faults) }
        var policy = base(reader)
        group(reader, "approval") { read(&policy.approval, $0) }
        group(reader, "limits") { read(&policy.limits, $0) }
        group(reader, "execution") { execution in
            policy.execution.orderTimeoutMinutes = execution.limit(
                "order_timeout_minutes", else: policy.execution.orderTimeoutMinutes
            ) { $0.int($1, in: 1...10_080) }
            execution.refuseUnknown()
        }
        group(reader, "breakers") { policy.breakers.read($0) }
        group(reader, "alerts") { policy.alerts.read($0) }
        group(reader, "reports") { policy.reports.read($0) }
        reader.refuseUnknown()
        let faults = reader.faults + contradictions(policy.limits)
        guard faults.isEmpty else { throw ValidationFailure(faults: faults) }
        return policy
    }

    private static func base(_ reader: JSONReader) -> Policy {
        let name = reader.has("preset") ? reader.string("preset") ?? "" : Policy.defaultPreset
        if let preset = Policy.preset(name) { return preset.policy }
        let names = Policy.presets.map { "\"\($0.name)\"" }.joined(separator: ", ")
        reader.fault("preset", "must be one of \(names)")
        return Policy.presets[0].policy
    }

    /// A group of settings; unlike a single limit it cannot be null, which would turn much off at once.
    private static func group(_ reader: JSONReader, _ key: String, _ read: (JSONReader) -> Void) {
        guard reader.has(key) else { return }
        guard let group = reader.object(key) else {
            reader.fault(key, "must be an object; null turns single limits off, not all of them")
            return
        }
        read(group)
    }

    private static func read(_ approval: inout ApprovalPolicy, _ reader: JSONReader) {
        approval.timeoutMinutes = reader.setting("timeout_minutes", else: approval.timeoutMinutes) {
            $0.int($1, in: 1...1440)
        }
        approval.validityMinutes = reader.setting("validity_minutes", else: approval.validityMinutes) {
            $0.int($1, in: 1...1440)
        }
        approval.approvals = reader.setting("approvals", else: approval.approvals) {
            $0.int($1, in: 1...ApprovalPolicy.maxApprovals)
        }
        reader.refuseUnknown()
    }

    private static func read(_ limits: inout PolicyLimits, _ reader: JSONReader) {
        limits.maxPositionUSD = reader.money("max_position_usd", else: limits.maxPositionUSD)
        limits.maxPositionPct = reader.fraction("max_position_pct", else: limits.maxPositionPct)
        limits.minPositionUSD = reader.money("min_position_usd", else: limits.minPositionUSD)
        limits.cashReserveMinPct = reader.fraction("cash_reserve_min_pct", else: limits.cashReserveMinPct)
        limits.maxOpenPositions = reader.count("max_open_positions", else: limits.maxOpenPositions)
        limits.maxNewPositionsPerDay = reader.count(
            "max_new_positions_per_day", else: limits.maxNewPositionsPerDay)
        limits.maxNewPositionsPerWeek = reader.count(
            "max_new_positions_per_week", else: limits.maxNewPositionsPerWeek)
        limits.minConfidence = reader.count("min_confidence", else: limits.minConfidence, upTo: 100)
        limits.minCatalystScore = reader.count("min_catalyst_score", else: limits.minCatalystScore, upTo: 100)
        limits.stopLoss = stopLoss(reader, limits.stopLoss)
        limits.maxSlippagePct = reader.fraction("max_slippage_pct", else: limits.maxSlippagePct)
        limits.maxQuoteAgeSeconds = reader.seconds("max_quote_age_seconds", else: limits.maxQuoteAgeSeconds)
        limits.maxSnapshotAgeSeconds = reader.seconds(
            "max_snapshot_age_seconds", else: limits.maxSnapshotAgeSeconds)
        limits.duplicateWindowSeconds = reader.count(
            "duplicate_window_seconds", else: limits.duplicateWindowSeconds,
            upTo: PolicyLimits.maxDuplicateWindowSeconds)
        limits.hours = hours(reader, limits.hours)
        reader.refuseUnknown()
    }

    private static func stopLoss(_ limits: JSONReader, _ preset: StopLossPolicy) -> StopLossPolicy {
        guard limits.has("stop_loss") else { return preset }
        guard let reader = limits.object("stop_loss") else { return .off }
        let policy = StopLossPolicy(
            isRequired: reader.setting("required", else: preset.isRequired) { $0.bool($1) },
            defaultPct: reader.stopDistance("default_pct", else: preset.defaultPct),
            minPct: reader.stopDistance("min_pct", else: preset.minPct),
            maxPct: reader.stopDistance("max_pct", else: preset.maxPct),
            kind: reader.setting("type", else: preset.kind) { $0.choice($1, StopLossPolicy.Kind.self) })
        reader.refuseUnknown()
        return policy
    }

    private static func hours(_ limits: JSONReader, _ preset: HoursPolicy?) -> HoursPolicy? {
        guard limits.has("hours") else { return preset }
        guard let reader = limits.object("hours") else { return nil }
        let base =
            preset ?? HoursPolicy(closeBufferMinutes: 0, allowsPreMarket: false, allowsAfterHours: false)
        let policy = HoursPolicy(
            closeBufferMinutes: reader.setting("close_buffer_minutes", else: base.closeBufferMinutes) {
                $0.int($1, in: 0...120)
            },
            allowsPreMarket: reader.setting("pre_market", else: base.allowsPreMarket) { $0.bool($1) },
            allowsAfterHours: reader.setting("after_hours", else: base.allowsAfterHours) { $0.bool($1) })
        reader.refuseUnknown()
        return policy
    }

    /// Limits that cannot all be kept.
    private static func contradictions(_ limits: PolicyLimits) -> [JSONFault] {
        func fault(_ low: ExactDecimal?, _ high: ExactDecimal?, _ key: String, _ detail: String) -> JSONFault?
        {
            guard let low, let high, low > high else { return nil }
            return JSONFault(pointer: "/limits/" + key, detail: "\(detail) (\(low) is above \(high))")
        }
        let stop = limits.stopLoss
        return [
            fault(
                limits.minPositionUSD, limits.maxPositionUSD, "min_position_usd",
                "must not be above max_position_usd"),
            fault(stop.minPct, stop.maxPct, "stop_loss/min_pct", "must not be above max_pct"),
            fault(stop.minPct, stop.defaultPct, "stop_loss/default_pct", "must not be below min_pct"),
            fault(stop.defaultPct, stop.maxPct, "stop_loss/default_pct", "must not be above max_pct"),
        ].compactMap(\.self)
    }
}
