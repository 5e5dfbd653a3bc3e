/// Why a form or a query cannot be read.
package enum FormError: Error, Sendable, Hashable {
    case wrongContentType
    case tooManyFields(limit: Int)
    case fieldTooLong(limitBytes: Int)
    case encoding(PercentDecodingError)

    /// What is wrong, for the person who sent it.
    package var message: String {
        switch self {
        case .wrongContentType: "The body must be sent as application/x-www-form-urlencoded."
        case .tooManyFields(let limit): "There are more than \(limit) fields."
        case .fieldTooLong(let limit): "A field is longer than \(limit) bytes."
        case .encoding(.brokenEscape): "A percent sign is not followed by two hexadecimal digits."
        case .encoding(.invalidUTF8): "A field is not UTF-8 text."
        case .encoding(.nulCharacter): "A field contains a NUL character."
        }
    }
}

/// The fields of a form that a browser posted.
package typealias FormFields = QueryItems

/// Names and values of a query string or a form, in order.
package struct QueryItems: Sendable, Hashable {
    /// One name with its value; the value is empty where there was no equals sign.
    package struct Item: Sendable, Hashable {
        package let name: String
        package let value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How much a query or form may hold.
    package struct Limits: Sendable {
        package var fields: Int
        package var fieldBytes: Int

        package init(fields: Int = 200, fieldBytes: Int = 65_536) {
            self.fields = fields
            self.fieldBytes = fieldBytes
        }
    }

    /// Every item, in order.
    package let items: [Item]

    package init(_ items: [Item] = []) { self.items = items }

    /// Reads `a=1&b=2`, decoding percent escapes and plus signs.
    package init(parsing text: Substring, limits: Limits = Limits()) throws(FormError) {
        var items: [Item] = []
        for piece in text.split(separator: "&") {
            guard items.count < limits.fields else { throw .tooManyFields(limit: limits.fields) }
            guard piece.utf8.count <= limits.fieldBytes else {
                throw .fieldTooLong(limitBytes: limits.fieldBytes)
            }
            let equals = piece.utf8.firstIndex(of: UInt8(ascii: "=")) ?? piece.endIndex
            do throws(PercentDecodingError) {
                items.append(
                    Item(
                        name: try percentDecoded(piece[..<equals], plusIsSpace: true),
                        value: try percentDecoded(piece[equals...].dropFirst(), plusIsSpace: true)))
            } catch {
                throw .encoding(error)
            }
        }
        self.items = items
    }

    /// The value of the first item of this name.
    package func first(_ name: String) -> String? {
        items.first { $0.name == name }?.value
    }

    /// The values of all items of this name, in order.
    package func all(_ name: String) -> [String] {
        items.filter { $0.name == name }.map(\.value)
    }

    package subscript(name: String) -> String? { first(name) }
    package var isEmpty: Bool { items.isEmpty }
}
