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
            "LEFT": .text(durationWords(seconds: secondsLeft)), "LEFT_SECONDS": .text("\(secondsLeft)"),
            "BOT": .text(record.proposerName), "STRATEGY": .text(notes.strategy),
            "STOP_LOSS": .text(stopLossWords), "TAKE_PROFIT": .text(takeProfitWords),
            "CHECK_CODE": .text(record.checkCode), "ORDER_HASH": .text(record.orderHash),
            "QTY": .text(record.terms.qty.grouped()),
        ]
    }

    /// What only people see who have proved who they are.
    var particulars: TemplateValues {
        let notes = record.notes
        var values: TemplateValues = [
            "RATIONALE": .sections(lines(of: notes.rationale)),
            "CONFIDENCE": .text(notes.confidence?.description ?? ""),
            "CATALYST": .text(notes.catalystScore?.description ?? ""),
            "PRICE_THEN": .text(priceThenWords), "PRICE_NOW": .text(isOpen ? priceNowWords : ""),
            "IS_FULL": .shown(true), "CREATED": .text(record.createdAt.newYorkWords),
            "TIER": .text(record.tier), "POLICY_VERSION": .text("\(record.policyVersion)"),
            "CLIENT_ORDER_ID": .text(record.clientOrderID),
            "HAS_VOTES": .shown(isOpen || !view.decisions.isEmpty),
            "VOTES_WORDS": .text(votesWords), "VOTES": .sections(view.decisions.map(\.values)),
            "EXTERNAL": .sections(external),
        ]
        values = values.merging(record.impact.map(impactValues) ?? [:])
        values = values.merging(order.map(\.cardValues) ?? [:])
        return values.merging(view.findings.checkValues)
    }

    /// What the message said besides, for whom the link alone vouches: it may have been passed on.
    var messageExcerpt: TemplateValues {
        let warned = view.findings.having(.warn).prefix(8)
        let rationale = record.notes.rationale.map { PlainText.paragraphs($0, limit: 600) }
        return [
            "RATIONALE": .sections(rationale == "" ? [] : lines(of: rationale)),
            "PRICE_THEN": .text(record.notes.referencePrice.map { "the bot saw \($0.price)" } ?? "not known"),
            "HAS_CHECKS": .shown(!warned.isEmpty),
            "WARNED": .sections(
                warned.map {
                    [
                        "CHECK": .text($0.code.title),
                        "DETAIL": .text(PlainText.line($0.detail, limit: 300)),
                    ]
                }),
        ]
    }

    private var stopLossWords: String {
        guard let stop = record.terms.stopLoss else { return "" }
        return stop.stopPrice.price + (stop.limitPrice.map { ", limit \($0.price)" } ?? "")
    }

    private var takeProfitWords: String { record.terms.takeProfitLimitPrice?.price ?? "" }

    private var valuedPrice: ExactDecimal? {
        record.impact?["price"]?.stringValue.flatMap(ExactDecimal.init)
    }

    private var priceThenWords: String {
        let valued = valuedPrice.map { "valued at \($0.price)" }
        let seen = record.notes.referencePrice.map { "the bot saw \($0.price)" }
        let words = [seen, valued].compactMap(\.self).joined(separator: "; ")
        return words.isEmpty ? "not known" : "\(words) (\(record.createdAt.newYorkClock))"
    }

    private var priceNowWords: String {
        guard let quote, let now = quote.price(for: record.terms.side) else {
            return "not known: the worker has reported none"
        }
        let age = max(0, surroundings.now.seconds(since: quote.quotedAt))
        let base = record.notes.referencePrice ?? valuedPrice
        let drift = base.flatMap(now.percentAbove).map { ", \($0)" } ?? ""
        return "\(now.price)\(drift) (bid \(quote.bid.price), ask \(quote.ask.price), "
            + "\(durationWords(seconds: max(1, age))) old)"
    }

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

    private func impactValues(_ impact: JSONValue) -> TemplateValues {
        func row(_ what: String, _ key: String, _ words: (ExactDecimal) -> String) -> TemplateValues? {
            func text(_ part: String) -> String? {
                impact[key]?[part]?.stringValue.flatMap(ExactDecimal.init).map(words)
            }
            guard let before = text("before"), let others = text("others"), let after = text("after") else {
                return nil
            }
            return [
                "WHAT": .text(what), "BEFORE": .text(before), "OTHERS": .text(others), "AFTER": .text(after),
            ]
        }
        let symbol = record.terms.symbol
        let rows = [
            row("\(symbol) held", "position_qty", \.shares),
            row("\(symbol) position", "position_value", \.money), row("Cash", "cash", \.money),
            row("Exposure, all positions", "exposure", \.money),
        ].compactMap(\.self)
        let equity = impact["equity"]?.stringValue.flatMap(ExactDecimal.init)
        return [
            "HAS_IMPACT": .shown(!rows.isEmpty), "IMPACT": .sections(rows),
            "EQUITY": .text(equity?.money ?? "not known"),
        ]
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
        func group(_ outcome: Finding.Outcome) -> [TemplateValues] { having(outcome).map(\.values) }
        let (passed, skipped) = (group(.pass), group(.skipped))
        return [
            "HAS_CHECKS": .shown(!isEmpty), "FAILED": .sections(group(.fail)),
            "WARNED": .sections(group(.warn)), "PASSED": .sections(passed), "SKIPPED": .sections(skipped),
            "PASSED_WORDS": .text(
                passed.isEmpty ? "" : counted(passed.count, "check passed", "checks passed")),
            "SKIPPED_WORDS": .text(
                skipped.isEmpty
                    ? "" : counted(skipped.count, "check does not apply", "checks do not apply")),
        ]
    }
}
