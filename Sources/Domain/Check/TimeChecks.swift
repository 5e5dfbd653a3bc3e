// Whether now is the time.

extension CheckRun {
    func tradingHours() -> Finding {
        var report = CheckReport(code: .tradingHours)
        guard let hours = limits.hours else { return report.off }
        guard let window = context.window else {
            return report.fail("Neither the broker's clock nor a calendar says whether the market is open.")
        }
        report.limit = "until \(hours.closeBufferMinutes) minutes before the close"
        let verdict = window.verdict(now: context.now, closeBufferMinutes: hours.closeBufferMinutes)
        report.value = verdict == .open ? "open" : "closed"
        if terms.timeInForce == .opg {
            return report.fail(
                "An order for the opening auction (opg) must be sent before the open, outside the hours allowed."
            )
        }
        switch verdict {
        case .open: return report.pass("The market is open for orders.")
        case .closed(let opensAt): return closed(report, opensAt)
        }
    }

    /// Whether the policy's hours keep an approved order back for now.
    var isHeld: Bool {
        guard let hours = limits.hours, let window = context.window else { return false }
        return window.verdict(now: context.now, closeBufferMinutes: hours.closeBufferMinutes) != .open
    }

    private func closed(_ report: CheckReport, _ opensAt: Timestamp?) -> Finding {
        guard let opensAt else {
            return report.fail("The market is closed for orders, and when it opens is not known.")
        }
        let words = "The market is closed for orders until \(opensAt.minuteWords)"
        guard let deadline else { return report.fail("\(words); nothing is sent before.") }
        return opensAt < deadline
            ? report.warn("\(words); an approved order is held until then.")
            : report.fail("\(words), after an approval would have lapsed. Propose it again then.")
    }

    /// Until when an approval could still hold; nil where the order must go out now.
    private var deadline: Timestamp? {
        let validity = context.policy.approval.validityMinutes
        switch phase {
        case .admission: return context.expiresAt.adding(minutes: validity)
        case .release: return context.now.adding(minutes: validity)
        case .claim: return nil
        }
    }

    func duplicateWindow() -> Finding {
        var report = CheckReport(
            code: .duplicateWindow, limit: limits.duplicateWindowSeconds.map(String.init))
        guard let window = limits.duplicateWindowSeconds else { return report.off }
        guard phase == .admission else { return report.skipped("Checked when the proposal came in.") }
        let like = context.recentIntents.newest(like: terms, proposer: context.proposer)
        guard let like, like.proposalID != context.proposalID else {
            return report.pass("\(context.proposer) asked for nothing of the kind lately.")
        }
        let age = max(0, context.now.seconds(since: like.createdAt))
        report.value = String(age)
        return report.judge(
            age >= window,
            pass: "\(context.proposer) last asked for the same \(age.secondWords) ago.",
            fail:
                "\(context.proposer) asked for the same \(age.secondWords) ago (proposal \(like.proposalID)); within "
                + "\(window.secondWords) that counts as a repetition.")
    }
}
