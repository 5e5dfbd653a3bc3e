import Domain
import Gate
import JSON
import Notifications
import Store
import Templates

// What the page of a proposal is filled with. The holder of a link sees what the message said; figures of the
// account, votes and comments are for people who have proved who they are.

extension ProposalScene {
    /// What everybody sees who may see the page at all.
    var essentials: TemplateValues {
        let notes = record.notes
        return [
            "ID": .text(record.id.text), "STATE": .text(state.rawValue), "STATE_WORD": .text(state.word),
            "HEADLINE": .text(record.terms.headline), "ABOUT": .text("about \(record.notional.money)"),
            "IS_PENDING": .shown(isOpen), "DEADLINE": .text(record.expiresAt.rfc3339),
            "DEADLINE_NEW_YORK": .text(record.expiresAt.newYorkWords),
            "DEADLINE_UTC": .text(record.expiresAt.utcWords),
            "LEFT": .text(DurationText.short(seconds: secondsLeft)), "LEFT_SECONDS": .text("\(secondsLeft)"),
            "BOT": .text(record.proposerName), "STRATEGY": .text(notes.strategy),
            "STOP_LOSS": .text(stopLossWords), "TAKE_PROFIT": .text(takeProfitWords),
            "CHECK_CODE": .text(record.checkCode), "ORDER_HASH": .text(record.orderHash),
            "QTY": .text(record.terms.qty.grouped()), "IS_HEARD": .shown(!isUnheard),
        ]
    }

    /// What only people see who have proved who they are.
    var particulars: TemplateValues {
        let notes = record.notes
        var values: TemplateValues = [
            "RATIONALE": .sections(lines(of: notes.rationale)),
            "IS_LONG": .shown((notes.rationale?.utf8.count ?? 0) > 900), "SCORES": .text(scoreWords),
            "PRICE_TITLE": .text(isOpen ? "Price then and now" : "Price when proposed"),
            "PRICES": .sections(prices), "WARNINGS": .text(warningWords), "IS_FULL": .shown(true),
            "CREATED": .text(record.createdAt.newYorkWords),
            "TIER": .text(record.tier), "POLICY_VERSION": .text("\(record.policyVersion)"),
            "CLIENT_ORDER_ID": .text(order?.record.state.wasSent == true ? record.clientOrderID : ""),
            "IS_ON_THE_WAY": .shown(isOpen || state == .approved),
            "HAS_VOTES": .shown(isOpen || !view.decisions.isEmpty),
            "VOTES_WORDS": .text(votesWords), "VOTES": .sections(view.decisions.map(\.values)),
            "EXTERNAL": .sections(external), "LOWERED": .text(isOpen ? lowered?.words ?? "" : ""),
        ]
        values = values.merging((presentImpact?.json ?? record.impact).map(impactValues) ?? [:])
            .merging(otherValues)
        values = values.merging(order.map(\.cardValues) ?? [:])
        values = values.merging(findings.checkValues)
        if !isOpen, state != .blocked {
            let again = record.approvedAt == nil ? "" : " They run again at every later step."
            values["CHECKS_WHEN"] = .text("As found when it was proposed.\(again)")
        }
        return values
    }

    /// What the message said besides, for whom the link alone vouches: it may have been passed on.
    var messageExcerpt: TemplateValues {
        let warned = findings.having(.warn).prefix(8)
        let rationale = record.notes.rationale.map { PlainText.paragraphs($0, limit: 600) }
        return [
            "RATIONALE": .sections(rationale == "" ? [] : lines(of: rationale)),
            "PRICE_TITLE": "Price when proposed", "PRICES": .sections([seenPrice]),
            "WARNINGS": .text(warningWords),
            "HAS_CHECKS": .shown(!warned.isEmpty), "CHECKS_WORDS": "What the checks warn of.",
            "WARNED": .sections(
                warned.map {
                    [
                        "CHECK": .text($0.code.title),
                        "DETAIL": .text(PlainText.line($0.detail, limit: 300)),
                    ]
                }),
        ]
    }

    private var warningWords: String {
        let count = findings.having(.warn).count
        return count == 0 ? "" : counted(count, "warning", "warnings")
    }

    private var scoreWords: String {
        let scores = [
            record.notes.confidence.map { "confidence \($0) of 100" },
            record.notes.catalystScore.map { "catalyst score \($0) of 100" },
        ]
        return scores.compactMap(\.self).joined(separator: ", ")
    }

    private var stopLossWords: String {
        guard let stop = record.terms.stopLoss else { return "" }
        let isDefault = findings.contains(where: \.isOfDefaultStop)
        return stop.stopPrice.price + (stop.limitPrice.map { ", limit \($0.price)" } ?? "")
            + (isDefault ? ", the policy's own: the bot gave none" : "")
    }

    private var takeProfitWords: String { record.terms.takeProfitLimitPrice?.price ?? "" }

    private var votesWords: String {
        "\(view.approvals) of \(counted(record.approvalsRequired, "approval", "approvals")) needed."
    }

    private var external: [TemplateValues] {
        let notes = record.notes
        let texts = [
            ("Signal", notes.signalID), ("Pattern", notes.patternID), ("News", notes.newsID),
            ("The bot's own reference", notes.externalRef), ("Evidence", notes.evidence?.serialized()),
        ]
        return texts.compactMap { label, text in text.map { ["LABEL": .text(label), "TEXT": .text($0)] } }
    }
}

extension DecisionRecord {
    fileprivate var values: TemplateValues {
        [
            "NAME": .text(userName), "VERDICT": .text(verdict.past), "AT": .text(decidedAt.newYorkWords),
            "METHOD": .text(method.words), "HAS_COMMENT": .shown(comment != nil),
            "COMMENT": .sections(lines(of: comment)),
        ]
    }
}

/// The lines of a text, for a template to set apart: escaping makes one line of them.
func lines(of text: String?) -> [TemplateValues] {
    guard let text else { return [] }
    return text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).map {
        ["LINE": .text(String($0))]
    }
}

extension Finding {
    var values: TemplateValues { ["CHECK": .text(code.title), "DETAIL": .text(detail)] }
}

extension [Finding] {
    /// The findings by outcome: what is wrong spelled out, what is well folded away.
    var checkValues: TemplateValues {
        let endings = map(\.ending)
        func group(_ ending: CheckEnding) -> [TemplateValues] {
            zip(self, endings.together).filter { $0.1 == ending }.map(\.0.values)
        }
        let folded: [TemplateValues] = [
            (CheckEnding.passed, "check passed", "checks passed"),
            (.comesLater, "check comes later", "checks come later"),
            (.notMade, "check was not made", "checks were not made"),
            (.madeBefore, "check was made before", "checks were made before"),
            (.doesNotApply, "check does not apply", "checks do not apply"),
        ].compactMap { ending, one, several in
            let found = group(ending)
            return found.isEmpty
                ? nil
                : ["FOLDED_WORDS": .text(counted(found.count, one, several)), "FOUND": .sections(found)]
        }
        return [
            "HAS_CHECKS": .shown(!isEmpty), "CHECKS_WORDS": .text(endings.countWords + "."),
            "FAILED": .sections(group(.failed)), "WARNED": .sections(group(.warns)),
            "FOLDED": .sections(folded),
        ]
    }
}
