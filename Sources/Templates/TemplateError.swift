/// Why templates could not be loaded, or one of them not be rendered.
package struct TemplateError: Error, Hashable, CustomStringConvertible {
    /// The kinds of trouble, for callers that tell them apart.
    package enum Code: String, Sendable {
        case unreadable, malformed, missingInclude, includeCycle, unsafePlace, unknownTemplate, outOfMemory
    }

    /// The kind of trouble.
    package let code: Code
    /// The template's name, or the directory's when it is about all of them.
    package let file: String
    /// The line, counted from 1, where that is known.
    package let line: Int?
    /// What is wrong and what to do about it.
    package let problem: String

    init(_ code: Code, file: String, line: Int? = nil, _ problem: String) {
        self.code = code
        self.file = file
        self.line = line
        self.problem = problem
    }

    /// `proposal.html:12: the section CHECKS is never closed`.
    package var description: String {
        let place = line.map { "\(file):\($0)" } ?? file
        return "\(place): \(problem)"
    }
}
