import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// The limits: which count, who changed them, and new ones that a second person accepts.
    mutating func addPolicySettings() {
        settings(
            "/settings/policy", isFor: { _ in true }, mayChange: \.canAdminister,
            { visit in try await policyPage(visit) }, { visit in try await changePolicy(visit) })
    }
}

private typealias Part = SettingsPage.Part

private func policyPage(_ visit: SettingsVisit) async throws -> SettingsPage {
    let policies = Policies(visit.context.gate)
    let versions = try await policies.versions(limit: 21)
    let drafts = try await PolicyDrafts(visit.context.gate).list()
    let current = versions.first
    let open = drafts.first { $0.state == .open }
    var page = SettingsPage(
        title: "Policy",
        lead: current.map {
            "Version \($0.version) counts, applied by \(actorWords($0.appliedBy)) on \($0.appliedAt.newYorkWords)."
        } ?? "No policy is applied, so nothing is allowed.")
    page.parts += try await policies.warnings().map { Part(title: "Nothing can be approved", words: $0) }
    if let open { page.parts.append(draftPart(open, against: current)) }
    if let current { page.parts += limitParts(current) }
    page.parts += history(versions, drafts)
    if visit.mayChange { page.forms = forms(open, current, visit.person) }
    return page
}

/// The limits that count, group by group, as people say them; then the document itself.
private func limitParts(_ current: PolicyRecord) -> [Part] {
    let groups = PolicyOutline.groups(of: inOrder(current.document)).map { group in
        Part(title: group.title, facts: group.lines.map { ($0.name, $0.value) })
    }
    return groups + [
        Part(
            title: "The document", words: "The same as the command line and the API show it.",
            foldedTitle: "Read it as JSON", folded: inOrder(current.document).pretty())
    ]
}

/// The document with its settings in their usual order, whatever the database keeps them in, and with those that came
/// to be after it was applied: what counts for them is its preset's.
private func inOrder(_ document: JSONValue) -> JSONValue {
    (try? PolicyDocument.parse(document).json) ?? document
}

private func draftPart(_ draft: PolicyDraftRecord, against current: PolicyRecord?) -> Part {
    let changes = PolicyOutline.changes(
        from: current.map { inOrder($0.document) } ?? [:], to: inOrder(draft.document))
    return Part(
        title: "Draft \(draft.number) waits for a second person",
        words:
            "Written by \(draft.proposedByName) on \(draft.proposedAt.newYorkWords). It would change this:",
        columns: ["Limit", "Now", "Then"],
        rows: changes.map { [.init($0.name), .init($0.from), .init($0.to)] },
        foldedTitle: "Read the whole draft as JSON", folded: inOrder(draft.document).pretty())
}

/// Every version with what it changed in the one before it, and the drafts that came to an end.
private func history(_ versions: [PolicyRecord], _ drafts: [PolicyDraftRecord]) -> [Part] {
    let rows = versions.prefix(20).enumerated().map { index, version -> [Part.Cell] in
        let before = versions.indices.contains(index + 1) ? versions[index + 1] : nil
        let changes =
            before.map {
                PolicyOutline.changes(from: inOrder($0.document), to: inOrder(version.document))
            } ?? []
        let told = changes.map { "\($0.name): \($0.from) → \($0.to)" }
        return [
            .init("\(version.version)"), .init(actorWords(version.appliedBy)),
            .init(version.appliedAt.tableWords),
            .init(
                told.isEmpty
                    ? (before == nil ? "where the list begins" : "nothing") : told.joined(separator: "; ")),
        ]
    }
    let past = drafts.filter { $0.state != .open }
    var parts = [Part(title: "Versions", columns: ["Version", "By", "When", "What changed"], rows: rows)]
    if !past.isEmpty {
        parts.append(
            Part(
                title: "Earlier drafts", columns: ["Draft", "Written by", "Became", "By", "Why"],
                rows: past.map {
                    [
                        .init("\($0.number)"), .init($0.proposedByName),
                        .init($0.version.map { "version \($0)" } ?? $0.state.rawValue),
                        .init(actorWords($0.decidedBy)), .init($0.reason ?? "none given"),
                    ]
                }))
    }
    return parts
}

private func forms(_ open: PolicyDraftRecord?, _ current: PolicyRecord?, _ person: Person)
    -> [SettingsPage.Form]
{
    var forms: [SettingsPage.Form] = []
    if let open {
        let isOwn = open.proposedBy == person.id
        forms.append(
            .init(
                id: "draft", title: isOwn ? "Withdraw your draft" : "Accept or reject draft \(open.number)",
                words: isOwn
                    ? "Another admin accepts it."
                    : "Accepting makes these limits count at once, for everything that is not yet sent.",
                fields: [
                    .init(
                        name: "draft", label: "Draft", kind: .choice([(open.id.text, "draft \(open.number)")])
                    ),
                    .init(name: "reason", label: "Why not", hint: "When you reject it. May be left empty."),
                ],
                buttons: (isOwn ? [] : [("draft-accept", "Accept", false)])
                    + [("draft-reject", isOwn ? "Withdraw" : "Reject", true)]))
    }
    forms.append(
        .init(
            id: "write", title: "Write new limits",
            words:
                "Where there is another admin, this becomes a draft that one of them accepts. Otherwise it counts at once.",
            fields: [
                .init(
                    name: "document", label: "The policy as JSON", kind: .area,
                    value: current.map { inOrder($0.document).pretty() } ?? "{\"preset\": \"guarded-5k\"}")
            ], buttons: [("write", "Send", false)]))
    return forms
}

private func changePolicy(_ visit: SettingsVisit) async throws -> HTTPResponse {
    let drafts = PolicyDrafts(visit.context.gate)
    switch visit.action {
    case "write":
        let document: JSONValue
        do {
            document = try JSONParser.parse(Array((visit.typed?.first("document") ?? "").utf8))
        } catch {
            throw Refusal.invalid([JSONFault(pointer: "/document", detail: "is not valid JSON: \(error)")])
        }
        switch try await drafts.propose(document, by: visit.person) {
        case .done(.applied): return visit.goOn("applied")
        case .done(.unchanged): return visit.goOn("unchanged")
        case .drafted: return visit.goOn("drafted")
        }
    case "draft-accept", "draft-reject":
        guard let id = visit.text("draft").flatMap(Identifier.init) else { throw Refusal.notFound("draft") }
        guard visit.action == "draft-accept" else {
            _ = try await drafts.reject(id, reason: visit.text("reason"), by: visit.person)
            return visit.goOn("rejected")
        }
        _ = try await drafts.accept(id, by: visit.person)
        return visit.goOn("applied")
    default: throw Problem.malformed("The form says none of the things that can be done here.")
    }
}
