import Domain
import Gate
import JSON

/// A week's review as people read it at the command line.
struct ReviewText {
    let review: JSONValue

    init(_ review: JSONValue) { self.review = review }

    var text: String {
        let week = review["week"]?.stringValue ?? "?"
        let questions = (review["questions"]?.arrayValue ?? []).map(lines)
        return (["Review of \(week): \(state)"] + questions + [ending]).joined(separator: "\n\n")
    }

    private var state: String {
        switch review["state"] {
        case "closed": "closed"
        case "open": "open, to be signed"
        default: "the week's report is not made yet"
        }
    }

    private func lines(_ question: JSONValue) -> String {
        let number = question["number"]?.numberText ?? "?"
        var lines = ["\(number). \(question["question"]?.stringValue ?? "")"]
        lines.append(indented(question["answer"]?.stringValue ?? "not answered yet"))
        if let by = question["by"]?.stringValue {
            let earlier = (question["version"]?.intValue ?? 1) - 1
            let revisions = earlier > 0 ? ", revised, \(earlier) earlier" : ""
            lines.append(indented("(\(by), \(question["at"]?.stringValue ?? "?")\(revisions))"))
        }
        return lines.joined(separator: "\n")
    }

    private func indented(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { "   \($0)" }
            .joined(separator: "\n")
    }

    private var ending: String {
        guard review["state"] != "preliminary" else {
            return
                "\(ReviewView.notMade(review["week"]?.stringValue ?? "?")) Until then there is nothing to sign."
        }
        let code = review["check_code"]?.stringValue ?? "?"
        guard let signature = review["signature"], !signature.isNull else {
            return "Check code of what stands here: \(code)"
        }
        let decision = signature["decision"]?.stringValue.flatMap { ReviewDecision(rawValue: $0) }
        let comment = signature["comment"]?.stringValue.map { "\n\(indented($0))" } ?? ""
        return
            "\(decision?.title ?? "?"): signed by \(signature["by"]?.stringValue ?? "?") at \(signature["at"]?.stringValue ?? "?"), check code \(code).\(comment)\n\(decision?.words ?? "")"
    }
}
