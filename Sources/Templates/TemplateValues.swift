/// What a template is filled with: texts and lists of sections by name.
///
/// A name is looked up in the section it stands in, then outwards. What is not there is empty, or hidden.
package struct TemplateValues: Sendable, Hashable, ExpressibleByDictionaryLiteral {
    /// One value of a template.
    package enum Value: Sendable, Hashable, ExpressibleByStringInterpolation {
        /// Escaped for the place it lands in; not empty, it also shows the section of its name.
        case text(String)
        /// The section of this name once per element, none at all for an empty list.
        case sections([TemplateValues])

        package init(stringLiteral value: String) {
            self = .text(value)
        }

        /// Shows the section of this name, or hides it.
        package static func shown(_ condition: Bool) -> Value {
            .sections(condition ? [[:]] : [])
        }
    }

    private(set) var values: [String: Value] = [:]

    /// No values: every text is empty and every section hidden.
    package init() {}

    package init(dictionaryLiteral elements: (String, Value)...) {
        for (name, value) in elements {
            values[name] = value
        }
    }

    /// The value of a name; `nil` takes it away.
    package subscript(name: String) -> Value? {
        get { values[name] }
        set { values[name] = newValue }
    }

    /// These values and the others; where both know a name, the others' holds.
    package func merging(_ others: TemplateValues) -> TemplateValues {
        var merged = self
        merged.values.merge(others.values) { $1 }
        return merged
    }
}
