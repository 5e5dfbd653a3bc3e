import Domain
import Gate
import HTTPServer
import JSON
import Postgres
import Store
import Templates

/// A page of settings: tables of what there is, and forms that change it.
struct SettingsPage: Sendable {
    /// A table, or a text that folds.
    struct Part: Sendable {
        struct Cell: Sendable {
            let text: String
            var address = ""

            init(_ text: String, address: String = "") {
                self.text = text
                self.address = address
            }
        }

        let title: String
        var words = ""
        /// Single facts, for where a table would have two columns.
        var facts: [(name: String, value: String)] = []
        var columns: [String] = []
        var rows: [[Cell]] = []
        var foldedTitle = ""
        var folded = ""
    }

    /// What somebody may send; the PIN is asked for at the end of each.
    struct Form: Sendable {
        struct Field: Sendable {
            enum Kind: Sendable {
                case text, secret, area
                case choice([(value: String, label: String)])
            }

            let name: String
            let label: String
            var hint = ""
            var kind = Kind.text
            var value = ""
        }

        let id: String
        let title: String
        var words = ""
        var fields: [Field] = []
        /// What the buttons do, by the value of `action`; all begin with the form's id.
        let buttons: [(action: String, label: String, isStop: Bool)]
    }

    let title: String
    let lead: String
    var parts: [Part] = []
    var forms: [Form] = []
    /// A key, at the one moment when it can be shown.
    var secret: (title: String, secret: IssuedSecret)?

    /// The page for a visit, with what was wrong about the form that came with it.
    func response(_ visit: SettingsVisit) async throws -> HTTPResponse {
        let surroundings = try await visit.context.gate.pool.withSnapshot { try Surroundings.load(in: $0) }
        var values: TemplateValues = [
            "HEADING": .text(title), "LEAD": .text(lead), "PLACES": .sections(visit.places),
            "DONE": .text(visit.problem == nil && secret == nil ? visit.done : ""),
            "NONCE": .text(visit.nonce), "PARTS": .sections(parts.map(\.values)),
            "FORMS": .sections(forms.map { $0.values(visit) }),
            "SECRET": .text(secret?.secret.text ?? ""), "SECRET_TITLE": .text(secret?.title ?? ""),
        ]
        if var problem = visit.problem {
            let form = visit.form
            problem.faults = problem.faults.map {
                JSONFault(pointer: "/\(form)-\($0.pointer.dropFirst())", detail: $0.detail)
            }
            values = values.merging(problem.values(labels: forms.first { $0.id == form }?.fields ?? [], form))
        }
        return try visit.context.page(
            "settings.html", visit.problem == nil ? title : "Error: \(title)", values,
            visitor: .person(visit.session), around: surroundings, current: "/settings",
            status: visit.problem?.status ?? 200)
    }
}

extension Problem {
    fileprivate func values(labels fields: [SettingsPage.Form.Field], _ form: String) -> TemplateValues {
        var values = values
        values["FAULTS"] = .sections(
            faults.map { fault in
                let id = String(fault.pointer.dropFirst())
                let name = String(id.dropFirst(form.count + 1))
                let label = fields.first { $0.name == name }?.label ?? (name == "pin" ? "Your PIN" : name)
                return ["FAULT": .text("\(label): \(fault.detail)"), "FIELD": .text(id)]
            })
        return values
    }
}

extension SettingsPage.Part {
    fileprivate var values: TemplateValues {
        [
            "PART_TITLE": .text(title), "PART_WORDS": .text(words), "HAS_ROWS": .shown(!rows.isEmpty),
            "HAS_FACTS": .shown(!facts.isEmpty),
            "FACTS": .sections(facts.map { ["FACT": .text($0.name), "FACT_VALUE": .text($0.value)] }),
            "COLUMNS": .sections(columns.map { ["COLUMN": .text($0)] }),
            "ROWS": .sections(
                rows.map { row in
                    [
                        "CELLS": .sections(
                            zip(columns, row).map { column, cell in
                                [
                                    "CELL_LABEL": .text(column), "CELL": .text(cell.text),
                                    "CELL_ADDRESS": .text(cell.address),
                                ]
                            })
                    ]
                }),
            "FOLDED_TITLE": .text(foldedTitle), "FOLDED": .text(folded),
        ]
    }
}

extension SettingsPage.Form {
    fileprivate func values(_ visit: SettingsVisit) -> TemplateValues {
        let isSent = visit.form == id
        let pin = Field(name: "pin", label: "Your PIN or password", hint: "Every change asks for it again.")
        return [
            "FORM_ID": .text(id), "FORM_TITLE": .text(title), "FORM_WORDS": .text(words),
            "FORM_ADDRESS": .text(visit.address),
            "FIELDS": .sections((fields + [pin]).map { $0.values(in: id, visit, isSent: isSent) }),
            "BUTTONS": .sections(
                buttons.map {
                    [
                        "BUTTON": .text($0.action), "BUTTON_LABEL": .text($0.label),
                        "IS_STOP": .shown($0.isStop),
                    ]
                }),
        ]
    }
}

extension SettingsPage.Form.Field {
    fileprivate func values(in form: String, _ visit: SettingsVisit, isSent: Bool) -> TemplateValues {
        let fault = isSent ? visit.problem?.faults.first { $0.pointer == "/\(name)" } : nil
        let typed = isSent ? visit.typed?.first(name) : nil
        let shown = typed ?? value
        var isText = false
        var isSecret = false
        var isArea = false
        var options: [(value: String, label: String)]?
        switch kind {
        case .text: isText = name != "pin"
        case .secret: isSecret = true
        case .area: isArea = true
        case .choice(let choices): options = choices
        }
        return [
            "FIELD_ID": .text("\(form)-\(name)"), "FIELD_NAME": .text(name), "FIELD_LABEL": .text(label),
            "HINT": .text(hint), "VALUE": .text(isText || isArea ? shown : ""),
            "FAULT_WORDS": .text(fault?.detail ?? ""), "IS_TEXT": .shown(isText),
            "IS_SECRET": .shown(isSecret), "IS_AREA": .shown(isArea), "IS_PIN": .shown(name == "pin"),
            "IS_SELECT": .shown(options != nil),
            "OPTIONS": .sections(
                (options ?? []).map {
                    [
                        "OPTION": .text($0.value), "OPTION_LABEL": .text($0.label),
                        "IS_CHOSEN": .shown($0.value == shown),
                    ]
                }),
        ]
    }
}
