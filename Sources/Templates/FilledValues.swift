import CTemplates

/// Values copied to where libctemplate looks them up; they live as long as this does.
struct FilledValues: ~Copyable {
    let values: OpaquePointer

    private init(owning values: OpaquePointer) {
        self.values = values
    }

    static func copied(from source: TemplateValues) throws(TemplateError) -> FilledValues {
        guard let values = templates_values_create() else { throw outOfMemory }
        let filled = FilledValues(owning: values)
        try fill(values, from: source)
        return filled
    }

    deinit {
        templates_values_destroy(values)
    }
}

private func fill(_ target: OpaquePointer, from source: TemplateValues) throws(TemplateError) {
    for (name, value) in source.values {
        switch value {
        case .text(let text):
            let isSet = withBytes(of: name) { name, nameCount in
                withBytes(of: text) { templates_values_set_text(target, name, nameCount, $0, $1) }
            }
            guard isSet else { throw outOfMemory }
        case .sections(let sections):
            guard withBytes(of: name, { templates_values_set_sections(target, $0, $1) }) else {
                throw outOfMemory
            }
            for section in sections {
                guard let child = withBytes(of: name, { templates_values_add_section(target, $0, $1) }) else {
                    throw outOfMemory
                }
                try fill(child, from: section)
            }
        }
    }
}

private let outOfMemory = TemplateError(.outOfMemory, file: "", "not enough memory for a template's values")

/// Lends a text's UTF-8 to a C function, without a terminating NUL.
func withBytes<Result>(of text: String, _ body: (UnsafePointer<CChar>?, Int) -> Result) -> Result {
    var text = text
    return text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
    }
}
